import { writeNtp } from './ntp.js'

/** Sent as 0 and 0, the receiver plays a frame without delay. With a maximum it may delay the picture until its sound has come. */
export const PLAYOUT_DELAY = 'http://www.webrtc.org/experiments/rtp-hdrext/playout-delay'
/** The capture time of a frame, in the clock of our sender reports. */
export const ABS_CAPTURE_TIME = 'http://www.webrtc.org/experiments/rtp-hdrext/abs-capture-time'
export const WRITTEN_EXTENSIONS = [PLAYOUT_DELAY, ABS_CAPTURE_TIME]
/** RFC 9143 section 15.2: the section of the description that a packet belongs to. Media servers expect it of a publisher. */
export const SDES_MID = 'urn:ietf:params:rtp-hdrext:sdes:mid'
/** The section of our own offers. */
export const MID = '0'

/** Minimum and maximum, 12 bits each, in units of 10 ms. */
const AT_ONCE = [0x00, 0x00, 0x00]
const WITH_SOUND = [0x00, 0x00, 0x28] // 0 to 400 ms
const CAPTURE_TIME_BYTES = 8

/**
 * Writes the one-byte form (RFC 8285 section 4.2): profile, length in words, the negotiated elements, padding.
 * @param ids the client's id of each extension, by URI. @param capturedWallMs Unix time; undefined while unknown.
 * @param waitsForSound whether picture and sound are to be played together.
 * @returns undefined without elements.
 */
export function writeHeaderExtension(
  ids: ReadonlyMap<string, number>,
  capturedWallMs: number | undefined,
  waitsForSound = false,
): Buffer | undefined {
  const elements: number[] = []
  const add = (id: number, data: Iterable<number>, bytes: number): void =>
    void elements.push((id << 4) | (bytes - 1), ...data)
  const playoutDelay = ids.get(PLAYOUT_DELAY)
  if (playoutDelay !== undefined) {
    const delays = waitsForSound ? WITH_SOUND : AT_ONCE
    add(playoutDelay, delays, delays.length)
  }
  const mid = ids.get(SDES_MID)
  if (mid !== undefined) add(mid, Buffer.from(MID), MID.length)
  const captureTime = ids.get(ABS_CAPTURE_TIME)
  if (captureTime !== undefined && capturedWallMs !== undefined)
    add(captureTime, ntpTimestamp(capturedWallMs), CAPTURE_TIME_BYTES)
  if (elements.length === 0) return undefined
  const words = Math.ceil(elements.length / 4)
  const extension = Buffer.alloc(4 + words * 4)
  extension.writeUInt16BE(0xbede, 0)
  extension.writeUInt16BE(words, 2)
  extension.set(elements, 4)
  return extension
}

function ntpTimestamp(wallMs: number): Buffer {
  const timestamp = Buffer.alloc(CAPTURE_TIME_BYTES)
  writeNtp(timestamp, 0, wallMs)
  return timestamp
}

export interface FrameClock {
  captureMonotonicMs(timestamp: number): number | undefined
}

/** @param waitsForSound asked for each description. */
export function describeFrames(
  ids: ReadonlyMap<string, number>,
  clock: FrameClock,
  waitsForSound = (): boolean => false,
): DescribeFrame {
  if (![SDES_MID, ...WRITTEN_EXTENSIONS].some((uri) => ids.has(uri))) return () => undefined
  return (timestamp) => {
    const capturedMs = clock.captureMonotonicMs(timestamp)
    const wallMs = capturedMs === undefined ? undefined : Date.now() - (performance.now() - capturedMs)
    return writeHeaderExtension(ids, wallMs, waitsForSound())
  }
}

export type DescribeFrame = (timestamp: number) => Buffer | undefined
