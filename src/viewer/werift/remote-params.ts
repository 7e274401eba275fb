import {
  RTCDtlsFingerprint,
  RTCDtlsParameters,
  RTCIceParameters,
  type RTCDtlsTransport,
  type RTCIceTransport,
} from 'werift'
import type { RemoteTransport } from '../sdp/client-offer.js'

/** Tells werift what the other side's description says, without its candidates. */
export function setRemoteParams(ice: RTCIceTransport, dtls: RTCDtlsTransport, remote: RemoteTransport): void {
  const { iceUfrag, icePwd, fingerprint, isIceLite, isDtlsServer = false } = remote
  const fingerprints = [new RTCDtlsFingerprint(fingerprint.algorithm, fingerprint.value)]
  dtls.setRemoteParams(new RTCDtlsParameters(fingerprints, isDtlsServer ? 'server' : 'client'))
  if (isDtlsServer) dtls.role = 'client'
  ice.setRemoteParams(
    new RTCIceParameters({ usernameFragment: iceUfrag, password: icePwd, iceLite: isIceLite }),
  )
}
