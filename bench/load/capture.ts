import { spawn } from 'node:child_process'
import { once } from 'node:events'

/** Headers before RTP on the loopback interface; IPv4 without options. */
const [ETHERNET_BYTES, IPV4_BYTES, UDP_BYTES] = [14, 20, 8]
const RTP_AT = ETHERNET_BYTES + IPV4_BYTES + UDP_BYTES
const CAPTURED_BYTES = RTP_AT + 12
/** Only media packets of the load have 1170 bytes and more. */
const FILTER = 'udp and greater 1100'
/** pcap file with nanoseconds: its header, and that of each packet. */
const FILE_HEADER_BYTES = 24
const PACKET_HEADER_BYTES = 16
const NANOSECOND_MAGIC = 0xa1b23c4d

/** A datagram on the interface: its destination port, the RTP timestamp of its first packet, and capture time. */
export interface Captured {
  port: number
  timestamp: number
  /** Of its payload: several packets, if the kernel has not cut them apart yet (UDP_SEGMENT). */
  bytes: number
  atMs: number
}

/** Captures the loopback interface with tcpdump until it is stopped. Needs root. */
export async function captureLoopback(): Promise<{ stop: () => Promise<Captured[]> }> {
  const words = ['-i', 'lo', '-n', '-s', String(CAPTURED_BYTES), '--nano', '-B', '16384', '-w', '-', FILTER]
  const child = spawn('tcpdump', words, { stdio: ['ignore', 'pipe', 'pipe'] })
  const chunks: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk))
  let output = ''
  await new Promise<void>((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', () => reject(new Error(`tcpdump ended: ${output}`)))
    child.stderr.on('data', (chunk: Buffer) => {
      output += chunk.toString()
      if (output.includes('listening on')) resolve()
    })
  })
  return {
    stop: async () => {
      const ended = once(child, 'close')
      child.kill('SIGINT')
      await ended
      if (!/^0 packets dropped by kernel/m.test(output)) throw new Error(`tcpdump dropped packets: ${output}`)
      return read(Buffer.concat(chunks))
    },
  }
}

function read(file: Buffer): Captured[] {
  if (file.readUInt32LE(0) !== NANOSECOND_MAGIC) throw new Error('unexpected file format of tcpdump')
  const captured: Captured[] = []
  for (let at = FILE_HEADER_BYTES; at + PACKET_HEADER_BYTES <= file.length;) {
    const atMs = file.readUInt32LE(at) * 1000 + file.readUInt32LE(at + 4) / 1e6
    const packet = file.subarray(at + PACKET_HEADER_BYTES)
    captured.push({
      port: packet.readUInt16BE(ETHERNET_BYTES + IPV4_BYTES + 2),
      timestamp: packet.readUInt32BE(RTP_AT + 4),
      bytes: file.readUInt32LE(at + 12) - RTP_AT,
      atMs,
    })
    at += PACKET_HEADER_BYTES + file.readUInt32LE(at + 8)
  }
  return captured
}
