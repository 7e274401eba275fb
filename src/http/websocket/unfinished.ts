import type { Duplex } from 'node:stream'
import type { Limits } from '../../config/limits.js'
import type { ByteBudget } from '../../lib/byte-budget.js'
import { FrameMeter } from './frame-meter.js'

/** What a piece of a message costs beside its bytes while it waits for the others: a Buffer, and its place in a list. */
const BYTES_PER_CHUNK = 256

/**
 * Watches what a WebSocket has received of a message that is not complete: how long it takes, and how much of the budget of
 * its address it holds.
 * @param end is called once, with the reason, when the message takes too long or there is no room for it.
 */
export function watchUnfinished(
  stream: Duplex,
  address: string,
  { unfinished, limits }: { unfinished: ByteBudget; limits: () => Limits },
  end: (reason: string) => void,
): Disposable {
  const meter = new FrameMeter()
  const hold = unfinished.reserve(address)
  let completed = 0
  let chunks = 0
  let late: NodeJS.Timeout | undefined
  let isOver = false // an event that is being emitted still reaches a listener that was taken off
  const stop = (): void => {
    isOver = true
    clearTimeout(late)
    stream.off('data', take)
    hold[Symbol.dispose]()
  }
  const fail = (reason: string): void => {
    stop()
    end(reason)
  }
  const take = (chunk: Buffer): void => {
    if (isOver) return
    meter.push(chunk)
    if (meter.completed !== completed) {
      completed = meter.completed
      chunks = 0
      clearTimeout(late)
      late = undefined
    }
    if (meter.unfinishedBytes === 0) {
      hold.set(0)
      return
    }
    const { messageTimeoutMs } = limits()
    late ??= setTimeout(
      () => fail(`a message took longer than ${messageTimeoutMs / 1000} seconds`),
      messageTimeoutMs,
    )
    if (!hold.set(meter.unfinishedBytes + ++chunks * BYTES_PER_CHUNK))
      fail('too much of messages is unfinished')
  }
  stream.on('data', take)
  return { [Symbol.dispose]: stop }
}
