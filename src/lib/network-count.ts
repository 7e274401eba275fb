import { networkOf } from './ip-network.js'

/** How many there may be. */
export interface NetworkCountLimits {
  all: number
  perNetwork: number
}

export interface NetworkCount {
  /** Takes a place. @returns which limit is reached, or what gives the place back. */
  open(address: string): 'all' | 'network' | Disposable
}

/** Counts things in all and by the network of the address they come from. @param limits asked every time, for they may change. */
export function createNetworkCount(limits: () => NetworkCountLimits): NetworkCount {
  const byNetwork = new Map<string, number>()
  let inAll = 0
  const change = (network: string, by: 1 | -1): void => {
    const count = (byNetwork.get(network) ?? 0) + by
    inAll += by
    if (count === 0) byNetwork.delete(network)
    else byNetwork.set(network, count)
  }
  return {
    open: (address) => {
      const { all, perNetwork } = limits()
      const network = networkOf(address)
      if (inAll >= all) return 'all'
      if ((byNetwork.get(network) ?? 0) >= perNetwork) return 'network'
      change(network, 1)
      return { [Symbol.dispose]: () => change(network, -1) }
    },
  }
}
