/** A text to draw: for textoverlay as it is, or for clockoverlay with conversions of strftime(3). Both are Pango markup. */
export interface OverlayText {
  hasTime: boolean
  markup: string
  /** The longest that the text can become, in bytes. */
  maxBytes: number
}

/** clockoverlay has a buffer of 256 bytes, and draws nothing if the text does not fit. */
export const MAX_OVERLAY_BYTES = 255

/** Longest results in the C locale; the others have at most four bytes. */
const LONGEST: Record<string, number> = {
  c: 24,
  A: 9,
  B: 9,
  D: 8,
  F: 11,
  r: 11,
  s: 11,
  T: 8,
  X: 8,
  x: 8,
  z: 5,
  Z: 8,
}

/**
 * A conversion of glibc, without a width, which would let a short text become long. `%` before anything else is drawn as
 * it is, so that "50 % of" needs no escape.
 */
const PARTS = /%[-_0^#]?[EO]?([aAbBcCdDeFgGhHIjklmMnpPrRsStTuUVwWxXyYzZ])|%%?|[^%]+/g

export function parseOverlayText(text: string): OverlayText {
  const parts = Array.from(text.matchAll(PARTS), ([part, conversion]) => ({ part, conversion }))
  const hasTime = parts.some(({ conversion }) => conversion !== undefined)
  let markup = ''
  let maxBytes = 0
  for (const { part, conversion } of parts) {
    if (conversion === 't')
      markup += ' ' // a tab would leave a gap of eight characters
    else if (conversion !== undefined) markup += part
    else if (part.startsWith('%')) markup += hasTime ? '%%' : '%'
    else markup += escapeMarkup(part)
    maxBytes += conversion === undefined ? byteLength(escapeMarkup(part)) : (LONGEST[conversion] ?? 4)
  }
  return { hasTime, markup, maxBytes }
}

const byteLength = (text: string): number => new TextEncoder().encode(text).length

/** Pango draws nothing, and logs an error per frame, for a bare & or <. */
export const escapeMarkup = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
