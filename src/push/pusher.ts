import { setTimeout as sleep } from 'node:timers/promises'
import { authorizationOf, secretsOfPush, type PushConfig } from '../config/push.js'
import { messageOf, stackOf } from '../lib/error-message.js'
import type { Log } from '../log.js'
import { PushError, type PushProblem } from './push-error.js'
import { noPushCounts, withSession, type PushState, type PushView } from './push-view.js'
import { reconnectDelayMs, STABLE_MS } from './reconnect-delay.js'
import { answerProblem, endProblem } from './session-problems.js'
import type { NamedTurnServer, OutgoingSession, PushedCamera, SessionEnd } from './session.js'
import { publish, remove, type WhipServer } from './whip-client.js'

/** How often a push looks whether its camera delivers, and whether somebody watches. */
const SAMPLE_MS = 500
/** A page that is loaded again comes back within this time. */
const WATCHED_GRACE_MS = 5000
const LONG_MS = 86_400_000
const NOWHERE = { wasReachable: false, wasHeard: false }

export interface PusherTools {
  log: Log
  /** Rejects when the signal is aborted. */
  wait?: (ms: number, signal: AbortSignal) => Promise<void>
  /** From 0 to 1. */
  random?: () => number
}

/** Sends one camera to one media server, and again after every end, until it is disposed. */
export class Pusher implements AsyncDisposable {
  readonly config: PushConfig
  readonly #camera: PushedCamera
  readonly #server: WhipServer
  readonly #host: string
  readonly #log: Log
  readonly #wait: NonNullable<PusherTools['wait']>
  readonly #random: () => number
  readonly #stop = new AbortController()
  readonly #done: Promise<void>
  /** Ends the present attempt alone: a signal that lives as long as the push would keep every attempt in memory. */
  #over = new AbortController()
  #state: PushState = 'connecting'
  #problem: PushProblem | undefined
  #relayProblems: readonly string[] = []
  /** Of the last 201: an offer is complete when it is sent, so they are for the next one. */
  #turnServers: readonly NamedTurnServer[] = []
  #session: OutgoingSession | undefined
  #ended = noPushCounts()
  #connections = 0
  #liveSinceMs = 0
  #retryAtMs = 0
  #watchedAtMs = -Infinity

  constructor(config: PushConfig, camera: PushedCamera, tools: PusherTools) {
    this.config = config
    this.#camera = camera
    this.#host = new URL(config.url).host
    this.#server = {
      url: config.url,
      authorization: authorizationOf(config.credentials),
      secrets: secretsOfPush(config),
    }
    this.#log = tools.log
    this.#wait = tools.wait ?? (async (ms, signal) => await sleep(ms, undefined, { signal }))
    this.#random = tools.random ?? Math.random
    this.#done = this.#run()
  }

  get view(): PushView {
    const isLive = this.#state === 'live'
    const stats = this.#session?.stats()
    return {
      name: this.config.name,
      state: this.#state,
      required: this.config.required,
      problem: this.#problem,
      liveForMs: isLive ? performance.now() - this.#liveSinceMs : undefined,
      retryInMs: this.#state === 'retrying' ? Math.max(0, this.#retryAtMs - performance.now()) : undefined,
      reconnects: Math.max(0, this.#connections - 1),
      total: withSession(this.#ended, stats),
      path: isLive ? stats : undefined,
    }
  }

  /** Begins another session, because what the present one was built with is gone. */
  renew(): void {
    this.#over.abort()
  }

  async #run(): Promise<void> {
    try {
      for (;;) {
        await this.#until(() => this.#isWanted(), 'idle')
        using _capture = this.#camera.watch()
        await this.#whileWanted()
      }
    } catch (error) {
      if (!this.#stop.signal.aborted) this.#log.error('the push ended', { error: stackOf(error) })
    }
  }

  async #whileWanted(): Promise<void> {
    let failures = 0
    while (this.#isWanted()) {
      await this.#until(() => this.#camera.isLive() || !this.#isWanted(), 'waiting')
      if (!this.#isWanted()) return
      this.#liveSinceMs = Infinity
      const failure = await this.#attempt()
      if (performance.now() - this.#liveSinceMs >= STABLE_MS) failures = 0
      if (failure === undefined && !this.#isWanted()) return
      failures++
      const waitMs = reconnectDelayMs(failures, failure?.retryAfterMs, this.#random())
      this.#retryAtMs = performance.now() + waitMs
      this.#state = 'retrying'
      if (failure !== undefined) this.#note(failure.problem, waitMs)
      await this.#wait(waitMs, this.#stop.signal)
    }
  }

  /** @returns why it failed; undefined if it is not wanted any more, or has to be renewed. */
  async #attempt(): Promise<PushError | undefined> {
    this.#state = 'connecting'
    this.#over = new AbortController()
    const over = this.#over.signal
    if (this.#stop.signal.aborted) this.#over.abort()
    let session: OutgoingSession | undefined
    let resource: URL | undefined
    try {
      session = await this.#camera.offer(this.#host, this.#turnServers, over)
      this.#noteRelays(session.relayProblems)
      const published = await publish(this.#serverNow(), session.offerSdp, over)
      resource = published.resource
      this.#turnServers = published.turnServers
      this.#accept(session, published.answerSdp)
      const end = await this.#play(session, over)
      if (end === undefined) return undefined
      if (end.reason === 'left') resource = undefined // the server has forgotten it
      return new PushError(endProblem(end, this.#host, session.relayProblems))
    } catch (error) {
      if (over.aborted) return undefined
      return error instanceof PushError ? error : this.#failed(error)
    } finally {
      await session?.end()
      this.#ended = withSession(this.#ended, session?.stats())
      this.#session = undefined
      if (resource !== undefined) await remove(this.#server, resource)
    }
  }

  /** It may repeat in an error what it has named. */
  #serverNow(): WhipServer {
    const named = this.#turnServers.flatMap(({ username, password }) => [username, password])
    return { ...this.#server, secrets: [...this.#server.secrets, ...named] }
  }

  /** A bug of ours, which must not end the push. */
  #failed(error: unknown): PushError {
    this.#log.error('push failed', { push: this.config.name, error: stackOf(error) })
    return new PushError(endProblem({ reason: messageOf(error), ...NOWHERE }, this.#host))
  }

  /** @throws PushError */
  #accept(session: OutgoingSession, answerSdp: string): void {
    try {
      session.accept(answerSdp)
    } catch (error) {
      throw new PushError(answerProblem(error, this.#host))
    }
  }

  /** @returns how the session ended; undefined if we end it. */
  async #play(session: OutgoingSession, over: AbortSignal): Promise<SessionEnd | undefined> {
    const finished = new AbortController()
    const unwanted = this.#whenUnwanted(AbortSignal.any([over, finished.signal]))
    try {
      const failed = await Promise.race([session.live, session.ended, unwanted])
      if (failed !== undefined) return failed ?? undefined
      if (over.aborted) return undefined
      this.#connected(session)
      return (await Promise.race([session.ended, unwanted])) ?? undefined
    } finally {
      finished.abort()
    }
  }

  #connected(session: OutgoingSession): void {
    this.#session = session
    this.#state = 'live'
    this.#liveSinceMs = performance.now()
    this.#connections++
    this.#problem = undefined
    this.#log.info('push connected', { push: this.config.name, sessions: this.#connections })
  }

  /** Resolves with null when the session has to end from our side, or the signal is aborted. */
  async #whenUnwanted(signal: AbortSignal): Promise<null> {
    try {
      const sampleMs = this.config.when === 'always' ? LONG_MS : SAMPLE_MS
      while (this.#isWanted()) await this.#wait(sampleMs, signal)
    } catch (error) {
      if (!signal.aborted) throw error
    }
    return null
  }

  #isWanted(): boolean {
    if (this.config.when === 'always') return true
    const nowMs = performance.now()
    if (this.#camera.viewers() > 0) this.#watchedAtMs = nowMs
    return nowMs - this.#watchedAtMs < WATCHED_GRACE_MS
  }

  /** @param state while it waits. */
  async #until(condition: () => boolean, state: PushState): Promise<void> {
    this.#stop.signal.throwIfAborted()
    while (!condition()) {
      this.#state = state
      await this.#wait(SAMPLE_MS, this.#stop.signal)
    }
  }

  /** Servers that refuse are logged once, until that changes. */
  #noteRelays(problems: readonly string[]): void {
    const added = problems.filter((problem) => !this.#relayProblems.includes(problem))
    for (const problem of added) this.#log.warn(`${problem}.`, { push: this.config.name })
    this.#relayProblems = problems
  }

  /** A failure that repeats is logged once. */
  #note(problem: PushProblem, waitMs: number): void {
    const isNew = problem.cause !== this.#problem?.cause
    this.#problem = problem
    const { cause, message, hint } = problem
    const fields = { push: this.config.name, cause, retryInS: Math.round(waitMs / 100) / 10, hint }
    if (isNew) this.#log.warn(message, fields)
    else this.#log.debug(message, fields)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort()
    this.#over.abort()
    await this.#done
  }
}
