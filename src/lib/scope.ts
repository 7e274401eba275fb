/**
 * Owns parts and closes them in reverse order: a stand-in for `AsyncDisposableStack` until Node 24 is the floor.
 * A step that throws halfway through a start closes the steps before it, when the scope is held by `await using`.
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

  /** Hands every part to a new scope: what was being built is now running. */
  move(): Scope {
    const moved = new Scope()
    moved.#parts = this.#parts.splice(0)
    return moved
  }

  /** @throws AggregateError after every part was asked to close, when some did not. */
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
