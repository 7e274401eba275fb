import { resolveHost, resolveInDns } from '../lib/resolve-host.js'
import { silentLog } from '../log.js'
import { openRelays, type Relays } from '../turn/relays.js'
import type { TurnServer } from '../turn/turn-server.js'
import { ConnectFailures } from './connecting/connect-failures.js'
import { NO_PUBLIC_ADDRESS, type RegistryOptions, type StreamOfCamera } from './registry-options.js'
import { keepKeyframesComing } from './rtcp/keyframe-interval.js'
import { acceptPushAnswer, writePushOffer } from './sdp/push-offer.js'
import { SessionSetup } from './session-setup.js'
import { runSession, sessionTiming, type SessionTiming } from './session.js'
import type { ViewerStats } from './stats/stats.js'
import type { RelayedAddress } from './transport/relay-guard.js'
import { checkBudget, UnprovenChecks } from './transport/unproven-checks.js'
import type { EndReason } from './types.js'

/**
 * A server answers ICE while it lives, so silence means a broken path. Of RTCP some servers send a report every 5 seconds, and some
 * none at all.
 */
export const pushTiming: SessionTiming = {
  ...sessionTiming,
  connectLimitMs: 15_000,
  rtcpSilenceLimitMs: 60_000,
  reportsExpected: false,
}

export interface PushEnd {
  reason: EndReason
  /** Whether a candidate pair was nominated. */
  wasReachable: boolean
  /** Whether the server still answered ICE. */
  wasHeard: boolean
}

export type PushStats = ViewerStats & { relayed: boolean }

/** A session with a media server, from our offer to the end. */
export interface PushSession {
  readonly offerSdp: string
  /** Why TURN servers gave no address: sentences without a full stop. */
  readonly relayProblems: readonly string[]
  /** Connects to the server. Called once. @throws AppError `answer-too-large`, `bad-answer` or `no-common-codec` */
  accept(answerSdp: string): void
  /** Resolves when the first packets can be sent. */
  readonly live: Promise<void>
  readonly ended: Promise<PushEnd>
  /** Undefined unless it is live. */
  stats(): PushStats | undefined
  /** Resolves when everything is released. */
  end(): Promise<void>
}

export type PushOptions = Pick<
  RegistryOptions,
  'media' | 'srtp' | 'fingerprint' | 'addresses' | 'publicAddress' | 'config' | 'log' | 'timing'
> & {
  /** With credentials that are valid now. */
  turnServers?: () => readonly TurnServer[]
}

/** Offers cameras to media servers. Such a session takes no slot of a viewer. */
export class PushSessions {
  readonly #options: PushOptions
  readonly #checksOf = checkBudget()
  /** Of viewers: a push reports its own. */
  readonly #failures = new ConnectFailures(silentLog)

  constructor(options: PushOptions) {
    this.#options = options
  }

  /**
   * Asks TURN servers for addresses first, which takes 2.5 s at most.
   * @param server names the server, for a limit of the checks that its answers make us send.
   * @param named are TURN servers of that server; those of the configuration come first, and four are asked.
   * @throws the reason of the signal.
   */
  async offer(
    camera: string,
    stream: StreamOfCamera,
    server: string,
    named: readonly TurnServer[],
    signal: AbortSignal,
  ): Promise<PushSession> {
    const configured = this.#options.turnServers?.() ?? []
    const others = named.filter(({ uri }) => !configured.some((own) => own.uri === uri))
    const servers = [...configured, ...others]
    if (servers.length === 0) return this.#offer(camera, stream, server, { allocations: [], problems: [] })
    const relays = await openRelays(servers, signal, { resolve: resolveHost, resolveNamed: resolveInDns })
    try {
      return this.#offer(camera, stream, server, relays)
    } catch (error) {
      await Promise.all(relays.allocations.map(async (one) => await one[Symbol.asyncDispose]()))
      throw error
    }
  }

  #offer(camera: string, stream: StreamOfCamera, server: string, relays: Relays): PushSession {
    const { publicAddress = NO_PUBLIC_ADDRESS, timing = pushTiming, log } = this.#options
    const setup = this.#setUp(camera, server, relays.allocations)
    const { peer } = setup
    peer.becomeControlling()
    // As it is now: the answer is to this offer.
    const hasAudio = stream.audio !== undefined
    let onLive: () => void
    let onEnd: (end: PushEnd) => void
    const live = new Promise<void>((resolve) => (onLive = resolve))
    const ended = new Promise<PushEnd>((resolve) => (onEnd = resolve))
    let stats: (() => PushStats) | undefined
    let wasReachable = false
    let isRunning = false
    void peer.reachable.then(() => (wasReachable = true))
    const finish = (reason: EndReason): void => {
      const wasHeard = performance.now() - peer.lastHeardAtMs < timing.silenceLimitMs
      stats = undefined
      onEnd({ reason, wasReachable, wasHeard })
    }
    const run = async (): Promise<void> => {
      using _needsPublicAddress = publicAddress.use()
      using keyframes = keepKeyframesComing(stream)
      let reason: EndReason = 'failed'
      try {
        reason = await runSession({
          peer,
          stream,
          format: () => setup.format!,
          cname: camera,
          leave: setup.leave,
          reservedMs: timing.connectLimitMs,
          onLive: (read) => {
            stats = () => ({ ...read(), relayed: peer.isRelayed })
            keyframes.start()
            onLive()
            return undefined
          },
          onStatus: () => {},
          timing,
        })
      } catch (error) {
        log.error('push failed', { camera, error: String(error) })
      }
      finish(reason)
    }
    return {
      offerSdp: writePushOffer(stream.codec, setup.local, hasAudio),
      relayProblems: relays.problems,
      accept: (answerSdp) => {
        const { remote, ...format } = acceptPushAnswer(answerSdp, stream.codec, hasAudio)
        isRunning = true
        setup.setRemote(remote, format, Buffer.byteLength(answerSdp))
        void setup.run(run).then(() => setup.end('asked-to-leave')) // later errors are ignored
      },
      live,
      ended,
      stats: () => stats?.(),
      end: async () => {
        setup.end('asked-to-leave')
        if (!isRunning) {
          isRunning = true
          await peer[Symbol.asyncDispose]()
          finish('asked-to-leave')
        }
        await ended
      },
    }
  }

  #setUp(camera: string, server: string, relays: readonly RelayedAddress[]): SessionSetup {
    const {
      media,
      srtp,
      fingerprint,
      addresses,
      publicAddress = NO_PUBLIC_ADDRESS,
      config,
      log,
    } = this.#options
    publicAddress.refresh()
    return new SessionSetup({
      camera,
      via: 'whip',
      mux: media.mux,
      tcp: undefined, // media servers connect to no TCP port
      srtp,
      fingerprint,
      addresses: addresses([]),
      publicAddress,
      maxCandidates: config.limits.maxCandidates,
      client: server,
      networks: () => [],
      failures: this.#failures,
      unprovenChecks: new UnprovenChecks(this.#checksOf(server)),
      // Each has a limit of its own, within that of the server: they check the same candidates.
      relays: relays.map((relay) => ({ relay, unprovenChecks: new UnprovenChecks(this.#checksOf(server)) })),
      log,
    })
  }
}
