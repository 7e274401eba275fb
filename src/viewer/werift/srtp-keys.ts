import type { RTCDtlsTransport } from 'werift'
import type { SrtpKeys, SrtpProfile } from '../../srtp/profile.js'

/** The keys of both directions, after the handshake (RFC 5764 section 4.2). */
export function srtpKeysOf(dtls: RTCDtlsTransport): { local: SrtpKeys; remote: SrtpKeys } {
  const { keys, profile: agreed } = dtls.srtp.config
  const profile = agreed as SrtpProfile
  return {
    local: { profile, masterKey: keys.localMasterKey, masterSalt: keys.localMasterSalt },
    remote: { profile, masterKey: keys.remoteMasterKey, masterSalt: keys.remoteMasterSalt },
  }
}
