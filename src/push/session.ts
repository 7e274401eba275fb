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
   * @param server host of the media server. @throws the reason of the signal.
   */
  offer(server: string, signal: AbortSignal): Promise<OutgoingSession>
}
