import type { WebSocket } from 'ws'
import type { Limits } from '../../config/limits.js'
import { TokenBucket } from '../../lib/rate-limit.js'
import type { Log } from '../../log.js'
import { POLICY_VIOLATION, type SignallingSocket } from '../../signalling/websocket.js'
import { createMediaQueue } from './media-queue.js'
import type { MessageLimits } from './message-limits.js'

/** A client that does not read its answers is disconnected before they fill the memory. Joining needs some 10 kB. */
const MAX_UNSENT_BYTES = 64 * 1024
/** A small message counts as much, because its answer costs more than its bytes. */
const LEAST_COST_BYTES = 1024

export interface SignallingSocketOptions {
  limits: () => Limits
  messageLimits: MessageLimits
  /** @throws AppError `too-many-offers`. */
  countOffer: (address: string) => void
  log: Log
}

/** A WebSocket of `ws` as signalling uses it, with limits on the rate of messages and on unread answers. */
export function signallingSocket(
  socket: WebSocket,
  { address, reachedAt }: Pick<SignallingSocket, 'address' | 'reachedAt'>,
  { limits, messageLimits, countOffer, log }: SignallingSocketOptions,
): SignallingSocket {
  socket.on('error', (error) => log.debug('a WebSocket ended with an error', { error: error.message }))
  const media = createMediaQueue(socket)
  const accepts = createAllowance(limits, messageLimits, address)
  for (const event of ['ping', 'pong'])
    socket.on(event, () => {
      if (!accepts(0)) closeForAbuse(socket, 'pings come too fast')
    })
  return {
    address,
    reachedAt,
    countOffer: () => countOffer(address),
    send: (text) => {
      if (socket.readyState !== socket.OPEN) return
      if (socket.bufferedAmount - media.unsentBytes > MAX_UNSENT_BYTES) socket.terminate()
      else socket.send(text)
    },
    sendMedia: (bytes) => media.send(bytes),
    get unsentMediaBytes() {
      return media.unsentBytes
    },
    get mediaLagMs() {
      return media.lagMs
    },
    close: (code, reason) => socket.close(code, reason),
    onMessage: (listener) =>
      socket.on('message', (data: Buffer) => {
        if (socket.readyState !== socket.OPEN) return
        if (accepts(data.length)) listener(data.toString('utf8'))
        else closeForAbuse(socket, 'messages come too fast')
      }),
    onClose: (listener) => socket.on('close', listener),
  }
}

/** Closes a socket and reads nothing more from it. */
export function closeForAbuse(socket: WebSocket, reason: string): void {
  socket.close(POLICY_VIOLATION, reason)
  socket.pause()
}

/** @returns whether a message or control frame is within the rate of its socket and of its address. */
function createAllowance(
  limits: () => Limits,
  { rate }: MessageLimits,
  address: string,
): (bytes: number) => boolean {
  const socketRate = () => {
    const { messageBytesPerSecond: perSecond, maxMessageBytes } = limits()
    return { perSecond, burst: 2 * maxMessageBytes }
  }
  const bucket = new TokenBucket(socketRate(), performance.now())
  return (bytes) => {
    const cost = Math.max(bytes, LEAST_COST_BYTES)
    return bucket.consume(cost, socketRate(), performance.now()) === 0 && rate.consume(address, cost) === 0
  }
}
