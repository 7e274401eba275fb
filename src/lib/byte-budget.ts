import { networkOf } from './ip-network.js'
import { NetworkSums } from './network-sums.js'

export interface ByteBudgetLimits {
  /** Bytes of all networks together. */
  all: number
  perNetwork: number
}

/** The bytes that one connection holds. */
export interface Reservation extends Disposable {
  /** Changes the number of bytes. @returns false if the budget does not allow it; then nothing changes. */
  set(bytes: number): boolean
}

/** Limits the bytes of incomplete messages in memory. */
export interface ByteBudget {
  reserve(address: string): Reservation
  /** Bytes held now. */
  readonly bytes: number
}

/** @param limits read on every change, because a reload may change them. */
export function createByteBudget(limits: () => ByteBudgetLimits): ByteBudget {
  const sums = new NetworkSums()
  return {
    get bytes() {
      return sums.total
    },
    reserve: (address) => {
      const network = networkOf(address)
      let reserved = 0
      const change = (by: number): void => {
        reserved += by
        sums.add(network, by)
      }
      return {
        set: (bytes) => {
          const more = bytes - reserved
          const { all, perNetwork } = limits()
          if (more > 0 && (sums.total + more > all || sums.of(network) + more > perNetwork)) return false
          if (more !== 0) change(more)
          return true
        },
        [Symbol.dispose]: () => {
          if (reserved !== 0) change(-reserved)
        },
      }
    },
  }
}
