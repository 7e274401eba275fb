import { writeNtp } from './ntp.js'

/** Tells how long a receiver may keep a picture before it shows it; sent as 0 and 0: at once. */
export const PLAYOUT_DELAY = 'http://www.webrtc.org/experiments/rtp-hdrext/playout-delay'
/** Tells when a picture was captured, by the clock that our sender reports tell. */
export const ABS_CAPTURE_TIME = 'http://www.webrtc.org/experiments/rtp-hdrext/abs-capture-time'
export const WRITTEN_EXTENSIONS = [PLAYOUT_DELAY, ABS_CAPTURE_TIME]

const PLAYOUT_DELAY_BYTES = 3
const CAPTURE_TIME_BYTES = 8

/**
 * Writes the header extension of one packet (RFC 8285 section 4.2): the profile and the length in words, an element for each
 * negotiated extension, padding.
 * @param ids the client's number of each extension, by its URI; one that it does not know is not written.
 * @param capturedWallMs Unix time of the capture; undefined while it is not known, then it is not told.
 * @returns undefined where there is nothing to tell.
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

/** When a picture was captured, in monotonic milliseconds; `CaptureClock` fits. */
export interface FrameClock {
  captureMonotonicMs(timestamp: number): number | undefined
}

/** Says of each picture that it is to be shown at once, and when it was captured, to who wants to know. */
export function describeFrames(ids: ReadonlyMap<string, number>, clock: FrameClock): DescribeFrame {
  if (!WRITTEN_EXTENSIONS.some((uri) => ids.has(uri))) return () => undefined
  return (timestamp) => {
    const capturedMs = clock.captureMonotonicMs(timestamp)
    const wallMs = capturedMs === undefined ? undefined : Date.now() - (performance.now() - capturedMs)
    return writeHeaderExtension(ids, wallMs)
  }
}
/** What a picture's header extension says, by its RTP timestamp; undefined where there is nothing to say. */

export type DescribeFrame = (timestamp: number) => Buffer | undefined
