import { networkOf } from './ip-network.js'

export interface ByteBudgetLimits {
  /** Bytes of all networks together. */
  all: number
  /** Bytes of one network. */
  perNetwork: number
}

/** What one connection holds of the budget. */
export interface Reservation extends Disposable {
  /** Says how many bytes it holds now. @returns false where there is no room for them; then it holds what it held before. */
  set(bytes: number): boolean
}

/** The budget of bytes that have come and cannot be used yet, for the rest of their message is missing. */
export interface ByteBudget {
  reserve(address: string): Reservation
  /** Bytes that are held at this moment. */
  readonly bytes: number
}

/** @param limits asked every time, for they may change. */
export function createByteBudget(limits: () => ByteBudgetLimits): ByteBudget {
  const byNetwork = new Map<string, number>()
  let inAll = 0
  return {
    get bytes() {
      return inAll
    },
    reserve: (address) => {
      const network = networkOf(address)
      let held = 0
      const change = (by: number): void => {
        const ofNetwork = (byNetwork.get(network) ?? 0) + by
        held += by
        inAll += by
        if (ofNetwork === 0) byNetwork.delete(network)
        else byNetwork.set(network, ofNetwork)
      }
      return {
        set: (bytes) => {
          const more = bytes - held
          const { all, perNetwork } = limits()
          if (more > 0 && (inAll + more > all || (byNetwork.get(network) ?? 0) + more > perNetwork))
            return false
          if (more !== 0) change(more)
          return true
        },
        [Symbol.dispose]: () => {
          if (held !== 0) change(-held)
        },
      }
    },
  }
}
