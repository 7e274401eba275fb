import { closestMatch } from '../lib/suggest.js'
import { answerText, type Answer, type Translate } from './foreign-answer.js'
import { PICTURE_ROWS } from './foreign-picture.js'
import { SERVICE_ROWS } from './foreign-services.js'
import { CONFIG_KEYS } from './keys.js'
import { bitsOf, isOn, numberOf, textOf } from './foreign-values.js'

const BY_NAME: ReadonlyMap<string, Translate> = new Map(
  [...PICTURE_ROWS, ...SERVICE_ROWS].flatMap(([names, translate]) =>
    names.split(' ').map((name) => [name, translate] as const),
  ),
)

/** Keys that MediaMTX has with a prefix, and this program without it. */
const OWN: ReadonlyMap<string, string> = new Map(
  [...CONFIG_KEYS.camera, ...CONFIG_KEYS.video].map((key) => [bare(key), key]),
)

function bare(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z0-9]/g, '')
}

const PREFIX = /^(?:rpi-?camera|libcamera|camera|video|stream|motion|ustreamer)(?=[-_]?.)/i

/** The answer for a key that another program has, and this one has not. */
export function foreignKey(written: string, value: unknown, siblings: object = {}): Answer | undefined {
  const name = bare(written)
  if (name.length > MAX_LENGTH) return undefined
  const known = BY_NAME.get(name)
  if (known !== undefined) return isMirroredTwice(name, siblings) ? TURNED : known(value)
  if (!PREFIX.test(written)) return undefined
  const rest = bare(written.replace(PREFIX, ''))
  const own = OWN.get(rest)
  if (own !== undefined) return ownKey(own, value)
  return isMirroredTwice(rest, siblings) ? TURNED : BY_NAME.get(rest)?.(value)
}

const MAX_LENGTH = 60

const TURNED: Answer = [{ table: 'camera', key: 'flip-method', value: 'rotate-180' }]

/** A table with both is turned, and flip-method has one value. */
function isMirroredTwice(name: string, siblings: object): boolean {
  if (!/^[hv]flip$/.test(name)) return false
  const on = new Set(
    Object.entries(siblings).flatMap(([key, value]) => (isOn(value) ? [bare(key.replace(PREFIX, ''))] : [])),
  )
  return on.has('hflip') && on.has('vflip')
}

/** `rpiCameraWidth` is width. */
function ownKey(key: string, value: unknown): Answer {
  const table = CONFIG_KEYS.video.includes(key) ? 'video' : 'camera'
  if (key === 'codec') return [{ table, key, value: /vp8/i.test(textOf(value)) ? 'vp8' : 'h264' }]
  if (key === 'bitrate') return [{ table, key, value: bitsOf(value) ?? 2_000_000 }]
  if (key === 'hdr') return /^(?:|false|no|off|0)$/i.test(textOf(value)) ? [] : [{ table, key, value: true }]
  return textOf(value) === '' ? [] : [{ table, key, value: numberOf(value) ?? textOf(value) }]
}

/** The rest of a sentence about a key that no table has; undefined if no other program has it either. */
export function aboutForeignKey(
  key: string,
  value: unknown,
  table: string | undefined,
  siblings?: object,
): string | undefined {
  const answer = foreignKey(key, value, siblings)
  return answer === undefined ? undefined : answerText(answer, table)
}

/** The same for a table: `[rtsp]`, `[record]`. */
export function aboutForeignTable(name: string): string | undefined {
  if (closestMatch(name, ['server', 'video', 'webrtc', 'rtsp', 'limits']) !== undefined) return undefined
  const answer = foreignKey(name, '')
  return typeof answer === 'string' ? answer : undefined
}
