/** One packet of the GStreamer Data Protocol 1.0, the format of the element gdppay. */
export interface GdpPacket {
  kind: 'buffer' | 'other'
  /** The buffer's presentation time on its pipeline's own time line; undefined where it has none. */
  timestampMs: number | undefined
  payload: Buffer<ArrayBuffer>
}

const HEADER_BYTES = 62
const MAJOR_VERSION = 1
const TYPE_BUFFER = 1
/** GST_CLOCK_TIME_NONE */
const NO_TIME = 2n ** 64n - 1n

/** A picture of 12 megapixels at our quality has a third of this. */
const MAX_PAYLOAD_BYTES = 32 * 1024 * 1024

/**
 * Cuts a stream of bytes into packets, in whatever pieces it comes: at most one unfinished packet is kept.
 * @returns a function that takes the next piece; it throws where the stream is not GDP.
 */
export function createGdpReader(onPacket: (packet: GdpPacket) => void): (piece: Buffer) => void {
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

  return (piece) => {
    let at = 0
    while (at < piece.length) {
      const into = payload ?? header
      const taken = piece.copy(into, filled, at)
      filled += taken
      at += taken
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
  if (header[0] !== MAJOR_VERSION) throw new Error(`this is no GDP ${MAJOR_VERSION}: version ${header[0]}`)
  if (bytes > MAX_PAYLOAD_BYTES) throw new Error(`a packet of ${bytes} bytes is no picture`)
  return bytes
}

const millisecondsOf = (nanoseconds: bigint): number | undefined =>
  nanoseconds === NO_TIME ? undefined : Number(nanoseconds) / 1e6
