/** An answer that a client can act on: a stable code, an HTTP status and a sentence. Anything else that is thrown is a bug. */
export class AppError extends Error {
  override name = 'AppError'
  readonly code: string
  readonly status: 400 | 404 | 405 | 406 | 409 | 412 | 413 | 415 | 422 | 429 | 503
  /** Seconds, where it is known when to try again. */
  readonly retryAfterS: number | undefined
  constructor(code: string, status: AppError['status'], message: string, retryAfterS?: number) {
    super(message)
    this.code = code
    this.status = status
    this.retryAfterS = retryAfterS
  }
}

export const badOffer = (message: string): AppError => new AppError('bad-offer', 400, message)

export const cameraFull = (camera: string, maxClients: number): AppError =>
  new AppError(
    'camera-full',
    503,
    `${camera} has its maximum of ${maxClients} viewer${maxClients === 1 ? '' : 's'}; try again later`,
  )

export const serverFull = (maxViewers: number): AppError =>
  new AppError(
    'server-full',
    503,
    `all cameras together have their maximum of ${maxViewers} viewers; try again later`,
  )

export const tooManyConnecting = (maxConnecting: number): AppError =>
  new AppError(
    'too-many-connecting',
    503,
    `${maxConnecting} viewers are just connecting, which is the maximum; try again in a moment`,
  )

export const tooManyOffers = (waitMs: number): AppError =>
  new AppError(
    'too-many-offers',
    429,
    'too many offers came from this address; try again later',
    Math.ceil(waitMs / 1000),
  )

export const tooManyBytes = (waitMs: number): AppError =>
  new AppError(
    'too-many-bytes',
    429,
    'too much came from this address to be read; try again later',
    Math.ceil(waitMs / 1000),
  )

export const tooManyUnfinishedBytes = (): AppError =>
  new AppError(
    'too-many-unfinished-bytes',
    503,
    'too many requests and messages are not complete yet; try again later',
    5,
  )

export const tooManyCandidates = (maxCandidates: number): AppError =>
  new AppError(
    'too-many-candidates',
    400,
    `this session has its maximum of ${maxCandidates} candidates; those before are used`,
  )

export const noSuchCamera = (camera: string): AppError =>
  new AppError('no-such-camera', 404, `there is no camera called ${camera}`)

export const noSuchViewer = (): AppError =>
  new AppError('no-such-viewer', 404, 'this session has ended or never was')

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

/** The program cannot run because something is not installed. Exit code 69 (EX_UNAVAILABLE). */
export class MissingError extends Error {
  override name = 'MissingError'
  /** What to do about it, most often the command that installs it. */
  readonly hint: string
  constructor({ message, hint }: { message: string; hint: string }) {
    super(message)
    this.hint = hint
  }
}

/** An error as a person reads it: what is wrong, and on a line below what to do about it. */
export const textOf = (error: Error): string =>
  error instanceof MissingError ? `${error.message}\n  -> ${error.hint}` : error.message
