import { spawn } from 'node:child_process'
import { once } from 'node:events'

/** Ethernet, IPv4 without options and UDP: what stands before RTP in what is captured of the loopback interface. */
const [ETHERNET_BYTES, IPV4_BYTES, UDP_BYTES] = [14, 20, 8]
const RTP_AT = ETHERNET_BYTES + IPV4_BYTES + UDP_BYTES
const CAPTURED_BYTES = RTP_AT + 12
/** Media packets of the load have 1170 bytes and more, and nothing else has as many. */
const FILTER = 'udp and greater 1100'
/** A file of tcpdump's, nanosecond variety: its header, and that of each packet. */
const FILE_HEADER_BYTES = 24
const PACKET_HEADER_BYTES = 16
const NANOSECOND_MAGIC = 0xa1b23c4d

/** An RTP packet on the interface: for whom, with which timestamp, and when the kernel saw it. */
export interface Captured {
  port: number
  timestamp: number
  atMs: number
}

/** Looks on at the loopback interface, as root, until it is stopped. Needs tcpdump. */
export async function captureLoopback(): Promise<{ stop: () => Promise<Captured[]> }> {
  const words = ['-i', 'lo', '-n', '-s', String(CAPTURED_BYTES), '--nano', '-B', '16384', '-w', '-', FILTER]
  const child = spawn('tcpdump', words, { stdio: ['ignore', 'pipe', 'pipe'] })
  const chunks: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk))
  let said = ''
  await new Promise<void>((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', () => reject(new Error(`tcpdump ended: ${said}`)))
    child.stderr.on('data', (chunk: Buffer) => {
      said += chunk.toString()
      if (said.includes('listening on')) resolve()
    })
  })
  return {
    stop: async () => {
      const ended = once(child, 'close')
      child.kill('SIGINT')
      await ended
      if (!/^0 packets dropped by kernel/m.test(said)) throw new Error(`not everything was seen: ${said}`)
      return read(Buffer.concat(chunks))
    },
  }
}

function read(file: Buffer): Captured[] {
  if (file.readUInt32LE(0) !== NANOSECOND_MAGIC) throw new Error('this is not what tcpdump writes here')
  const captured: Captured[] = []
  for (let at = FILE_HEADER_BYTES; at + PACKET_HEADER_BYTES <= file.length;) {
    const atMs = file.readUInt32LE(at) * 1000 + file.readUInt32LE(at + 4) / 1e6
    const packet = file.subarray(at + PACKET_HEADER_BYTES)
    captured.push({
      port: packet.readUInt16BE(ETHERNET_BYTES + IPV4_BYTES + 2),
      timestamp: packet.readUInt32BE(RTP_AT + 4),
      atMs,
    })
    at += PACKET_HEADER_BYTES + file.readUInt32LE(at + 8)
  }
  return captured
}
