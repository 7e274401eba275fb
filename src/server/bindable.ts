import { bindableAddress, canBindIpv6 } from '../lib/bind-address.js'
import type { Log } from '../log.js'

/** @returns the address that is bound in place of a configured one. */
export type Bindable = (address: string) => string

/** Without IPv6 in the kernel, `::` becomes 0.0.0.0. It is logged once, when a port is first bound. */
export async function detectBindable(log: Log): Promise<Bindable> {
  const hasIpv6 = await canBindIpv6()
  let isLogged = false
  return (address) => {
    const bindable = bindableAddress(address, hasIpv6)
    if (bindable !== address && !isLogged) {
      isLogged = true
      log.info('this kernel has no IPv6: the server listens on 0.0.0.0 in place of ::')
    }
    return bindable
  }
}
