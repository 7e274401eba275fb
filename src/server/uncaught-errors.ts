import { fileURLToPath } from 'node:url'
import { stackOf } from '../lib/error-message.js'
import { reportToHandler } from '../lib/error-context.js'
import type { Log } from '../log.js'

/** How long the parts may take to close after an error of ours, before the process ends without them. */
const CLOSE_LIMIT_MS = 5000

/** `code` of the system errors with which a connection fails without a bug. */
const NETWORK_CODES =
  /^(?:ECONNRESET|ECONNABORTED|ECONNREFUSED|EPIPE|ETIMEDOUT|ENETDOWN|ENETUNREACH|EHOSTDOWN|EHOSTUNREACH|EADDRNOTAVAIL|ENOBUFS|EPERM)$/
const NETWORK_CALLS = /^(?:read|write|send|sendmsg|recvmsg|shutdown)$/

export interface UncaughtErrorSource {
  on(event: 'uncaughtException' | 'unhandledRejection', listener: (error: unknown) => void): unknown
  removeAllListeners(event: 'uncaughtException' | 'unhandledRejection'): unknown
}

export interface UncaughtErrorOptions {
  log: Log
  version: string
  /** The folder of our package.json, as a URL with a slash at its end. Errors thrown by code below it are ours. */
  packageRoot: URL
  /** Closes every part; called once. */
  stop: (reason: string) => void
}

export interface UncaughtErrors {
  /** 1 after an error of ours, otherwise 0. */
  readonly exitCode: 0 | 1
}

/**
 * Handles uncaught errors. An error of werift ends the viewer in whose context it was thrown, and a failed connection is expected.
 * Any other error leaves the program in an unknown state: it is reported, and the program stops.
 */
export function handleUncaughtErrors(
  source: UncaughtErrorSource,
  { log, version, packageRoot, stop }: UncaughtErrorOptions,
): UncaughtErrors {
  let exitCode: 0 | 1 = 0
  const root = fileURLToPath(packageRoot)
  const handle = (error: unknown): void => {
    const fields = { version, error: stackOf(error) }
    const culprit = culpritOf(error, root)
    if (culprit === 'network') return log.debug('unhandled socket error on a closed connection', fields)
    if (culprit !== 'ours' && reportToHandler(error)) return
    if (culprit === 'werift') return log.warn('the WebRTC library failed; no viewer is affected', fields)
    log.error('rpi-webrtc has a bug and stops; please report what follows', fields)
    if (exitCode === 1) return
    exitCode = 1
    setTimeout(() => {
      source.removeAllListeners('uncaughtException')
      throw error // without a listener, Node.js exits with code 1
    }, CLOSE_LIMIT_MS).unref()
    stop('an internal error')
  }
  source.on('uncaughtException', handle)
  source.on('unhandledRejection', handle)
  return {
    get exitCode() {
      return exitCode
    },
  }
}

export interface WarningSource {
  on(event: 'warning', listener: (warning: Error) => void): unknown
  removeAllListeners(event: 'warning'): unknown
}

/** Logs the warnings of Node.js and of packages, which otherwise go to stderr as two lines. */
export function logWarnings(source: WarningSource, log: Log): void {
  source.removeAllListeners('warning')
  source.on('warning', (warning) => {
    log.warn('Node.js warning; please report it', { warning: `${warning.name}: ${warning.message}` })
    log.debug('stack of the warning', { stack: stackOf(warning) })
  })
}

/**
 * Attributes an error by its innermost frame in werift's code or in ours; Node.js and other packages only pass errors on. Our code is
 * below our package root, outside of the `node_modules` in it. An installed package is itself below a `node_modules`.
 * @param root path of our package with symbolic links resolved, as in stack traces, and with a slash at its end.
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

/** The path in one line of a stack trace; undefined if it is no frame, or its code is in no file (`node:`, `<anonymous>`). */
function fileOfFrame(line: string): string | undefined {
  const location = /^\s+at (?:.*? \()?(?:async )?(.+?)(?::\d+)*\)?$/.exec(line)?.[1]
  if (location?.startsWith('file:') !== true) return location?.startsWith('/') === true ? location : undefined
  try {
    return fileURLToPath(location)
  } catch {
    return undefined
  }
}
