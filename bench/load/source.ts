import { createSocket } from 'node:dgram'
import { answerLines, monotonicMs } from './child.js'

/**
 * source.ts PORT[,PORT...] PACKETS_PER_SECOND BURST_MS: RTP of 1170 bytes with payload type 96, VP8 in frames of some packets, to
 * each 127.0.0.1:PORT in bursts, as a pipeline sends it. A line on stdin is answered with what was sent since the last one.
 */
const ports = process.argv[2]!.split(',').map(Number)
const [rate, burstMs] = process.argv.slice(3).map(Number) as [number, number]
const PACKET_BYTES = 1170
const FRAMES_PER_KEYFRAME = 30
const TICKS_PER_FRAME = 3000

const framePackets = Math.max(1, Math.round(rate / 30))
const socket = createSocket('udp4')
const packet = Buffer.alloc(PACKET_BYTES)
packet.writeUInt16BE(0x8060, 0) // version 2, payload type 96
packet.writeUInt32BE(0x1234, 8)
let sent = 0
let sentAtMs: [timestamp: number, atMs: number][] = []
const startedMs = performance.now()

setInterval(() => {
  const due = ((performance.now() - startedMs) * rate) / 1000
  for (; sent < due; sent++) {
    const frame = Math.floor(sent / framePackets)
    const position = sent % framePackets
    const timestamp = (frame * TICKS_PER_FRAME + position) >>> 0 // unique per packet, to identify it
    packet[1] = position === framePackets - 1 ? 0xe0 : 0x60
    packet.writeUInt16BE(sent & 0xffff, 2)
    packet.writeUInt32BE(timestamp, 4)
    packet[12] = position === 0 ? 0x10 : 0x00 // VP8 payload descriptor: start of a frame, or not
    packet[13] = frame % FRAMES_PER_KEYFRAME === 0 ? 0x00 : 0x01 // inverse keyframe flag
    sentAtMs.push([timestamp, monotonicMs()])
    for (const port of ports) socket.send(Buffer.from(packet), port, '127.0.0.1')
  }
}, burstMs)

export type Sent = typeof sentAtMs
await answerLines(() => {
  const answer = sentAtMs
  sentAtMs = []
  return answer
})
