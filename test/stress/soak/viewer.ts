import { WebSocket } from 'ws'
import { ViewerClient } from '../../support/viewer-client.js'

const CHECK_INTERVAL_MS = 2000
const REPORT_INTERVAL_MS = 1000

/** How a viewer may go: each way is noticed by other means. */
export type Leaving = 'goodbye' | 'close-notify' | 'silence'

/** A viewer who counts packets without decrypting them. */
export interface Counting {
  /** Packets that came, and sequence numbers that never did. */
  readonly packets: number
  readonly missing: number
  /** Whether the server still sends. */
  isSentTo: () => boolean
  /** Goes, and counts what still comes until it is closed. */
  leave: (way: Leaving) => Promise<void>
  close: () => void
}

export interface ViewerRequest {
  origin: string
  udpPort: number
  camera: string
  via: 'whep' | 'websocket'
}

/** @returns why it was refused, where it was. */
export async function enter(request: ViewerRequest): Promise<Counting | { refusal: string }> {
  const client = await ViewerClient.open()
  const offered = await (request.via === 'whep' ? offerByWhep : offerBySocket)(request, client.offer('vp8'))
  if ('refusal' in offered) {
    client.vanish()
    return offered
  }
  await client.connect(offered.answer)
  return count(client, offered)
}

function count(client: ViewerClient, { goodbye, hangUp }: Connected): Counting {
  let packets = 0
  let missing = 0
  let last: number | undefined
  let lastAtMs = performance.now()
  const [receive] = client.socket.listeners('message') as ((datagram: Buffer) => void)[]
  client.socket.removeAllListeners('message')
  client.socket.on('message', (datagram) => {
    const isMedia = datagram[0]! >> 6 === 2 && (datagram[1]! & 0x7f) === 102
    if (!isMedia) {
      if (timers.length > 0) receive!(datagram) // who is silent answers no check either
      return
    }
    const sequence = datagram.readUInt16BE(2)
    if (last !== undefined) missing += (((sequence - last) & 0xffff) ^ 0x8000) - 0x8000 - 1
    last = sequence
    packets++
    lastAtMs = performance.now()
  })
  let timers = [
    setInterval(() => client.sendRaw(client.check()), CHECK_INTERVAL_MS),
    setInterval(() => client.report(), REPORT_INTERVAL_MS),
  ]
  return {
    get packets() {
      return packets
    },
    get missing() {
      return missing
    },
    isSentTo: () => performance.now() - lastAtMs < 3000,
    leave: async (way) => {
      for (const timer of timers) clearInterval(timer)
      timers = []
      if (way === 'goodbye') await goodbye()
      else if (way === 'close-notify') client.closeNotify()
    },
    close: () => {
      hangUp()
      client.vanish()
    },
  }
}

interface Connected {
  answer: string
  goodbye: () => Promise<void>
  /** A WebSocket outlives the session it was for: who is gone has none. */
  hangUp: () => void
}

type Offered = Connected | { refusal: string }

async function offerByWhep({ origin, camera }: ViewerRequest, body: string): Promise<Offered> {
  const headers = { 'content-type': 'application/sdp' }
  const response = await fetch(`${origin}/${camera}/whep`, { method: 'POST', headers, body })
  const answer = await response.text()
  if (!response.ok) return { refusal: (JSON.parse(answer) as { error: string }).error }
  const session = new URL(response.headers.get('location')!, response.url)
  const goodbye = async (): Promise<void> => {
    await fetch(session, { method: 'DELETE' })
  }
  return { answer, goodbye, hangUp: () => {} }
}

interface FromServer {
  answer?: { sdp: string }
  error?: { code: string }
}

async function offerBySocket({ origin, udpPort, camera }: ViewerRequest, sdp: string): Promise<Offered> {
  const socket = new WebSocket(`${origin.replace('http', 'ws')}/${camera}/ws`)
  const { answer, error } = await new Promise<FromServer>((resolve, reject) => {
    socket.on('error', reject)
    socket.on('close', () => reject(new Error('the WebSocket was closed without an answer')))
    socket.on('open', () => socket.send(JSON.stringify({ offer: { type: 'offer', sdp } })))
    socket.on('message', (data: Buffer) => {
      const message = JSON.parse(data.toString()) as FromServer
      if (message.answer !== undefined || message.error !== undefined) resolve(message)
    })
  })
  if (answer === undefined) {
    socket.close()
    return { refusal: error!.code }
  }
  // The addresses come in messages of their own.
  const candidate = `a=candidate:1 1 udp 1 127.0.0.1 ${udpPort} typ host\r\n`
  return {
    answer: answer.sdp + candidate,
    goodbye: async () => await Promise.resolve(socket.close()),
    hangUp: () => socket.terminate(),
  }
}
