import {
  explainFailure,
  factsOf,
  type BrowserReport,
  type ConnectFailure,
  type Situation,
} from './connect-failure.js'
import type { ConnectFailures, FailedSession } from './connect-failures.js'

/** Ends without a wish of the client. */
const FAILED: readonly string[] = ['never-connected', 'handshake-failed', 'impostor', 'connection-lost']
/** The client gave up, or a later attempt replaced it. */
const GIVEN_UP: readonly string[] = ['asked-to-leave', 'page-left', 'superseded', 'replaced']
/** A page gives up after 8 s. A user who leaves sooner has not waited for a connection. */
const PATIENCE_MS = 3000

/** Between two answers: a page asks every 3 s, and each answer reads the interfaces of this machine. */
const MIN_INTERVAL_MS = 500

export interface DiagnosisOptions
  extends
    Pick<FailedSession, 'id' | 'camera' | 'via'>,
    Pick<Situation, 'facts' | 'client' | 'port' | 'hasTcp'> {
  /** Read when they are needed: they may change while a client connects. */
  networks: () => readonly string[]
  offered: () => Situation['offered']
  failures: ConnectFailures
}

/** Explains why one session does not connect, from both ends. */
export class ConnectDiagnosis {
  readonly #options: DiagnosisOptions
  readonly #startedMs = performance.now()
  #browser: BrowserReport | undefined
  #failure: ConnectFailure | undefined
  #isNoted = false
  #explainedAtMs = -Infinity

  constructor(options: DiagnosisOptions) {
    this.#options = options
  }

  /** @param browser what the client reports. @returns undefined while nothing is wrong, and for reports that follow at once. */
  explain(browser: BrowserReport): ConnectFailure | undefined {
    this.#browser = browser
    if (performance.now() - this.#explainedAtMs < MIN_INTERVAL_MS) return undefined
    this.#explainedAtMs = performance.now()
    const situation = this.#situation(undefined)
    const failure = explainFailure(situation)
    if (failure !== undefined && situation.facts.isConnected) this.#note(failure, situation)
    return failure
  }

  /** Why the session, which has ended, did not connect; undefined if it did, or the client did not wait for it. */
  get failure(): ConnectFailure | undefined {
    return this.#failure
  }

  end(reason: string): void {
    const { facts } = this.#options
    const waitedMs = performance.now() - this.#startedMs
    const hasFailed = FAILED.includes(reason) || (GIVEN_UP.includes(reason) && waitedMs >= PATIENCE_MS)
    if (facts.isConnected || !hasFailed) return
    const situation = this.#situation(reason)
    this.#failure = explainFailure(situation)
    if (this.#failure !== undefined) this.#note(this.#failure, situation)
  }

  #situation(end: string | undefined): Situation {
    const { facts, client, port, hasTcp, networks, offered } = this.#options
    return {
      facts,
      end,
      nowMs: performance.now(),
      client,
      networks: networks(),
      offered: offered(),
      port,
      hasTcp,
      browser: this.#browser,
    }
  }

  #note(failure: ConnectFailure, situation: Situation): void {
    if (this.#isNoted) return
    this.#isNoted = true
    const { id, camera, via, client, failures } = this.#options
    const waitedS = Math.round((performance.now() - this.#startedMs) / 100) / 10
    failures.note({ id, camera, via, client, failure, facts: { ...factsOf(situation), afterS: waitedS } })
  }
}
