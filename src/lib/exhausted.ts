import { messageOf } from './error-message.js'

/** The resource that ran out, for the page, /health and the log. */
export interface Exhaustion {
  cause: 'out-of-descriptors' | 'out-of-processes' | 'out-of-memory'
  message: string
  hint: string
}

/**
 * Codes of Node.js (errno(3)), and the C library's texts for them, which GStreamer and the dynamic loader print. ENOSPC is missing:
 * for a USB camera it means that the bus has no bandwidth left.
 */
const TABLE: readonly (Exhaustion & { pattern: RegExp })[] = [
  {
    pattern: /\bENFILE\b|Too many open files in system/,
    cause: 'out-of-descriptors',
    message: 'This machine has reached its limit of open files and sockets.',
    hint: 'Stop the program that opens so many (sudo lsof lists them), or raise fs.file-max with sysctl.',
  },
  {
    pattern: /\bEMFILE\b|Too many open files|: Error 24\b/,
    cause: 'out-of-descriptors',
    message: 'rpi-webrtc has reached its limit of open files and sockets.',
    hint: 'Raise LimitNOFILE in its unit (sudo systemctl edit rpi-webrtc), or ulimit -n in the shell that starts it.',
  },
  {
    pattern: /\bspawn \S+ EAGAIN\b/,
    cause: 'out-of-processes',
    message: 'rpi-webrtc, or its user, has reached its limit of processes.',
    hint: 'Raise TasksMax in its unit (sudo systemctl edit rpi-webrtc), or ulimit -u in the shell that starts it.',
  },
  {
    pattern: /\bENOMEM\b|Cannot allocate memory|failed to allocate \d+ bytes/,
    cause: 'out-of-memory',
    message: 'This machine has no memory left.',
    hint: 'Stop other programs, configure smaller sizes or fewer cameras, or add swap.',
  },
]

/** Finds the resource that ran out in the output of a program. */
export function exhaustionInText(text: string): Exhaustion | undefined {
  const row = TABLE.find(({ pattern }) => pattern.test(text))
  return row && { cause: row.cause, message: row.message, hint: row.hint }
}

/** Finds the resource that ran out in an error of Node.js. */
export function exhaustionIn(error: unknown): Exhaustion | undefined {
  const { code, syscall = '' } = (error ?? {}) as { code?: unknown; syscall?: string }
  // Matching the message could find a word in a path, so it is used only if there is no code.
  return exhaustionInText(typeof code === 'string' ? `${syscall} ${code}` : messageOf(error))
}

/** Descriptors, processes or memory ran out. A later attempt may succeed: exit code 1. */
export class ExhaustedError extends Error {
  override name = 'ExhaustedError'
}

/**
 * Wraps an error that means that a resource ran out; returns undefined for any other.
 * @param what beginning of the message, such as `config.toml cannot be read`.
 */
export function exhaustedError(what: string, error: unknown): ExhaustedError | undefined {
  const found = exhaustionIn(error)
  return found && new ExhaustedError(`${what}: ${found.message} ${found.hint}`, { cause: error })
}
