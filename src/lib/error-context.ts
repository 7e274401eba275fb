import { AsyncLocalStorage } from 'node:async_hooks'

/** Closes the part, such as a viewer, in whose context an error was thrown. */
export type ErrorHandler = (error: unknown) => void

/** Follows timers and promises, in libraries too, so that an uncaught error can be attributed. */
const handlers = new AsyncLocalStorage<ErrorHandler>()

/** Runs `work`. Uncaught errors of it, and of everything it starts, go to `handler`. */
export const runWithErrorHandler = <T>(handler: ErrorHandler, work: () => T): T => handlers.run(handler, work)

/** Returns a function that runs work with the current handler, if there is one. */
export function bindErrorHandler(): (work: () => void) => void {
  const handler = handlers.getStore()
  return handler === undefined ? (work) => work() : (work) => handlers.run(handler, work)
}

/** Runs work of the whole program, which something of one part started. */
export const runWithoutErrorHandler = <T>(work: () => T): T => handlers.exit(work)

/** Passes an error to the current handler. @returns whether there is one. */
export function reportToHandler(error: unknown): boolean {
  const handler = handlers.getStore()
  handler?.(error)
  return handler !== undefined
}
