import { closestMatch } from '../lib/suggest.js'

export type Device =
  | { kind: 'libcamera'; name: string }
  | { kind: 'v4l2'; path: string }
  | { kind: 'test'; pattern: string }
  | { kind: 'rtp'; port: number }

/** The values of videotestsrc's `pattern`, GStreamer 1.22 to 1.26. */
const TEST_PATTERNS =
  'smpte snow black white red green blue checkers-1 checkers-2 checkers-4 checkers-8 circular blink smpte75 zone-plate gamut chroma-zone-plate solid-color ball smpte100 bar pinwheel spokes gradient colors smpte-rp-219'.split(
    ' ',
  )

/**
 * Any other text is a libcamera name: only libcamera knows which exist, and a missing one is a state of the camera.
 * @throws Error whose message is the rest of a sentence that begins with the value.
 */
export function parseDevice(text: string): Device {
  const video = /^\/?(?:dev\/)?(video\d+)$/i.exec(text)?.[1]
  if (video !== undefined && !text.startsWith('/dev/'))
    throw new Error(`is not a device: write "/dev/${video.toLowerCase()}"`)
  if (/^test$/i.test(text)) throw new Error('needs a pattern: write "test:smpte"')
  if (/\p{Cc}/u.test(text)) throw new Error('has a control character in it: write the name again')
  if (text.trim() === '')
    throw new Error('is empty: write a camera name, /dev/videoN, test:smpte or rtp://127.0.0.1:PORT')
  if (text !== text.trim()) throw new Error('has a space at its end: delete it')
  if (text.startsWith('rtp:')) return { kind: 'rtp', port: parseRtpUrl(text) }
  if (/^[a-z]+:\/\//i.test(text)) {
    throw new Error(
      'is an address this program does not fetch: have another program send RTP to "rtp://127.0.0.1:PORT"',
    )
  }
  if (text.startsWith('test:')) return { kind: 'test', pattern: parsePattern(text.slice('test:'.length)) }
  if (text.startsWith('/dev/')) return { kind: 'v4l2', path: text }
  return { kind: 'libcamera', name: text }
}

function parsePattern(pattern: string): string {
  if (TEST_PATTERNS.includes(pattern)) return pattern
  const meant = closestMatch(pattern, TEST_PATTERNS) ?? 'smpte'
  throw new Error(`is not a test picture: write for example "test:${meant}"`)
}

function parseRtpUrl(text: string): number {
  const match = /^rtp:\/\/(127(?:\.\d{1,3}){3}|localhost):(\d{1,5})$/.exec(text)
  const port = Number(match?.[2])
  if (match === null || port < 1 || port > 65535) {
    throw new Error('has to be rtp://127.0.0.1:PORT: RTP is accepted from programs on this machine only')
  }
  return port
}
