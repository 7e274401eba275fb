import type { DtlsState } from './internals.js'

/** Record content types (RFC 6347 section 4.1, RFC 5246 section 6.2.1). */
const CHANGE_CIPHER_SPEC = 20
const ALERT = 21
const HANDSHAKE = 22
const RECORD_HEADER_BYTES = 13
const HANDSHAKE_HEADER_BYTES = 12
const CLOSE_NOTIFY = 0
const FATAL = 2
/** A browser's handshake has 2 to 6 kB, retransmissions included. */
const MAX_HANDSHAKE_BYTES = 64 * 1024
/** RFC 6347 section 4.2.2 allows 2^24 bytes for a handshake message, which werift would allocate before they arrive. */
const MAX_HANDSHAKE_MESSAGE_BYTES = 16 * 1024
/** A client has 7 records, some in a few fragments, and repeats its flights about eight times before the timeout. */
const MAX_HANDSHAKE_FRAGMENTS = 128

/**
 * Filters datagrams for werift, which closes on any plaintext alert and buffers fragments without bound. Before the handshake is
 * done a bounded number of handshake records pass; afterwards only authentic ones.
 */
export class DtlsGuard {
  #established: DtlsState | undefined
  #hasLastFlight = true
  #bytes = 0
  #fragments = 0
  dropped = 0

  /** @param hasLastFlight whether the last flight is ours, as a server's is: it may have to be sent again. */
  establish(state: DtlsState, hasLastFlight = true): void {
    this.#established = state
    this.#hasLastFlight = hasLastFlight
  }

  /** @returns the records for werift, and whether the peer closed the connection. */
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
      else if (type === HANDSHAKE && this.#hasLastFlight) result.pass.push(record) // it was lost: werift repeats it
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

/** RFC 6347 section 4.1: one datagram may carry several records. */
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
 * The cost of a record's messages (RFC 6347 section 4.2.2). A fragment that ends its message costs the whole message: werift
 * assembles it even if other fragments are missing, so 24 bytes make it parse 16 kB, and 60 kB take over a second.
 * @returns undefined if the messages are malformed or one is too long.
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

function decrypt(state: DtlsState, record: Buffer): Buffer | undefined {
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
