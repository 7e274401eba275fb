import { alignedInterval } from '../../lib/aligned-interval.js'
import type { Permission } from '../auth/permission.js'

/** How late a change is reported. */
const CHECK_INTERVAL_MS = 500

/** One kind of event. Each event carries the whole state, so a client that missed one has lost nothing. */
export interface ReportedState {
  name: string
  needs: Permission
  read: () => object
}

/** What changes in the server, for those who follow it. It looks for changes only while somebody does. */
export class EventFeed {
  readonly #states: readonly ReportedState[]
  readonly #listeners = new Set<() => void>()
  /** The JSON of each state. */
  readonly #current = new Map<string, string>()
  #checks: Disposable | undefined

  constructor(states: readonly ReportedState[]) {
    this.#states = states
  }

  /** @param onCheck called after every check, changed or not. */
  follow(onCheck: () => void): Disposable {
    if (this.#listeners.size === 0) {
      this.#read()
      this.#checks = alignedInterval(CHECK_INTERVAL_MS, () => {
        this.#read()
        for (const listener of this.#listeners) listener()
      })
    }
    this.#listeners.add(onCheck)
    return {
      [Symbol.dispose]: () => {
        if (!this.#listeners.delete(onCheck) || this.#listeners.size > 0) return
        this.#checks?.[Symbol.dispose]()
        this.#current.clear()
      },
    }
  }

  /** The events of which `seen` has another state, in the order of the states. */
  changesSince(
    seen: ReadonlyMap<string, string>,
    permits: (needs: Permission) => boolean,
  ): [string, string][] {
    return this.#states
      .filter(({ needs }) => permits(needs))
      .map(({ name }): [string, string] => [name, this.#current.get(name)!])
      .filter(([name, json]) => seen.get(name) !== json)
  }

  /** Zero without clients. */
  get followers(): number {
    return this.#listeners.size
  }

  #read(): void {
    for (const { name, read } of this.#states) this.#current.set(name, JSON.stringify(read()))
  }
}
