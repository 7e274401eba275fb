import { poll } from '../lib/deadline.js'
import { DataChannel } from './data-channel.js'

export interface KeepAliveTiming {
  pingIntervalMs: number
  /** Without a `pong`, in milliseconds: counted from the connection, so a client that never opens the channel is silent too. */
  pongLimitMs: number
}

/** What a keep-alive needs of a peer. */
export interface DataTransport {
  /** Takes what comes as DTLS application data. */
  onData: (packet: Buffer) => void
  sendData(packet: Buffer): void
}

/**
 * camera-streamer's data channel `keepalive`: says `ping` and expects `pong`. Other texts are left aside.
 * @param remotePort the client's SCTP port.
 */
export function keepAlive(
  peer: DataTransport,
  remotePort: number,
  { pingIntervalMs, pongLimitMs }: KeepAliveTiming,
): Disposable & { answered: Promise<'silent'> } {
  let heardAtMs = performance.now()
  const channel = new DataChannel({
    label: 'keepalive',
    remotePort,
    send: (packet) => peer.sendData(packet),
    onText: (text) => {
      if (text === 'pong') heardAtMs = performance.now()
    },
  })
  peer.onData = (packet) => channel.take(packet)
  const watch = poll(pingIntervalMs, () => {
    if (performance.now() - heardAtMs > pongLimitMs) return 'silent' as const
    if (!channel.say('ping')) channel.tick()
    return undefined
  })
  return {
    answered: watch.answered,
    [Symbol.dispose]: () => {
      watch[Symbol.dispose]()
      channel.close()
    },
  }
}
