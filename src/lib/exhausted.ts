import { messageOf } from './error-message.js'

/** What ran out, in words for the page, /health and the log. */
export interface Exhaustion {
  cause: 'out-of-descriptors' | 'out-of-processes' | 'out-of-memory'
  /** One plain sentence. */
  message: string
  /** What a person can do about it. */
  hint: string
}

/**
 * As the codes of Node.js (errno(3)) and the C library's words for them, which GStreamer and the dynamic loader print.
 * Without ENOSPC: of a USB camera it means that the bus has no bandwidth left.
 */
const TABLE: readonly (Exhaustion & { says: RegExp })[] = [
  {
    says: /\bENFILE\b|Too many open files in system/,
    cause: 'out-of-descriptors',
    message: 'This machine has as many files and sockets open as it may.',
    hint: 'End the program that opens so many (sudo lsof lists them), or raise fs.file-max with sysctl.',
  },
  {
    says: /\bEMFILE\b|Too many open files|: Error 24\b/,
    cause: 'out-of-descriptors',
    message: 'rpi-webrtc has as many files and sockets open as it may.',
    hint: 'Raise LimitNOFILE in its unit (sudo systemctl edit rpi-webrtc), or ulimit -n in the shell that starts it.',
  },
  {
    says: /\bspawn \S+ EAGAIN\b/,
    cause: 'out-of-processes',
    message: 'rpi-webrtc, or its user, runs as many processes as it may.',
    hint: 'Raise TasksMax in its unit (sudo systemctl edit rpi-webrtc), or ulimit -u in the shell that starts it.',
  },
  {
    says: /\bENOMEM\b|Cannot allocate memory|failed to allocate \d+ bytes/,
    cause: 'out-of-memory',
    message: 'This machine has no memory left.',
    hint: 'End other programs, set smaller pictures or fewer cameras, or add swap.',
  },
]

/** What ran out by what a program said; undefined where it speaks of something else. */
export function exhaustionInText(text: string): Exhaustion | undefined {
  const row = TABLE.find(({ says }) => says.test(text))
  return row && { cause: row.cause, message: row.message, hint: row.hint }
}

/** What ran out by an error of Node.js; undefined where it has another reason. */
export function exhaustionIn(error: unknown): Exhaustion | undefined {
  const { code, syscall = '' } = (error ?? {}) as { code?: unknown; syscall?: string }
  // Not by the message where there is a code: a path may have any name.
  return exhaustionInText(typeof code === 'string' ? `${syscall} ${code}` : messageOf(error))
}

/** Something could not be done for want of descriptors, processes or memory. A later attempt may succeed: exit code 1. */
export class ExhaustedError extends Error {
  override name = 'ExhaustedError'
}

/**
 * The error to throw where something ran out; undefined where `error` has another reason.
 * @param what could not be done, the beginning of a sentence: `config.toml cannot be read`.
 */
export function exhaustedError(what: string, error: unknown): ExhaustedError | undefined {
  const found = exhaustionIn(error)
  return found && new ExhaustedError(`${what}: ${found.message} ${found.hint}`, { cause: error })
}
