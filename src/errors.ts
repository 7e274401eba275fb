/** An answer that a client can act on: a stable code, an HTTP status and a sentence. Anything else that is thrown is a bug. */
export class AppError extends Error {
  override name = 'AppError'
  readonly code: string
  readonly status: 400 | 404 | 405 | 406 | 409 | 412 | 413 | 415 | 422 | 503
  constructor(code: string, status: AppError['status'], message: string) {
    super(message)
    this.code = code
    this.status = status
  }
}

export const badOffer = (message: string): AppError => new AppError('bad-offer', 400, message)

export const cameraFull = (camera: string, maxClients: number): AppError =>
  new AppError(
    'camera-full',
    503,
    `${camera} has its maximum of ${maxClients} viewer${maxClients === 1 ? '' : 's'}; try again later`,
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

/** Something the program cannot run without is not installed; the message ends with the mend. Exit code 69 (EX_UNAVAILABLE). */
export class MissingError extends Error {
  override name = 'MissingError'
}
