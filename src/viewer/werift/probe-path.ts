import type { StunProtocol } from 'werift'
import type { ConnectionInternals } from './internals.js'

/** Longer than a viewer may be silent. */
const PROBE_LIMIT_MS = 30_000

/** Sends a check like those for consent (RFC 7675). Resolves with its response. */
export async function probePath(
  protocol: Pick<StunProtocol, 'request' | 'localCandidate'>,
  ice: ConnectionInternals,
  { address, port }: { address: string; port: number },
): Promise<void> {
  const { localUsername, remoteUsername, remotePassword, iceControlling } = ice
  const { localCandidate } = protocol
  const names = { nominate: false, localUsername, remoteUsername, iceControlling, localCandidate }
  const check = ice.buildRequest(names)
  const limits = { retransmissions: 0, responseTimeout: PROBE_LIMIT_MS }
  await protocol.request(check, [address, port], Buffer.from(remotePassword), limits)
}
