/** What [limits] takes: default, least, most, and what is counted. Why one would change it: config.example.toml. */
export const LIMITS = {
  'offers-per-second': [10, 1, 1000, ' offers per second'],
  'offer-burst': [100, 1, 10_000, ' offers'],
  'max-viewers': [100, 1, 10_000, ' viewers'],
  'max-connecting': [64, 1, 10_000, ' viewers'],
  'max-connections': [512, 8, 65_535, ' connections'],
  'max-connections-per-address': [256, 1, 65_535, ' connections'],
  'max-websockets-per-address': [128, 1, 65_535, ' WebSockets'],
  'max-body-bytes': [131_072, 4096, 1_048_576, ' bytes'],
  'max-message-bytes': [131_072, 4096, 1_048_576, ' bytes'],
  'max-unfinished-bytes': [8_388_608, 65_536, 1_073_741_824, ' bytes'],
  'max-unfinished-bytes-per-address': [2_097_152, 65_536, 1_073_741_824, ' bytes'],
  'message-bytes-per-second': [65_536, 4096, 16_777_216, ' bytes per second'],
  'message-bytes-per-second-per-address': [524_288, 4096, 134_217_728, ' bytes per second'],
  'max-header-bytes': [16_384, 2048, 131_072, ' bytes'],
  'max-candidates': [32, 1, 1000, ' candidates'],
  'header-timeout-seconds': [10, 1, 3600, ' seconds'],
  'request-timeout-seconds': [30, 1, 3600, ' seconds'],
  'message-timeout-seconds': [10, 1, 3600, ' seconds'],
  'silent-websocket-seconds': [60, 1, 86_400, ' seconds'],
} as const satisfies Record<string, readonly [fallback: number, least: number, most: number, unit: string]>

export type LimitKey = keyof typeof LIMITS

/** What strangers may take of this machine. */
export interface Limits {
  /** Of one address. */
  offersPerSecond: number
  /** Of one address, at once. */
  offerBurst: number
  /** Of all cameras together. */
  maxViewers: number
  /** Viewers who have an answer and no connection yet. */
  maxConnecting: number
  /** TCP, of all ports together. */
  maxConnections: number
  maxConnectionsPerAddress: number
  maxWebsocketsPerAddress: number
  maxBodyBytes: number
  /** Of a WebSocket. */
  maxMessageBytes: number
  /** Of messages and bodies that are not complete, of all addresses together. */
  maxUnfinishedBytes: number
  maxUnfinishedBytesPerAddress: number
  /** Of one WebSocket. */
  messageBytesPerSecond: number
  /** Of all WebSockets and bodies of one address. */
  messageBytesPerSecondPerAddress: number
  maxHeaderBytes: number
  /** Of one viewer. */
  maxCandidates: number
  headerTimeoutMs: number
  requestTimeoutMs: number
  /** From the first byte of a WebSocket message to its last. */
  messageTimeoutMs: number
  silentWebsocketMs: number
}

export const toLimits = (limits: Record<LimitKey, number>): Limits => ({
  offersPerSecond: limits['offers-per-second'],
  offerBurst: limits['offer-burst'],
  maxViewers: limits['max-viewers'],
  maxConnecting: limits['max-connecting'],
  maxConnections: limits['max-connections'],
  maxConnectionsPerAddress: limits['max-connections-per-address'],
  maxWebsocketsPerAddress: limits['max-websockets-per-address'],
  maxBodyBytes: limits['max-body-bytes'],
  maxMessageBytes: limits['max-message-bytes'],
  maxUnfinishedBytes: limits['max-unfinished-bytes'],
  maxUnfinishedBytesPerAddress: limits['max-unfinished-bytes-per-address'],
  messageBytesPerSecond: limits['message-bytes-per-second'],
  messageBytesPerSecondPerAddress: limits['message-bytes-per-second-per-address'],
  maxHeaderBytes: limits['max-header-bytes'],
  maxCandidates: limits['max-candidates'],
  headerTimeoutMs: 1000 * limits['header-timeout-seconds'],
  requestTimeoutMs: 1000 * limits['request-timeout-seconds'],
  messageTimeoutMs: 1000 * limits['message-timeout-seconds'],
  silentWebsocketMs: 1000 * limits['silent-websocket-seconds'],
})
