/** The addresses in the memory of the WebAssembly module. */

import { SLICED_KEY_BYTES } from './aes-key.js'
import { SHA1_BLOCK_WORDS, SHA1_STATE_WORDS } from './sha1.js'

/** 32-bit words per vector: this many packets are authenticated at once. */
export const LANES = 4
export const VECTOR_BYTES = 16
export const BLOCK_BYTES = 64
const PAGE_BYTES = 0x10000

export const BLOCK_AT = 0
export const STATE_AT = BLOCK_AT + SHA1_BLOCK_WORDS * VECTOR_BYTES
/** The initial states of both HMAC passes (RFC 2104 section 4), one packet per lane. */
export const INNER_AT = STATE_AT + SHA1_STATE_WORDS * VECTOR_BYTES
export const OUTER_AT = INNER_AT + SHA1_STATE_WORDS * VECTOR_BYTES
export const COUNTERS_AT = 1024
export const COUNTERS_BYTES = 0x10000
/** The key of the blocks that are encrypted. */
export const AES_KEY_AT = COUNTERS_AT + COUNTERS_BYTES
export const PAYLOAD_AT = AES_KEY_AT + SLICED_KEY_BYTES
/** A datagram and its SHA-1 padding. Not a power of two: the lanes would share a few lines of the CPU cache. */
export const LANE_BYTES = PAGE_BYTES + 0x540
export const LANES_AT = PAYLOAD_AT + LANE_BYTES
export const PAGES = Math.ceil((LANES_AT + LANES * LANE_BYTES) / PAGE_BYTES)

/** RFC 3711 section 4.2: the rollover counter is appended before authentication. */
export const ROC_BYTES = 4
