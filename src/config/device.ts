import { closestMatch } from '../lib/suggest.js'
import { foreignDevice } from './foreign-devices.js'
import { wrongType } from './values.js'

export type Device =
  /** libcamera's name, or a short one that is looked up before the camera starts: a sensor (`imx708`), or `csi0` and `csi1`. */
  | { kind: 'libcamera'; name: string }
  | { kind: 'v4l2'; path: string }
  | { kind: 'test'; pattern: string }
  | { kind: 'rtp'; port: number }
  /** Clients publish to it over the network (RFC 9725). */
  | { kind: 'whip' }

/** Whether another program or machine captures and encodes: there is no process to start, and nothing to set. */
export const isExternal = ({ kind }: Device): boolean => kind === 'rtp' || kind === 'whip'

/** The values of videotestsrc's `pattern`, GStreamer 1.22 to 1.26. */
const TEST_PATTERNS =
  'smpte snow black white red green blue checkers-1 checkers-2 checkers-4 checkers-8 circular blink smpte75 zone-plate gamut chroma-zone-plate solid-color ball smpte100 bar pinwheel spokes gradient colors smpte-rp-219'.split(
    ' ',
  )

const MAX_LENGTH = 1000

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
    throw new Error('is empty: write a camera name, /dev/videoN, test:smpte, rtp://127.0.0.1:PORT or whip')
  if (text.length > MAX_LENGTH) throw new Error('is longer than the name of any device: write the name alone')
  if (text !== text.trim()) throw new Error('has a space at its end: delete it')
  const connector = /^(?:csi|cam)[-_]?([01])$/i.exec(text)?.[1]
  if (connector !== undefined) return { kind: 'libcamera', name: `csi${connector}` }
  if (/^whips?(?::|$)/i.test(text)) return parseWhip(text)
  const foreign = foreignDevice(text)
  if (foreign !== undefined) throw new Error(foreign)
  if (text.startsWith('rtp:')) return { kind: 'rtp', port: parseRtpUrl(text) }
  if (text.startsWith('test:')) return { kind: 'test', pattern: parsePattern(text.slice('test:'.length)) }
  if (text.startsWith('/dev/')) return { kind: 'v4l2', path: text }
  const folder = udevFolder(text)
  if (folder !== undefined) return { kind: 'v4l2', path: `/dev/v4l/${folder}/${text}` }
  return { kind: 'libcamera', name: text }
}

/** `device = 0` in quotes would be wrong too. */
export const aboutNoText = (value: unknown): string =>
  (typeof value === 'number' ? foreignDevice(String(value)) : undefined) ?? wrongType(value, 'text in quotes')

/** The folder in /dev/v4l of a name that udev gave: `usb-046d_HD_Webcam-video-index0`, `pci-0000:00:14.0-usb-0:1:1.0-video-index0`. */
function udevFolder(text: string): 'by-id' | 'by-path' | undefined {
  if (!/^[\w.:+-]+-index\d+$/.test(text)) return undefined
  return text.startsWith('usb-') ? 'by-id' : 'by-path'
}

function parsePattern(pattern: string): string {
  if (TEST_PATTERNS.includes(pattern)) return pattern
  const meant = closestMatch(pattern, TEST_PATTERNS) ?? 'smpte'
  throw new Error(`is not a test picture: write for example "test:${meant}"`)
}

function parseWhip(text: string): Device {
  if (text === 'whip') return { kind: 'whip' }
  throw new Error('has to be "whip": publishers send to this server, at /cameraN/whip')
}

function parseRtpUrl(text: string): number {
  const match = /^rtp:\/\/(127(?:\.\d{1,3}){3}|localhost):(\d{1,5})$/.exec(text)
  const port = Number(match?.[2])
  if (match === null || port < 1 || port > 65535) {
    throw new Error('has to be rtp://127.0.0.1:PORT: RTP is accepted from programs on this machine only')
  }
  return port
}
