import { fileURLToPath } from 'node:url'
import { stackOf } from '../lib/error-message.js'
import { reportToHandler } from '../lib/error-context.js'
import type { Log } from '../log.js'

/** How long the parts may take to close after an error of ours; whatever hangs then is ended with the process. */
const CLOSE_LIMIT_MS = 5000

/** What a connection can die of without anybody's fault, as `code` of a system error. */
const NETWORK_CODES =
  /^(?:ECONNRESET|ECONNABORTED|ECONNREFUSED|EPIPE|ETIMEDOUT|ENETDOWN|ENETUNREACH|EHOSTDOWN|EHOSTUNREACH|EADDRNOTAVAIL|ENOBUFS|EPERM)$/
const NETWORK_CALLS = /^(?:read|write|send|sendmsg|recvmsg|shutdown)$/

/** The two events of a process that this file listens to, and no more of it. */
export interface UncaughtErrorSource {
  on(event: 'uncaughtException' | 'unhandledRejection', listener: (error: unknown) => void): unknown
  removeAllListeners(event: 'uncaughtException' | 'unhandledRejection'): unknown
}

export interface StrayErrorOptions {
  log: Log
  version: string
  /** The folder of our package.json, as a URL that ends with a slash: errors thrown by the code in it are ours. */
  packageRoot: URL
  /** Closes every part; called once. */
  stop: (reason: string) => void
}

export interface UncaughtErrors {
  /** 1 when an error of ours was seen, else 0. */
  readonly exitCode: 0 | 1
}

/**
 * Errors that nobody caught. What werift throws outside of every call ends the viewer it was for and nobody else, and a dead
 * connection is no news; any other error is ours: nothing is sure any more, so it is reported and the program stops.
 */
export function handleUncaughtErrors(
  source: UncaughtErrorSource,
  { log, version, packageRoot, stop }: StrayErrorOptions,
): UncaughtErrors {
  let exitCode: 0 | 1 = 0
  const root = fileURLToPath(packageRoot)
  const take = (error: unknown): void => {
    const told = { version, error: stackOf(error) }
    const culprit = culpritOf(error, root)
    if (culprit === 'network') return log.debug('a connection failed, and nobody was there to hear it', told)
    if (culprit !== 'ours' && reportToHandler(error)) return
    if (culprit === 'werift') return log.warn('the WebRTC library failed, for nobody in particular', told)
    log.error('rpi-webrtc has a bug and stops; please report what follows', told)
    if (exitCode === 1) return
    exitCode = 1
    setTimeout(() => {
      source.removeAllListeners('uncaughtException')
      throw error // which Node.js ends with exit code 1
    }, CLOSE_LIMIT_MS).unref()
    stop('an error of its own')
  }
  source.on('uncaughtException', take)
  source.on('unhandledRejection', take)
  return {
    get exitCode() {
      return exitCode
    },
  }
}

/** A process that emits the warnings of Node.js and of packages. */
export interface WarningSource {
  on(event: 'warning', listener: (warning: Error) => void): unknown
  removeAllListeners(event: 'warning'): unknown
}

/** Logs the warnings of Node.js as all else is logged; by default they go to stderr, over two lines. */
export function logWarnings(source: WarningSource, log: Log): void {
  source.removeAllListeners('warning')
  source.on('warning', (warning) => {
    log.warn('Node.js warns; please report it', { warning: `${warning.name}: ${warning.message}` })
    log.debug('where the warning comes from', { stack: stackOf(warning) })
  })
}

/**
 * Attributes an error by its innermost frame in werift's code or in ours; Node.js and other packages only pass errors on. Ours is
 * what is below our package root and in no `node_modules` of it: an installed package has one above it as well.
 * @param root the path of our package, with a slash at its end, as Node.js names our files: with symbolic links resolved.
 */
export function culpritOf(error: unknown, root: string): 'werift' | 'ours' | 'network' | 'unknown' {
  const stack = error instanceof Error ? (error.stack ?? '') : ''
  for (const line of stack.split('\n')) {
    const file = fileOfFrame(line)
    if (file === undefined) continue
    if (file.startsWith(root) && !inPackages(file.slice(root.length - 1))) return 'ours'
    if (/[\\/]node_modules[\\/]werift[\\/]/.test(file)) return 'werift'
  }
  const { code, syscall } = (error ?? {}) as { code?: unknown; syscall?: unknown }
  return NETWORK_CODES.test(String(code)) && NETWORK_CALLS.test(String(syscall)) ? 'network' : 'unknown'
}

const inPackages = (path: string): boolean => /[\\/]node_modules[\\/]/.test(path)

/** The path in one line of a stack; undefined if the line is no frame, or its code is not in a file (`node:`, `<anonymous>`). */
function fileOfFrame(line: string): string | undefined {
  const place = /^\s+at (?:.*? \()?(?:async )?(.+?)(?::\d+)*\)?$/.exec(line)?.[1]
  if (place?.startsWith('file:') !== true) return place?.startsWith('/') === true ? place : undefined
  try {
    return fileURLToPath(place)
  } catch {
    return undefined
  }
}
