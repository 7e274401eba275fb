/** Who waits for the next packet of a source. */
export class PacketWaiters {
  #waiting: (() => void)[] = []

  /** HOT: once per packet. */
  notify(): void {
    if (this.#waiting.length > 0) for (const resolve of this.#waiting.splice(0)) resolve()
  }

  /** Resolves at the next packet. @throws the reason of the signal. */
  async next(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    await new Promise<void>((resolve, reject) => {
      const stop = (): void => {
        this.#waiting = this.#waiting.filter((waiting) => waiting !== arrived)
        reject(signal.reason as Error)
      }
      const arrived = (): void => {
        signal.removeEventListener('abort', stop)
        resolve()
      }
      signal.addEventListener('abort', stop, { once: true })
      this.#waiting.push(arrived)
    })
  }
}
