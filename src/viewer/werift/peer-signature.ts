import { constants, verify, X509Certificate, type KeyObject } from 'node:crypto'
import type { DtlsState } from './internals.js'

/** Handshake message types (RFC 5246 section 7.4). */
const CERTIFICATE_VERIFY = 15
const CLIENT_KEY_EXCHANGE = 16
const FINISHED = 20

/**
 * Verifies that the client has the private key of its certificate (RFC 5246 section 7.4.8). werift only compares the certificate's
 * fingerprint, and certificates are sent in the clear. Call it after the handshake, before the first packet.
 */
export function verifyPeerSignature(state: DtlsState): void {
  const { remoteCertificate, remoteKeyPair } = state.cipher
  const messages = state.dtls.sortedHandshakeCache
  const at = messages.findIndex((message) => message.msg_type === CERTIFICATE_VERIFY)
  const keyExchange = messages.find((message) => message.msg_type === CLIENT_KEY_EXCHANGE)
  if (remoteCertificate === undefined || at < 0 || keyExchange === undefined)
    throw new Error('the handshake has no proof of identity')
  const proof = messages[at]!.fragment
  const signature = proof.subarray(4)
  if (proof.length < 4 || proof.readUInt16BE(2) !== signature.length)
    throw new Error('CertificateVerify is truncated')
  const transcript = Buffer.concat(
    messages
      .slice(0, at)
      .filter((message) => message.msg_type !== FINISHED)
      .map((message) => message.serialize()),
  )
  const key = new X509Certificate(remoteCertificate).publicKey
  if (!signatureMatches(proof.readUInt16BE(0), key, transcript, signature)) {
    throw new Error('the client does not have the private key of its certificate')
  }
  // The secret was derived from the key share as werift parsed it, which must be the signed one.
  if (!keyExchange.fragment.subarray(1).equals(Buffer.from(remoteKeyPair.publicKey ?? []))) {
    throw new Error('the key share differs from the one that was signed')
  }
}

/** SignatureAndHashAlgorithm of RFC 5246 section 7.4.1.4.1, and RSA-PSS of RFC 8446 section 4.2.3. SHA-1 is rejected. */
export function signatureMatches(scheme: number, key: KeyObject, data: Buffer, signature: Buffer): boolean {
  const hash = { 4: 'sha256', 5: 'sha384', 6: 'sha512' }[scheme >> 8]
  if (scheme >= 0x0804 && scheme <= 0x0806) {
    const pss = {
      key,
      padding: constants.RSA_PKCS1_PSS_PADDING,
      saltLength: constants.RSA_PSS_SALTLEN_DIGEST,
    }
    return (
      key.asymmetricKeyType === 'rsa' &&
      verify(['sha256', 'sha384', 'sha512'][scheme - 0x0804], data, pss, signature)
    )
  }
  const type = { 1: 'rsa', 3: 'ec' }[scheme & 0xff]
  return (
    hash !== undefined &&
    type !== undefined &&
    key.asymmetricKeyType === type &&
    verify(hash, data, key, signature)
  )
}
