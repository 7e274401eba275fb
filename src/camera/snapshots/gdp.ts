/** A packet of the GStreamer Data Protocol 1.0, which gdppay writes. */
export interface GdpPacket {
  kind: 'buffer' | 'other'
  /** Presentation time in the pipeline; undefined if the buffer has none. */
  timestampMs: number | undefined
  payload: Buffer<ArrayBuffer>
}

const HEADER_BYTES = 62
const MAJOR_VERSION = 1
const TYPE_BUFFER = 1
/** GST_CLOCK_TIME_NONE */
const NO_TIME = 2n ** 64n - 1n

/** A JPEG of 12 megapixels at our quality has a third of this. */
const MAX_PAYLOAD_BYTES = 32 * 1024 * 1024

/**
 * Splits a byte stream into packets; buffers at most one unfinished packet.
 * @returns a function to call with each chunk; it throws if the stream is not GDP.
 */
export function createGdpReader(onPacket: (packet: GdpPacket) => void): (chunk: Buffer) => void {
  const header = Buffer.alloc(HEADER_BYTES)
  let filled = 0
  let payload: Buffer<ArrayBuffer> | undefined

  const finish = (body: Buffer<ArrayBuffer>): void => {
    payload = undefined
    filled = 0
    onPacket({
      kind: header.readUInt16BE(4) === TYPE_BUFFER ? 'buffer' : 'other',
      timestampMs: millisecondsOf(header.readBigUInt64BE(10)),
      payload: body,
    })
  }

  return (chunk) => {
    let at = 0
    while (at < chunk.length) {
      const into = payload ?? header
      const copied = chunk.copy(into, filled, at)
      filled += copied
      at += copied
      if (filled < into.length) return
      if (payload !== undefined) finish(payload)
      else {
        payload = Buffer.allocUnsafe(payloadBytes(header))
        filled = 0
        if (payload.length === 0) finish(payload)
      }
    }
  }
}

function payloadBytes(header: Buffer): number {
  const bytes = header.readUInt32BE(6)
  if (header[0] !== MAJOR_VERSION) throw new Error(`not GDP ${MAJOR_VERSION}: version ${header[0]}`)
  if (bytes > MAX_PAYLOAD_BYTES) throw new Error(`a packet of ${bytes} bytes is too large for a JPEG`)
  return bytes
}

const millisecondsOf = (nanoseconds: bigint): number | undefined =>
  nanoseconds === NO_TIME ? undefined : Number(nanoseconds) / 1e6
