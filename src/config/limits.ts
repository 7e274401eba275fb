/** What [limits] takes: default, least, most, and what is counted. Why one would change it: config.example.toml. */
export const LIMITS = {
  'offers-per-second': [10, 1, 1000, ' offers per second'],
  'offer-burst': [100, 1, 10_000, ' offers'],
  'max-viewers': [100, 1, 10_000, ' viewers'],
  'max-connecting': [64, 1, 10_000, ' viewers'],
  'max-connections': [512, 8, 65_535, ' connections'],
  'max-connections-per-address': [256, 1, 65_535, ' connections'],
  'max-body-bytes': [131_072, 4096, 1_048_576, ' bytes'],
  'max-message-bytes': [524_288, 4096, 4_194_304, ' bytes'],
  'max-header-bytes': [16_384, 2048, 131_072, ' bytes'],
  'max-candidates': [32, 1, 1000, ' candidates'],
  'header-timeout-seconds': [10, 1, 3600, ' seconds'],
  'request-timeout-seconds': [30, 1, 3600, ' seconds'],
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
  maxBodyBytes: number
  maxMessageBytes: number
  maxHeaderBytes: number
  /** Of one viewer. */
  maxCandidates: number
  headerTimeoutMs: number
  requestTimeoutMs: number
  silentWebsocketMs: number
}

export const toLimits = (limits: Record<LimitKey, number>): Limits => ({
  offersPerSecond: limits['offers-per-second'],
  offerBurst: limits['offer-burst'],
  maxViewers: limits['max-viewers'],
  maxConnecting: limits['max-connecting'],
  maxConnections: limits['max-connections'],
  maxConnectionsPerAddress: limits['max-connections-per-address'],
  maxBodyBytes: limits['max-body-bytes'],
  maxMessageBytes: limits['max-message-bytes'],
  maxHeaderBytes: limits['max-header-bytes'],
  maxCandidates: limits['max-candidates'],
  headerTimeoutMs: 1000 * limits['header-timeout-seconds'],
  requestTimeoutMs: 1000 * limits['request-timeout-seconds'],
  silentWebsocketMs: 1000 * limits['silent-websocket-seconds'],
})
