import { timestampOf, type Snapshot } from './snapshot.js'

/** Must not occur in a JPEG (RFC 2046 section 5.1.1). */
const BOUNDARY = 'rpi-webrtc-picture'
export const MJPEG_TYPE = `multipart/x-mixed-replace; boundary=${BOUNDARY}`

/** A reader that reads nothing for this long loses its slot. */
const STALL_MS = 30_000

/** Well below a frame interval, so that no snapshot is sent twice. */
const LATER_MS = 0.001

/**
 * The body of an MJPEG stream. It fetches the newest snapshot when the reader has read the last one: a slow reader gets fewer
 * snapshots, not older ones.
 * @param next rejects to end the stream.
 * @param onEnd called once, when the reader leaves or the camera ends.
 */
export function mjpegBody(
  first: Snapshot,
  next: (notBeforeMs: number, signal: AbortSignal) => Promise<Snapshot>,
  onEnd: () => void,
  stallMs = STALL_MS,
): ReadableStream<Uint8Array> {
  const ended = new AbortController()
  let stalled: NodeJS.Timeout | undefined
  let sent: Snapshot | undefined
  const end = (): void => {
    clearTimeout(stalled)
    if (!ended.signal.aborted) onEnd()
    ended.abort()
  }
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        clearTimeout(stalled)
        const snapshot =
          sent === undefined
            ? first
            : await next(sent.capturedAtMs + LATER_MS, ended.signal).catch(() => undefined)
        if (snapshot === undefined) {
          end()
          controller.close()
          return
        }
        controller.enqueue(part(snapshot, sent === undefined))
        sent = snapshot
        stalled = setTimeout(() => {
          end()
          controller.error(new Error(`the reader read nothing for ${stallMs} ms`))
        }, stallMs)
      },
      cancel: end,
    },
    { highWaterMark: 0 },
  )
}

/** Ends with the next boundary, because browsers display a part when they have received its end. */
function part({ jpeg, capturedAtMs }: Snapshot, isFirst: boolean): Uint8Array {
  const headers = [
    'Content-Type: image/jpeg',
    `Content-Length: ${jpeg.length}`,
    `X-Timestamp: ${timestampOf(capturedAtMs)}`,
  ]
  return Buffer.concat([
    Buffer.from(`${isFirst ? `--${BOUNDARY}\r\n` : ''}${headers.join('\r\n')}\r\n\r\n`),
    jpeg,
    Buffer.from(`\r\n--${BOUNDARY}\r\n`),
  ])
}
