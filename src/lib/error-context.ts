import { AsyncLocalStorage } from 'node:async_hooks'

/** Ends whatever the running code works for. */
export type ErrorHandler = (error: unknown) => void

/** Follows timers and promises, those of libraries too: an error that nobody catches still knows whom it was for. */
const owners = new AsyncLocalStorage<ErrorHandler>()

/** Runs `work`; what it starts and leaves running belongs to whoever `fail` ends. */
export const runWithErrorHandler = <T>(fail: ErrorHandler, work: () => T): T => owners.run(fail, work)

/** A way to run later work for the same owner as now; as it is where there is none. */
export function bindErrorHandler(): (work: () => void) => void {
  const owner = owners.getStore()
  return owner === undefined ? (work) => work() : (work) => owners.run(owner, work)
}

/** Ends the owner of the code that runs, or that just threw. @returns whether there is one. */
export function reportToHandler(error: unknown): boolean {
  const owner = owners.getStore()
  owner?.(error)
  return owner !== undefined
}
