import { writeNtp } from './ntp.js'

/** Sent as 0 and 0: the receiver plays a frame without delay. */
export const PLAYOUT_DELAY = 'http://www.webrtc.org/experiments/rtp-hdrext/playout-delay'
/** The capture time of a frame, in the clock of our sender reports. */
export const ABS_CAPTURE_TIME = 'http://www.webrtc.org/experiments/rtp-hdrext/abs-capture-time'
export const WRITTEN_EXTENSIONS = [PLAYOUT_DELAY, ABS_CAPTURE_TIME]
/** RFC 9143 section 15.2: the section of the description that a packet belongs to. Media servers expect it of a publisher. */
export const SDES_MID = 'urn:ietf:params:rtp-hdrext:sdes:mid'
/** The section of our own offers. */
export const MID = '0'

const PLAYOUT_DELAY_BYTES = 3
const CAPTURE_TIME_BYTES = 8

/**
 * Writes the one-byte form (RFC 8285 section 4.2): profile, length in words, the negotiated elements, padding.
 * @param ids the client's id of each extension, by URI. @param capturedWallMs Unix time; undefined while unknown.
 * @returns undefined without elements.
 */
export function writeHeaderExtension(
  ids: ReadonlyMap<string, number>,
  capturedWallMs: number | undefined,
): Buffer | undefined {
  const elements: number[] = []
  const add = (id: number, data: Iterable<number>, bytes: number): void =>
    void elements.push((id << 4) | (bytes - 1), ...data)
  const playoutDelay = ids.get(PLAYOUT_DELAY)
  if (playoutDelay !== undefined) add(playoutDelay, [0, 0, 0], PLAYOUT_DELAY_BYTES)
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

export function describeFrames(ids: ReadonlyMap<string, number>, clock: FrameClock): DescribeFrame {
  if (![SDES_MID, ...WRITTEN_EXTENSIONS].some((uri) => ids.has(uri))) return () => undefined
  return (timestamp) => {
    const capturedMs = clock.captureMonotonicMs(timestamp)
    const wallMs = capturedMs === undefined ? undefined : Date.now() - (performance.now() - capturedMs)
    return writeHeaderExtension(ids, wallMs)
  }
}

export type DescribeFrame = (timestamp: number) => Buffer | undefined
