import type { Duplex } from 'node:stream'
import type { Limits } from '../../config/limits.js'
import type { ByteBudget } from '../../lib/byte-budget.js'
import { FrameMeter } from './frame-meter.js'

/** Overhead of each piece of an unfinished message: a Buffer and its entry in a list. */
const BYTES_PER_CHUNK = 256

/**
 * Limits the time and the bytes of an unfinished WebSocket message.
 * @param end called once, with the reason, when the message exceeds either.
 */
export function watchUnfinished(
  stream: Duplex,
  address: string,
  { unfinished, limits }: { unfinished: ByteBudget; limits: () => Limits },
  end: (reason: string) => void,
): Disposable {
  const meter = new FrameMeter()
  const reservation = unfinished.reserve(address)
  let completed = 0
  let chunks = 0
  let timeout: NodeJS.Timeout | undefined
  let isStopped = false // an event that is being emitted still reaches a removed listener
  const stop = (): void => {
    isStopped = true
    clearTimeout(timeout)
    stream.off('data', onData)
    reservation[Symbol.dispose]()
  }
  const fail = (reason: string): void => {
    stop()
    end(reason)
  }
  const onData = (chunk: Buffer): void => {
    if (isStopped) return
    meter.push(chunk)
    if (meter.completed !== completed) {
      completed = meter.completed
      chunks = 0
      clearTimeout(timeout)
      timeout = undefined
    }
    if (meter.unfinishedBytes === 0) {
      reservation.set(0)
      return
    }
    const { messageTimeoutMs } = limits()
    timeout ??= setTimeout(
      () => fail(`a message took longer than ${messageTimeoutMs / 1000} seconds`),
      messageTimeoutMs,
    )
    if (!reservation.set(meter.unfinishedBytes + ++chunks * BYTES_PER_CHUNK))
      fail('unfinished messages are too large')
  }
  stream.on('data', onData)
  return { [Symbol.dispose]: stop }
}
