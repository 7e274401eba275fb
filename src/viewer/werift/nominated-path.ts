import type { Address } from '../transport/udp-mux.js'
import type { ConnectionInternals, PairInternals } from './internals.js'
import type { SecondConnection, SecondProtocol } from './second-protocol.js'

/** Where a viewer's packets go. */
export interface NominatedPath {
  to: Address
  /** Undefined through the UDP mux. */
  second: { protocol: SecondProtocol; connection: SecondConnection } | undefined
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

/** @param seconds beside the UDP mux. @returns undefined without a nominated pair that is open. */
export function nominatedPath(
  ice: ConnectionInternals,
  seconds: readonly SecondProtocol[],
): NominatedPath | undefined {
  if (seconds.length > 0) preferMux(ice, seconds)
  const { nominated, state } = ice
  if (nominated === undefined || state === 'closed' || state === 'failed') return undefined
  const { host, port } = nominated.remoteCandidate
  const to = { address: host, port }
  const protocol = seconds.find((second) => second === nominated.protocol)
  if (protocol === undefined) return { to, second: undefined }
  const connection = protocol.connectionOf(nominated)
  return connection && { to, second: { protocol, connection } }
}

/**
 * werift keeps the pair that was nominated first. A browser may nominate TCP, which needs no hole in a firewall, before UDP works; and
 * it replaces a closed TCP connection by a new one. A relay may work before a direct path does.
 */
function preferMux(ice: ConnectionInternals, seconds: readonly SecondProtocol[]): void {
  const { nominated } = ice
  const secondOf = (pair: PairInternals | undefined): SecondProtocol | undefined =>
    seconds.find((second) => second === pair?.protocol)
  const present = secondOf(nominated)
  if (present === undefined) return
  const others = ice.candidatePairs.filter((pair) => pair.nominated && pair !== nominated)
  const isOpen = present.connectionOf(nominated!) !== undefined
  const better =
    others.find((pair) => secondOf(pair) === undefined) ??
    (isOpen ? undefined : others.find((pair) => secondOf(pair)?.connectionOf(pair) !== undefined))
  if (better === undefined) return
  ice.nominated = better
  ice.queryConsent()
}
