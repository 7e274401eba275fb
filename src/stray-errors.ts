import { stackOf } from './lib/error-text.js'
import { failOwner } from './lib/behalf.js'
import type { Log } from './log.js'

/** How long the parts may take to close after an error of ours; whatever hangs then is ended with the process. */
const CLOSE_LIMIT_MS = 5000

/** What a connection can die of without anybody's fault, as `code` of a system error. */
const NETWORK_CODES =
  /^(?:ECONNRESET|ECONNABORTED|ECONNREFUSED|EPIPE|ETIMEDOUT|ENETDOWN|ENETUNREACH|EHOSTDOWN|EHOSTUNREACH|EADDRNOTAVAIL|ENOBUFS|EPERM)$/
const NETWORK_CALLS = /^(?:read|write|send|sendmsg|recvmsg|shutdown)$/

/** The two events of a process that this file listens to, and no more of it. */
export interface StrayErrorSource {
  on(event: 'uncaughtException' | 'unhandledRejection', listener: (error: unknown) => void): unknown
  removeAllListeners(event: 'uncaughtException' | 'unhandledRejection'): unknown
}

export interface StrayErrors {
  /** 1 when an error of ours was seen, else 0. */
  readonly exitCode: 0 | 1
}

/**
 * Errors that nobody caught. What werift throws outside of every call ends the viewer it was for and nobody else, and a dead
 * connection is no news; any other error is ours: nothing is sure any more, so it is reported and the program stops.
 * @param stop closes every part; called once.
 */
export function watchStrayErrors(
  source: StrayErrorSource,
  { log, version, stop }: { log: Log; version: string; stop: (reason: string) => void },
): StrayErrors {
  let exitCode: 0 | 1 = 0
  const take = (error: unknown): void => {
    const told = { version, error: stackOf(error) }
    const culprit = culpritOf(error)
    if (culprit === 'network') return log.debug('a connection failed, and nobody was there to hear it', told)
    if (culprit !== 'ours' && failOwner(error)) return
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

/** Who threw: the innermost frame that is werift's or ours says so; those of Node.js and of other packages only passed it on. */
export function culpritOf(error: unknown): 'werift' | 'ours' | 'network' | 'unknown' {
  const stack = error instanceof Error ? (error.stack ?? '') : ''
  for (const frame of stack.split('\n').filter((line) => /^\s+at /.test(line))) {
    if (/[\\/]node_modules[\\/]werift[\\/]/.test(frame)) return 'werift'
    if (/\bnode:|<anonymous>|[\\/]node_modules[\\/]/.test(frame)) continue
    return 'ours'
  }
  const { code, syscall } = (error ?? {}) as { code?: unknown; syscall?: unknown }
  return NETWORK_CODES.test(String(code)) && NETWORK_CALLS.test(String(syscall)) ? 'network' : 'unknown'
}
