import type { TcpConnection } from '../transport/tcp-connection.js'
import type { Address } from '../transport/udp-mux.js'
import type { ConnectionInternals } from './internals.js'
import type { TcpProtocol } from './tcp-protocol.js'

/** Where a viewer's packets go. */
export interface NominatedPath {
  to: Address
  /** Undefined for UDP. */
  connection: TcpConnection | undefined
}

/**
 * Calls `onNominated` after every check that may have nominated a pair, and resolves after the first one. werift polls for that, up to
 * 20 ms later.
 */
export async function watchNominations(ice: ConnectionInternals, onNominated: () => void): Promise<void> {
  const checkComplete = ice.checkComplete.bind(ice)
  await new Promise<void>((resolve) => {
    ice.checkComplete = (pair) => {
      checkComplete(pair)
      if (ice.nominated === undefined) return
      onNominated()
      resolve()
    }
  })
}

/** @returns undefined without a nominated pair that is open. */
export function nominatedPath(
  ice: ConnectionInternals,
  tcp: TcpProtocol | undefined,
): NominatedPath | undefined {
  if (tcp !== undefined) leaveTcp(ice, tcp)
  const { nominated, state } = ice
  if (nominated === undefined || state === 'closed' || state === 'failed') return undefined
  const { host, port } = nominated.remoteCandidate
  const to = { address: host, port }
  if (tcp === undefined || nominated.protocol !== tcp) return { to, connection: undefined }
  const connection = tcp.connectionOf(nominated)
  return connection && { to, connection }
}

/**
 * werift keeps the pair that was nominated first. A browser may nominate TCP, which needs no hole in a firewall, before UDP works; and
 * it replaces a closed TCP connection by a new one.
 */
function leaveTcp(ice: ConnectionInternals, tcp: TcpProtocol): void {
  const { nominated } = ice
  if (nominated?.protocol !== tcp) return
  const others = ice.candidatePairs.filter((pair) => pair.nominated && pair !== nominated)
  const isOpen = tcp.connectionOf(nominated) !== undefined
  const better =
    others.find(({ protocol }) => protocol !== tcp) ??
    (isOpen ? undefined : others.find((pair) => tcp.connectionOf(pair) !== undefined))
  if (better === undefined) return
  ice.nominated = better
  ice.queryConsent()
}
