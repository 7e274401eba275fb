import type { MediaPacket } from '../../src/rtp/packet.js'

/** x264enc, baseline, 640x480. */
export const SPS = Buffer.from('6742c01ed900a03db016a0c0c0d4a0000003002000000791e2c5c9', 'hex')
export const PPS = Buffer.from('68cb83cb20', 'hex')
/** x264enc, high, 320x240. */
export const HIGH_SPS = Buffer.from('67640014acb20283f602d418181a94000003000400000300f23c50a920', 'hex')

export const slice = (type: 1 | 5, bytes = 40): Buffer =>
  Buffer.concat([Buffer.of(type === 5 ? 0x65 : 0x41, 0x88), Buffer.alloc(bytes, type)])

/** STAP-A (RFC 6184 section 5.7.1). */
export const aggregate = (...units: Buffer[]): Buffer =>
  Buffer.concat([
    Buffer.of(0x78),
    ...units.flatMap((unit) => [Buffer.of(unit.length >> 8, unit.length & 0xff), unit]),
  ])

/** FU-A (section 5.8). */
export function fragments(unit: Buffer, size: number): Buffer[] {
  const pieces = Math.ceil((unit.length - 1) / size)
  return Array.from({ length: pieces }, (_, i) => {
    const header = (i === 0 ? 0x80 : 0) | (i === pieces - 1 ? 0x40 : 0) | (unit[0]! & 0x1f)
    const body = unit.subarray(1 + i * size, 1 + (i + 1) * size)
    return Buffer.concat([Buffer.of((unit[0]! & 0xe0) | 28, header), body])
  })
}

/** Numbers packets: the last payload of each frame has the marker. */
export function packetizer(firstIndex = 0, firstTimestamp = 0, ticks = 3000) {
  let index = firstIndex
  let timestamp = firstTimestamp
  return (...payloads: Buffer[]): MediaPacket[] => {
    const packets = payloads.map((payload, i) => ({
      index: index++,
      timestamp,
      marker: i === payloads.length - 1,
      startsKeyframe: payload === SPS || (payload[0]! & 0x1f) === 24,
      payload,
    }))
    timestamp = (timestamp + ticks) >>> 0
    return packets
  }
}
