import { timestampOf, type Snapshot } from './snapshot.js'

/** Of our making, and no sequence of a JPEG: RFC 2046 section 5.1.1. */
const BOUNDARY = 'rpi-webrtc-picture'
export const MJPEG_TYPE = `multipart/x-mixed-replace; boundary=${BOUNDARY}`

/** One who takes nothing for so long is gone, or has stopped for good: its place is given to another. */
const STALL_MS = 30_000

/** Parts follow each other strictly; the same picture is never sent twice. Well below the time between two pictures. */
const LATER_MS = 0.001

/**
 * The body of an MJPEG stream. A picture is fetched when the reader has taken the one before, and then it is the newest:
 * a slow reader gets fewer pictures, not older ones, and one picture is all that is kept for it.
 * @param next rejects where there will be no further picture, which ends the stream.
 * @param onEnd is called once, when the reader or the camera is gone.
 */
export function mjpegBody(
  first: Snapshot,
  next: (notBeforeMs: number, over: AbortSignal) => Promise<Snapshot>,
  onEnd: () => void,
  stallMs = STALL_MS,
): ReadableStream<Uint8Array> {
  const over = new AbortController()
  let stalled: NodeJS.Timeout | undefined
  let sent: Snapshot | undefined
  const end = (): void => {
    clearTimeout(stalled)
    if (!over.signal.aborted) onEnd()
    over.abort()
  }
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        clearTimeout(stalled)
        const picture =
          sent === undefined
            ? first
            : await next(sent.capturedAtMs + LATER_MS, over.signal).catch(() => undefined)
        if (picture === undefined) {
          end()
          controller.close()
          return
        }
        controller.enqueue(part(picture, sent === undefined))
        sent = picture
        stalled = setTimeout(() => {
          end()
          controller.error(new Error(`the reader took nothing for ${stallMs} ms`))
        }, stallMs)
      },
      cancel: end,
    },
    { highWaterMark: 0 },
  )
}

/** With the boundary of the next part at its end: browsers show a part when they have seen where it ends. */
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
