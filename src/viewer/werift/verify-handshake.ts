import type { RTCDtlsTransport } from 'werift'
import type { DtlsGuard } from './dtls-guard.js'
import type { DtlsState } from './internals.js'
import { verifyPeerSignature } from './peer-signature.js'
import { verifyServerSignature } from './server-signature.js'

/** Verifies after the handshake that the other side has the key of its certificate. @throws Error if it has not. */
export function verifyHandshake(dtls: RTCDtlsTransport, guard: DtlsGuard): void {
  const state = dtls.dtls as unknown as DtlsState
  const isClient = dtls.role === 'client'
  if (isClient) verifyServerSignature(state)
  else verifyPeerSignature(state)
  guard.establish(state, !isClient)
}
