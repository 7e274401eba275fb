import {
  Candidate,
  CandidatePair,
  RTCDtlsTransport,
  RTCIceGatherer,
  RTCIceTransport,
  SrtcpSession,
  SrtpSession,
  StunProtocol,
} from 'werift'
import { messageOf } from '../../lib/error-message.js'
import type { Log } from '../../log.js'
import { AES128_CM_HMAC_SHA1_80, SRTP_PROFILES } from '../../srtp/profile.js'
import { warmUpDtls } from './dtls-warm-up.js'
import { x25519Calls, patchTweetnaclX25519 } from './x25519.js'
import {
  assertMembers,
  DTLS_MEMBERS,
  TRANSPORT_MEMBERS,
  weriftMismatch,
  type DtlsState,
} from './internals.js'
import { verifyPeerSignature } from './peer-signature.js'

/** Creates the certificate of this process and checks the members of werift. @returns the SHA-256 fingerprint. */
export async function prepareWerift(log: Pick<Log, 'warn'>): Promise<string> {
  await checkTransportMembers()
  patchTweetnaclX25519()
  const certificate = await RTCDtlsTransport.SetupCertificate()
  const callsBefore = x25519Calls()
  const server = await warmUpDtls(certificate, [...SRTP_PROFILES])
  if (server === undefined) {
    log.warn('the DTLS warm-up handshake did not complete; the DTLS members of werift are not checked')
  } else {
    checkDtlsMembers(server)
    if (x25519Calls() === callsBefore)
      log.warn(
        'werift uses another copy of tweetnacl than rpi-webrtc; each handshake costs up to 40 ms of CPU',
      )
  }
  return certificate.getFingerprints()[0]!.value
}

async function checkTransportMembers(): Promise<void> {
  const ice = new RTCIceTransport(new RTCIceGatherer({}))
  const protocol = new StunProtocol()
  const candidate = new Candidate('1', 1, 'udp', 1, '127.0.0.1', 9, 'host')
  const keys = {
    localMasterKey: Buffer.alloc(16),
    localMasterSalt: Buffer.alloc(14),
    remoteMasterKey: Buffer.alloc(16),
    remoteMasterSalt: Buffer.alloc(14),
  }
  const session = { profile: AES128_CM_HMAC_SHA1_80, keys } as const
  try {
    assertMembers(
      {
        Connection: ice.connection,
        StunProtocol: protocol,
        CandidatePair: new CandidatePair(protocol, candidate, false),
        RTCIceTransport: ice,
        RTCDtlsTransport: new RTCDtlsTransport({}, ice, undefined, [...SRTP_PROFILES]),
        SrtpSession: new SrtpSession(session),
        SrtcpSession: new SrtcpSession(session),
      },
      TRANSPORT_MEMBERS,
    )
  } finally {
    await ice.stop()
  }
}

/** Without them every viewer would be rejected as an impostor. The client of this handshake is our own. */
function checkDtlsMembers(server: object): void {
  assertMembers({ DtlsServer: server }, DTLS_MEMBERS)
  try {
    verifyPeerSignature(server as DtlsState)
  } catch (error) {
    throw weriftMismatch(`the record of a correct DTLS handshake does not verify (${messageOf(error)})`)
  }
}
