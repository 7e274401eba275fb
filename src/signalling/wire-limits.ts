/** Bounds on the content of signalling messages, the same for every protocol. The SDP parser has its own bound of 64 kB. */

export const MAX_SDP_CHARS = 64 * 1024
/** Longer than any valid candidate line (RFC 8839 section 5.1). */
export const MAX_CANDIDATE_CHARS = 2048
/** Of one message. */
export const MAX_CANDIDATES = 64
/** 64 candidates of 200 bytes and the lines around them. */
export const MAX_FRAGMENT_BYTES = 16 * 1024
/** A tab's id is a secret of 128 random bits or more in base64url. */
export const TAB_ID = /^[\w-]{22,64}$/
export const MAX_ID_CHARS = 64
export const MAX_TYPE_CHARS = 64
/** go2rtc's page lists eight codecs in 100 characters. */
export const MAX_CODECS_CHARS = 1024
