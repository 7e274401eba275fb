/** What keeps a push from playing, for the log, /health and the owner's page. */
export interface PushProblem {
  /** Stable, such as `push-forbidden`. */
  cause: string
  /** Sentences. */
  message: string
  hint: string
}

/** An attempt that failed. The next one follows by itself. */
export class PushError extends Error {
  override name = 'PushError'
  readonly problem: PushProblem
  /** How long the server asks to wait. */
  readonly retryAfterMs: number | undefined
  constructor(problem: PushProblem, retryAfterMs?: number) {
    super(problem.message)
    this.problem = problem
    this.retryAfterMs = retryAfterMs
  }
}
