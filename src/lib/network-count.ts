import { networkOf } from './ip-network.js'
import { NetworkSums } from './network-sums.js'

export interface NetworkCountLimits {
  all: number
  perNetwork: number
}

export interface NetworkCount {
  /**
   * Counts one more.
   * @param isShared whether many clients have this address, so that only the total is limited.
   * @returns the limit that is reached, or a slot to dispose of.
   */
  open(address: string, isShared?: boolean): 'all' | 'network' | Disposable
}

/** Limits a count in total and for each network. @param limits read on every call, because a reload may change them. */
export function createNetworkCount(limits: () => NetworkCountLimits): NetworkCount {
  const sums = new NetworkSums()
  return {
    open: (address, isShared = false) => {
      const { all, perNetwork } = limits()
      const network = networkOf(address)
      if (sums.total >= all) return 'all'
      if (!isShared && sums.of(network) >= perNetwork) return 'network'
      sums.add(network, 1)
      return { [Symbol.dispose]: () => sums.add(network, -1) }
    },
  }
}
