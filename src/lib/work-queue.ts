/** Runs one piece of work after another, in the order of the calls. */
export class WorkQueue {
  #last: Promise<unknown> = Promise.resolve()

  /** @returns the result of the work; its error is that of this call alone. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#last.then(work)
    this.#last = result.catch(() => {})
    return await result
  }

  /** Resolves when the work that was queued before has ended. Never rejects. */
  async settled(): Promise<void> {
    await this.#last
  }
}
