/**
 * Owns parts and closes them in reverse order; `AsyncDisposableStack` until Node 24 is required. With `await using`, an error during
 * a start closes the parts that were started before.
 */
export class Scope implements AsyncDisposable {
  #parts: (AsyncDisposable | Disposable)[] = []

  use<T extends AsyncDisposable | Disposable>(part: T): T {
    this.#parts.push(part)
    return part
  }

  defer(close: () => void | Promise<void>): void {
    this.#parts.push({ [Symbol.asyncDispose]: async () => await close() })
  }

  /** Moves all parts to a new scope: the start has succeeded. */
  move(): Scope {
    const moved = new Scope()
    moved.#parts = this.#parts.splice(0)
    return moved
  }

  /** Closes every part. @throws AggregateError with all errors. */
  async [Symbol.asyncDispose](): Promise<void> {
    const failures: unknown[] = []
    for (const part of this.#parts.splice(0).reverse()) {
      try {
        if (Symbol.asyncDispose in part) await part[Symbol.asyncDispose]()
        else part[Symbol.dispose]()
      } catch (error) {
        failures.push(error)
      }
    }
    if (failures.length > 0) throw new AggregateError(failures, 'some parts did not close')
  }
}
