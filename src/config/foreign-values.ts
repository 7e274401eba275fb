/** Values of other programs, which write numbers and switches in many ways. */

export const textOf = (value: unknown): string =>
  typeof value === 'string'
    ? value.trim()
    : Array.isArray(value)
      ? value.map(textOf).join(',')
      : typeof value === 'number' || typeof value === 'boolean'
        ? String(value)
        : ''

export const numberOf = (value: unknown): number | undefined => {
  const text = textOf(value)
  return /^[+-]?(?:\d+\.?\d*|\.\d+)$/.test(text) ? Number(text) : undefined
}

/** An option without a value is on. */
export const isOn = (value: unknown): boolean => !/^(?:false|no|off|0|none|disabled?)$/i.test(textOf(value))

/** `0.25,0.25,0.5,0.5`: at most 40 numbers. */
export const numbersOf = (value: unknown): number[] =>
  Array.from(textOf(value).matchAll(/[+-]?\d+(?:\.\d+)?/g), ([number]) => Number(number)).slice(0, 40)

/** `1280x720`, `1280*720`, `[1280, 720]`, and names of sizes. */
export function sizeOf(value: unknown): { width: number; height: number } | undefined {
  const text = textOf(value)
  const name = SIZES[text.toLowerCase()]
  const match = /^(\d{2,4})\s*[x*×,: ]\s*(\d{2,4})(?:\D|$)/i.exec(name ?? text)
  return match === null ? undefined : { width: Number(match[1]), height: Number(match[2]) }
}

const SIZES: Record<string, string> = {
  vga: '640x480',
  svga: '800x600',
  hd: '1280x720',
  '720p': '1280x720',
  fhd: '1920x1080',
  'full-hd': '1920x1080',
  fullhd: '1920x1080',
  '1080p': '1920x1080',
  '480p': '640x480',
}

/** `2M`, `2000k`, `2000kbps`: bits per second. */
export function bitsOf(value: unknown): number | undefined {
  const match = /^(\d+(?:\.\d+)?)\s*([km]?)(?:i?b(?:it)?(?:\/s|ps)?)?$/i.exec(textOf(value))
  if (match === null) return undefined
  const number = Number(match[1])
  const unit = match[2]!.toLowerCase()
  if (unit !== '') return Math.round(number * (unit === 'm' ? 1_000_000 : 1000))
  return number < 100 ? number * 1_000_000 : number < 25_000 ? number * 1000 : number
}

/** `:8889`, `0.0.0.0:8889`, `8889`. */
export function portOf(value: unknown): number | undefined {
  const match = /^(?:.*:)?(\d{1,5})$/.exec(textOf(value))
  return match === null ? undefined : Number(match[1])
}

/** `10s`, `1m`, `500ms`, `10`: whole seconds. */
export function secondsOf(value: unknown): number | undefined {
  const match = /^(\d+(?:\.\d+)?)\s*(ms|s|m|h)?$/.exec(textOf(value))
  if (match === null) return undefined
  return Math.round(
    Number(match[1]) * { ms: 0.001, s: 1, m: 60, h: 3600 }[(match[2] as 's' | undefined) ?? 's'],
  )
}
