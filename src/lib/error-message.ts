/** What can be said of anything that was thrown: its message, where it has one. */
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/** The same with where it was thrown, for a report. */
export const stackOf = (error: unknown): string =>
  error instanceof Error ? (error.stack ?? error.message) : String(error)
