import { constants, verify, X509Certificate, type KeyObject } from 'node:crypto'

/** Record content types (RFC 6347 section 4.1, RFC 5246 section 6.2.1). */
const CHANGE_CIPHER_SPEC = 20
const ALERT = 21
const HANDSHAKE = 22
const RECORD_HEADER_BYTES = 13
const HANDSHAKE_HEADER_BYTES = 12
const CLOSE_NOTIFY = 0
const FATAL = 2
/** A browser's handshake has 2 to 6 kB, retransmissions included; nobody needs ten times that before proving who he is. */
const MAX_HANDSHAKE_BYTES = 64 * 1024
/** RFC 6347 section 4.2.2 allows 2^24 bytes for a handshake message: a claim that would be allocated before it is filled. */
const MAX_HANDSHAKE_MESSAGE_BYTES = 16 * 1024
/** A client has 7 records, some in a few fragments, and sends its flights again some eight times before it is given up. */
const MAX_HANDSHAKE_FRAGMENTS = 128

/** Handshake message types (RFC 5246 section 7.4). */
const CERTIFICATE_VERIFY = 15
const CLIENT_KEY_EXCHANGE = 16
const FINISHED = 20

/** What the guard has to know of the DTLS server's inside. `prepare-werift.ts` checks it at start. */
export interface DtlsServerState {
  cipher: {
    remoteCertificate?: Buffer
    remoteKeyPair: { publicKey?: Buffer | Uint8Array }
    decryptPacket(record: DtlsRecord): Buffer
  }
  dtls: {
    sortedHandshakeCache: { msg_type: number; fragment: Buffer; serialize(): Buffer }[]
    /** The flight (RFC 6347 section 4.2.4) that was sent last. */
    flight: number
  }
}

interface DtlsRecord {
  recordLayerHeader: {
    contentType: number
    protocolVersion: { major: number; minor: number }
    epoch: number
    sequenceNumber: number
    contentLen: number
  }
  fragment: Buffer
}

/**
 * Stands between the socket and the DTLS library, which closes on any plaintext alert and buffers fragments without bound:
 * before the handshake is done only handshake records pass, and not more than a handshake needs; afterwards only records
 * that decrypt.
 */
export class DtlsGuard {
  #established: DtlsServerState | undefined
  /** What the handshake has cost so far. */
  #bytes = 0
  #fragments = 0
  dropped = 0

  /** From now on only authenticated records count. */
  establish(state: DtlsServerState): void {
    this.#established = state
  }

  /** @returns what the library may see of a datagram (possibly nothing), and whether the peer said that it leaves. */
  filter(datagram: Buffer): { pass: Buffer[]; closed: boolean } {
    const result = { pass: [] as Buffer[], closed: false }
    for (const record of recordsOf(datagram)) {
      const type = record[0]!
      if (this.#established === undefined) {
        if (this.#isBoundedHandshake(type, record)) result.pass.push(record)
        else this.dropped++
        continue
      }
      const plain = decrypt(this.#established, record)
      if (plain === undefined) this.dropped++
      else if (type === ALERT) result.closed ||= plain[0] === FATAL || plain[1] === CLOSE_NOTIFY
      else if (type === HANDSHAKE) result.pass.push(record) // our last flight was lost: the library sends it again
    }
    return result
  }

  #isBoundedHandshake(type: number, record: Buffer): boolean {
    if (type !== HANDSHAKE && type !== CHANGE_CIPHER_SPEC) return false
    const isPlaintextHandshake = type === HANDSHAKE && record.readUInt16BE(3) === 0
    const cost = isPlaintextHandshake
      ? costOf(record.subarray(RECORD_HEADER_BYTES))
      : { fragments: 1, bytes: record.length }
    if (cost === undefined) return false
    this.#bytes += RECORD_HEADER_BYTES + cost.bytes
    this.#fragments += cost.fragments
    return this.#bytes <= MAX_HANDSHAKE_BYTES && this.#fragments <= MAX_HANDSHAKE_FRAGMENTS
  }
}

/** RFC 6347 section 4.1: one datagram may carry several records. What is cut short ends the reading. */
function recordsOf(datagram: Buffer): Buffer[] {
  const records: Buffer[] = []
  for (let offset = 0; offset + RECORD_HEADER_BYTES <= datagram.length;) {
    const end = offset + RECORD_HEADER_BYTES + datagram.readUInt16BE(offset + 11)
    if (end > datagram.length) break
    records.push(datagram.subarray(offset, end))
    offset = end
  }
  return records
}

/**
 * What the messages of a record cost the library. RFC 6347 section 4.2.2: type, length of 3 bytes, sequence of 2, fragment offset
 * of 3, fragment length of 3. A fragment that ends its message costs the whole of it: the library puts that together without
 * asking for what is missing, so that 24 bytes would make 16 kB to be parsed, 60 kB more than a second's work.
 * @returns undefined for what is no row of messages, or has one that is too long.
 */
function costOf(messages: Buffer): { fragments: number; bytes: number } | undefined {
  const cost = { fragments: 0, bytes: 0 }
  for (let offset = 0; offset < messages.length;) {
    if (offset + HANDSHAKE_HEADER_BYTES > messages.length) return undefined
    const length = messages.readUIntBE(offset + 1, 3)
    const fragmentOffset = messages.readUIntBE(offset + 6, 3)
    const fragmentLength = messages.readUIntBE(offset + 9, 3)
    const fragmentEnd = fragmentOffset + fragmentLength
    if (length > MAX_HANDSHAKE_MESSAGE_BYTES || fragmentEnd > length) return undefined
    cost.fragments++
    cost.bytes += HANDSHAKE_HEADER_BYTES + (fragmentEnd === length ? length : fragmentLength)
    offset += HANDSHAKE_HEADER_BYTES + fragmentLength
    if (offset > messages.length) return undefined
  }
  return cost
}

function decrypt(state: DtlsServerState, record: Buffer): Buffer | undefined {
  const epoch = record.readUInt16BE(3)
  if (epoch === 0) return undefined
  try {
    return state.cipher.decryptPacket({
      recordLayerHeader: {
        contentType: record[0]!,
        protocolVersion: { major: record[1]!, minor: record[2]! },
        epoch,
        sequenceNumber: record.readUIntBE(5, 6),
        contentLen: record.length - RECORD_HEADER_BYTES,
      },
      fragment: record.subarray(RECORD_HEADER_BYTES),
    })
  } catch {
    return undefined
  }
}

/** The library sends an unanswered flight again for half a minute, whatever becomes of its viewer, unless a later one was sent. */
export function abandonHandshake(state: DtlsServerState | undefined): void {
  if (state !== undefined) state.dtls.flight = Infinity
}

/**
 * Checks that the client holds the private key of its certificate (RFC 5246 section 7.4.8): the library compares only the
 * certificate's fingerprint, and certificates travel in clear. To be called after the handshake, before the first packet.
 * @throws Error when the proof is missing or wrong.
 */
export function verifyPeerSignature(state: DtlsServerState): void {
  const { remoteCertificate, remoteKeyPair } = state.cipher
  const messages = state.dtls.sortedHandshakeCache
  const at = messages.findIndex((message) => message.msg_type === CERTIFICATE_VERIFY)
  const keyExchange = messages.find((message) => message.msg_type === CLIENT_KEY_EXCHANGE)
  if (remoteCertificate === undefined || at < 0 || keyExchange === undefined)
    throw new Error('the client proved nothing')
  const proof = messages[at]!.fragment
  const signature = proof.subarray(4)
  if (proof.length < 4 || proof.readUInt16BE(2) !== signature.length)
    throw new Error('CertificateVerify is cut short')
  const transcript = Buffer.concat(
    messages
      .slice(0, at)
      .filter((message) => message.msg_type !== FINISHED)
      .map((message) => message.serialize()),
  )
  const key = new X509Certificate(remoteCertificate).publicKey
  if (!signatureMatches(proof.readUInt16BE(0), key, transcript, signature)) {
    throw new Error('the client does not hold the private key of its certificate')
  }
  // The secret was made with the key share as the library parsed it: it has to be the one that was signed.
  if (!keyExchange.fragment.subarray(1).equals(Buffer.from(remoteKeyPair.publicKey ?? []))) {
    throw new Error('the key share differs from the one that was signed')
  }
}

/** SignatureAndHashAlgorithm of RFC 5246 section 7.4.1.4.1, and RSA-PSS of RFC 8446 section 4.2.3. SHA-1 is not enough. */
function signatureMatches(scheme: number, key: KeyObject, data: Buffer, signature: Buffer): boolean {
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
