/** An error response: a stable code, an HTTP status and a sentence. Any other error in a request is a bug. */
export class AppError extends Error {
  override name = 'AppError'
  readonly code: string
  readonly status: 400 | 404 | 405 | 406 | 409 | 412 | 413 | 415 | 422 | 429 | 503
  /** Seconds until a retry can succeed, if known. */
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
    `${maxConnecting} viewers are connecting, which is the maximum; try again in a moment`,
  )

export const tooManyOffers = (waitMs: number): AppError =>
  new AppError(
    'too-many-offers',
    429,
    'too many offers from this address; try again later',
    Math.ceil(waitMs / 1000),
  )

export const tooManyBytes = (waitMs: number): AppError =>
  new AppError(
    'too-many-bytes',
    429,
    'too much data from this address; try again later',
    Math.ceil(waitMs / 1000),
  )

export const tooManyUnfinishedBytes = (): AppError =>
  new AppError(
    'too-many-unfinished-bytes',
    503,
    'too many incomplete requests and messages; try again later',
    5,
  )

export const tooManyCandidates = (maxCandidates: number): AppError =>
  new AppError(
    'too-many-candidates',
    400,
    `this session has its maximum of ${maxCandidates} candidates; further ones are ignored`,
  )

export const noSuchCamera = (camera: string): AppError =>
  new AppError('no-such-camera', 404, `there is no camera named ${camera}`)

export const noSuchViewer = (): AppError =>
  new AppError('no-such-viewer', 404, 'this session does not exist or has ended')

export const noSuchPublisher = (): AppError =>
  new AppError('no-such-publisher', 404, 'this session does not exist or has ended')

/** The session has ended before it connected. */
export const couldNotConnect = ({ message, hint }: { message: string; hint: string }): AppError =>
  new AppError('could-not-connect', 404, `this session did not connect. ${message} ${hint}`)

export const invalidControl = (message: string): AppError => new AppError('invalid-control', 400, message)

/** The previous values are in force again. */
export const controlRejected = (message: string): AppError => new AppError('control-rejected', 409, message)

/** Every problem of a configuration, each a sentence that names its key. Exit code 78 (EX_CONFIG). */
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

/** A required program or plugin is not installed. Exit code 69 (EX_UNAVAILABLE). */
export class MissingError extends Error {
  override name = 'MissingError'
  /** Usually the command that installs it. */
  readonly hint: string
  constructor({ message, hint }: { message: string; hint: string }) {
    super(message)
    this.hint = hint
  }
}

/** The message, and the hint on a second line. */
export const textOf = (error: Error): string =>
  error instanceof MissingError ? `${error.message}\n  -> ${error.hint}` : error.message
