import { X509Certificate } from 'node:crypto'
import type { DtlsState } from './internals.js'
import { signatureMatches } from './peer-signature.js'

/** Handshake message type (RFC 5246 section 7.4). */
const SERVER_KEY_EXCHANGE = 12
/** RFC 8422 section 5.4: curve type, curve, and the length of the key share before it. */
const NAMED_CURVE = 3
const SHARE_AT = 4

/**
 * Verifies that the server has the private key of its certificate: it signs its key share and both random values (RFC 8422 section
 * 5.4). werift only compares the certificate's fingerprint. Call it after the handshake, before the first packet.
 */
export function verifyServerSignature({ cipher, dtls }: DtlsState): void {
  const { remoteCertificate, remoteKeyPair, localRandom, remoteRandom } = cipher
  const exchange = dtls.sortedHandshakeCache.find((message) => message.msg_type === SERVER_KEY_EXCHANGE)
  if (
    remoteCertificate === undefined ||
    exchange === undefined ||
    localRandom === undefined ||
    remoteRandom === undefined
  )
    throw new Error('the handshake has no proof of identity')
  const message = exchange.fragment
  const signatureAt = SHARE_AT + (message[SHARE_AT - 1] ?? 0)
  if (message[0] !== NAMED_CURVE || message.length < signatureAt + 4)
    throw new Error('ServerKeyExchange is malformed')
  const signature = message.subarray(signatureAt + 4)
  if (message.readUInt16BE(signatureAt + 2) !== signature.length)
    throw new Error('ServerKeyExchange is truncated')
  const signed = Buffer.concat([
    localRandom.serialize(),
    remoteRandom.serialize(),
    message.subarray(0, signatureAt),
  ])
  const key = new X509Certificate(remoteCertificate).publicKey
  if (!signatureMatches(message.readUInt16BE(signatureAt), key, signed, signature))
    throw new Error('the server does not have the private key of its certificate')
  // The secret was derived from the key share as werift parsed it, which must be the signed one.
  const share = message.subarray(SHARE_AT, signatureAt)
  if (
    remoteKeyPair.curve !== message.readUInt16BE(1) ||
    !share.equals(Buffer.from(remoteKeyPair.publicKey ?? []))
  )
    throw new Error('the key share differs from the one that was signed')
}
