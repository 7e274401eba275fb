import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { onTestFinished } from 'vitest'
import type { PacketCounter } from '../../src/camera/capture/stall-detector.js'

/** Counts the packets on a UDP port of 127.0.0.1, as the RTP ingest does, and keeps the last second of them. */
export async function openPacketWatch(
  port = 0,
): Promise<PacketCounter & { port: number; received: Buffer[] }> {
  const socket = createSocket('udp4')
  onTestFinished(() => void socket.close())
  socket.bind(port, '127.0.0.1')
  await once(socket, 'listening')
  const watch = {
    port: socket.address().port,
    packets: 0,
    ignored: 0,
    received: [] as Buffer[],
    async nextPacket(signal: AbortSignal) {
      const { packets } = watch
      while (watch.packets === packets) await once(socket, 'message', { signal })
    },
  }
  socket.on('message', (packet: Buffer) => {
    if (packet.toString() === 'noise') {
      watch.ignored++
      return
    }
    watch.packets++
    watch.received.push(packet)
  })
  return watch
}
