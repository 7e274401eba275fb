import { ViewerClient } from '../../test/support/viewer-client.js'
import { answerLines, monotonicMs } from './child.js'

/**
 * viewers.ts URL VIEWERS: viewers of a WHEP URL, which count packets without decrypting them. A line on stdin is answered with the
 * packets received since the last line.
 */
const [url, count] = process.argv.slice(2) as [string, string]
const CHECK_INTERVAL_MS = 4000
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

for (let i = 0; i < Number(count); i++) await watch()
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

async function watch(): Promise<void> {
  const client = await ViewerClient.open()
  client.socket.setRecvBufferSize(4 * 1024 * 1024)
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/sdp' },
    body: client.offer('vp8'),
  })
  if (!response.ok) throw new Error(`${response.status} ${await response.text()}`)
  await client.connect(await response.text())
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
