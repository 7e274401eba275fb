/** What a push needs of one session with a media server. */
export interface OutgoingSession {
  readonly offerSdp: string
  /** Why TURN servers gave no address: sentences without a full stop. */
  readonly relayProblems: readonly string[]
  /** Connects to the server. Called once. @throws AppError */
  accept(answerSdp: string): void
  /** Resolves when the first packets can be sent. */
  readonly live: Promise<void>
  readonly ended: Promise<SessionEnd>
  /** Since it was live, also after its end; undefined before. */
  stats(): SessionStats | undefined
  /** Resolves when everything is released. */
  end(): Promise<void>
}

export interface SessionEnd {
  reason: string
  /** Whether a candidate pair was nominated. */
  wasReachable: boolean
  /** Whether the server still answered ICE. */
  wasHeard: boolean
}

/** Counters of one session, and the state of its path. */
export interface SessionStats {
  packets: number
  octets: number
  nacked: number
  retransmitted: number
  pli: number
  fir: number
  framesDropped: number
  congested: boolean
  availableBitrateBps: number | undefined
  fractionLost: number | undefined
  roundTripMs: number | undefined
  /** Whether packets go through a TURN server. */
  relayed: boolean
}

/** A TURN server of a media server (RFC 9725 section 4.6). */
export interface NamedTurnServer {
  /** `turn:host:port?transport=udp` */
  uri: string
  /** Secret, like the password. */
  username: string
  password: string
  namedBy: {
    host: string
    /** Whether we may connect to an address at its word. */
    mayName(address: string): boolean
  }
}

/** What a push needs of its camera. */
export interface PushedCamera {
  readonly key: string
  /** Whether it delivers. */
  isLive(): boolean
  /** How many watch here. */
  viewers(): number
  /** Keeps it capturing. */
  watch(): Disposable
  /**
   * Asks TURN servers for addresses first, if there are any.
   * @param server host of the media server.
   * @param turnServers that it named, after those of the configuration.
   * @throws the reason of the signal.
   */
  offer(
    server: string,
    turnServers: readonly NamedTurnServer[],
    signal: AbortSignal,
  ): Promise<OutgoingSession>
}
