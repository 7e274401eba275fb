/** An answer that a client can act on: a stable code, an HTTP status and a sentence. Anything else that is thrown is a bug. */
export abstract class AppError extends Error {
  abstract readonly code: string
  abstract readonly status: 400 | 404 | 405 | 406 | 413 | 415 | 422 | 503
}

/** The configuration cannot be used; every problem at once, each a whole sentence that names its key. Exit code 78 (EX_CONFIG). */
export class ConfigError extends Error {
  override name = 'ConfigError'
  readonly problems: readonly string[]
  constructor(problems: readonly string[], source: string) {
    super(
      [
        `${source} has ${problems.length} problem${problems.length === 1 ? '' : 's'}:`,
        ...problems.map((p) => `  ${p}`),
      ].join('\n'),
    )
    this.problems = problems
  }
}

/** Something the program cannot run without is not installed; the message ends with the mend. Exit code 69 (EX_UNAVAILABLE). */
export class MissingError extends Error {
  override name = 'MissingError'
}
