/** A browser sends a handful; the rest of a longer header is ignored. */
const MAX_RANGES = 32

/**
 * The best of the available languages for an Accept-Language header (RFC 9110 section 12.5.4): "de-AT" matches "de".
 * @returns undefined if none is accepted.
 */
export function preferredLanguage(header: string, available: ReadonlySet<string>): string | undefined {
  const accepted = header.split(',', MAX_RANGES).flatMap((part) => {
    const [range = '', ...parameters] = part.split(';')
    const language = range.trim().toLowerCase().split('-')[0]!
    const weight = parameters.map((text) => /^\s*q=([\d.]+)\s*$/i.exec(text)?.[1]).find((text) => text)
    const quality = weight === undefined ? 1 : Number(weight)
    return available.has(language) && quality > 0 ? [{ language, quality }] : []
  })
  // The sort is stable: among equals the first counts.
  return accepted.sort((a, b) => b.quality - a.quality)[0]?.language
}
