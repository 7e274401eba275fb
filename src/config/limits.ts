import { key, type Properties } from './key.js'
import { integer, seconds, type Kind } from './kinds.js'

const limit = <Unit extends 'seconds' | undefined>(
  kind: Kind<number, number, Unit>,
  fallback: number,
  about: string,
  formerly?: string,
) => key(kind, { default: fallback, applies: 'next', about, ...(formerly !== undefined && { formerly }) })

/** The rows of [limits]. */
export const LIMIT_KEYS = {
  'offers-per-second': limit(
    integer(1, 1000, ' offers per second'),
    10,
    'Offers per second from one address in the long run. A page sends one per camera. Excess offers get 429 `too-many-offers`.',
  ),
  'offer-burst': limit(integer(1, 10_000, ' offers'), 100, 'Offers from one address at once, after a pause.'),
  'max-viewers': limit(
    integer(1, 10_000, ' viewers'),
    100,
    'Viewers of all cameras together. Excess viewers get 503 `server-full`.',
  ),
  'max-connecting': limit(
    integer(1, 10_000, ' viewers'),
    64,
    'Viewers that have an answer but no connection yet, of all cameras together. One camera is limited to 20, or to `webrtc.max-clients` if that is more. Each has 12 seconds. Excess viewers get 503 `too-many-connecting`.',
  ),
  'max-connections': limit(
    integer(8, 65_535, ' connections'),
    512,
    'TCP connections of all ports together, including WebSockets. Excess connections get 503 `too-many-connections`.',
  ),
  'max-connections-per-address': limit(
    integer(1, 65_535, ' connections'),
    256,
    'TCP connections from one address. A page uses one per camera and up to 6 others.',
  ),
  'max-websockets-per-address': limit(
    integer(1, 65_535, ' WebSockets'),
    128,
    'WebSockets from one address. A page uses one per camera. Excess WebSockets get 503 `too-many-websockets`.',
  ),
  'max-body-bytes': limit(
    integer(4096, 1_048_576, ' bytes'),
    131_072,
    'Bytes of a request body. Longer bodies get 413 `body-too-large`. An SDP is limited to 65536 in any case.',
  ),
  'max-message-bytes': limit(
    integer(4096, 1_048_576, ' bytes'),
    131_072,
    'Bytes of a WebSocket message. Longer messages close the WebSocket with code 1009.',
  ),
  'max-header-bytes': limit(
    integer(2048, 131_072, ' bytes'),
    16_384,
    'Bytes of the headers of a request. Longer headers get 431 `headers-too-large`.',
  ),
  'max-unfinished-bytes': limit(
    integer(65_536, 1_073_741_824, ' bytes'),
    8_388_608,
    'Bytes of incomplete messages and bodies, of all addresses together. Beyond it a WebSocket closes with code 1008, and a request gets 503 `too-many-unfinished-bytes`.',
  ),
  'max-unfinished-bytes-per-address': limit(
    integer(65_536, 1_073_741_824, ' bytes'),
    2_097_152,
    'The same for one address.',
  ),
  'message-bytes-per-second': limit(
    integer(4096, 16_777_216, ' bytes per second'),
    65_536,
    'Bytes per second parsed from one WebSocket in the long run. Joining takes 10 to 30 kB. Beyond it the WebSocket closes with code 1008.',
  ),
  'message-bytes-per-second-per-address': limit(
    integer(4096, 134_217_728, ' bytes per second'),
    524_288,
    'Bytes per second parsed from all WebSockets and bodies of one address. Excess requests get 429 `too-many-bytes`.',
  ),
  'max-candidates': limit(
    integer(1, 1000, ' candidates'),
    32,
    'ICE candidates of one viewer. Of an offer the first ones are used; a later excess candidate is rejected with `too-many-candidates`.',
  ),
  'header-timeout-seconds': limit(
    seconds(1, 3600),
    10,
    'Seconds from the connection to the end of the headers, including the TLS handshake. Later requests get 408 `request-timeout`.',
  ),
  'request-timeout-seconds': limit(
    seconds(1, 3600),
    30,
    'Seconds until the whole request has arrived. A client that reads nothing of the response for twice this time is disconnected.',
  ),
  'message-timeout-seconds': limit(
    seconds(1, 3600),
    10,
    'Seconds from the first to the last byte of a WebSocket message. Beyond it the WebSocket closes with code 1008.',
  ),
  'websocket-idle-timeout-seconds': limit(
    seconds(1, 86_400),
    60,
    'Seconds until a WebSocket on which the client has never sent a message is closed with code 1008.',
    'silent-websocket-seconds',
  ),
}

export type Limits = Properties<typeof LIMIT_KEYS>
