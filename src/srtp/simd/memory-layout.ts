/** The addresses in the memory of the WebAssembly module. */

import { SHA1_BLOCK_WORDS, SHA1_STATE_WORDS } from './sha1.js'

/** Four 32-bit words in each vector: so many packets are authenticated at once. */
export const LANES = 4
export const VECTOR_BYTES = 16
export const BLOCK_BYTES = 64
const PAGE_BYTES = 0x10000

export const BLOCK_AT = 0
export const STATE_AT = BLOCK_AT + SHA1_BLOCK_WORDS * VECTOR_BYTES
/** The states from which either pass of the HMAC sets out (RFC 2104 section 4), one packet's in each lane. */
export const INNER_AT = STATE_AT + SHA1_STATE_WORDS * VECTOR_BYTES
export const OUTER_AT = INNER_AT + SHA1_STATE_WORDS * VECTOR_BYTES
export const COUNTERS_AT = 1024
/** Counter blocks for as much as fits into a datagram. */
export const COUNTERS_BYTES = 0x10000
/** One payload, plain, in whole vectors. */
export const PAYLOAD_AT = COUNTERS_AT + COUNTERS_BYTES
/**
 * A datagram, its padding to a whole block, and what is cleared behind it. Lanes do not lie a power of two apart: the CPU's
 * cache would keep them all in the same few places.
 */
export const LANE_BYTES = PAGE_BYTES + 0x540
export const LANES_AT = PAYLOAD_AT + LANE_BYTES
export const PAGES = Math.ceil((LANES_AT + LANES * LANE_BYTES) / PAGE_BYTES)

/** The rollover counter behind what is authenticated (RFC 3711 section 4.2). */
export const ROC_BYTES = 4
