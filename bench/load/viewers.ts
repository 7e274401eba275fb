import { setTimeout as sleep } from 'node:timers/promises'
import { ViewerClient } from '../../test/support/viewer-client.js'
import { answerLines, monotonicMs } from './child.js'

/**
 * viewers.ts URL[,URL...] VIEWERS [vp8|h264]: viewers of WHEP URLs in turn, which count packets without decrypting them. A line on stdin is
 * answered with the packets received since the last line.
 */
const urls = process.argv[2]!.split(',')
const count = Number(process.argv[3])
const codec = process.argv[4] === 'h264' ? 'h264' : 'vp8'
const CHECK_INTERVAL_MS = 4000
const CONNECT_LIMIT_MS = 20_000
const REPORT_INTERVAL_MS = 1000

export interface Arrived {
  connected: number
  packets: number
  /** Per RTP timestamp: number of viewers that received the packet, and the time of the last one. */
  lastAtMs: [timestamp: number, viewers: number, atMs: number][]
}

const isMedia = (datagram: Buffer): boolean => datagram[0]! >> 6 === 2 && (datagram[1]! & 0x7f) === 102

let connected = 0
let packets = 0
let arrivals = new Map<number, { viewers: number; atMs: number }>()

for (let i = 0; i < count; i++) await watch(urls[i % urls.length]!)
await answerLines((): Arrived => {
  const answer = {
    connected,
    packets,
    lastAtMs: Array.from(arrivals, ([timestamp, { viewers, atMs }]): Arrived['lastAtMs'][number] => [
      timestamp,
      viewers,
      atMs,
    ]),
  }
  packets = 0
  arrivals = new Map()
  return answer
})

async function watch(url: string): Promise<void> {
  const client = await ViewerClient.open()
  client.socket.setRecvBufferSize(4 * 1024 * 1024)
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/sdp' },
    body: client.offer(codec),
  })
  if (!response.ok) throw new Error(`${response.status} ${await response.text()}`)
  const isConnected = await Promise.race([
    client.connect(await response.text()).then(() => true),
    sleep(CONNECT_LIMIT_MS, false, { ref: false }),
  ])
  if (!isConnected)
    throw new Error(`viewer ${connected + 1} of ${count} has not connected in ${CONNECT_LIMIT_MS} ms`)
  const [receive] = client.socket.listeners('message') as ((datagram: Buffer) => void)[]
  client.socket.removeAllListeners('message')
  client.socket.on('message', (datagram) => (isMedia(datagram) ? note(datagram) : receive!(datagram)))
  connected++
  setInterval(() => client.sendRaw(client.check()), CHECK_INTERVAL_MS)
  setInterval(() => client.report(), REPORT_INTERVAL_MS)
}

function note(datagram: Buffer): void {
  packets++
  const timestamp = datagram.readUInt32BE(4)
  const arrival = arrivals.get(timestamp)
  if (arrival === undefined) arrivals.set(timestamp, { viewers: 1, atMs: monotonicMs() })
  else {
    arrival.viewers++
    arrival.atMs = monotonicMs()
  }
}
