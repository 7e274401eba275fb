import { spawn, type ChildProcess } from 'node:child_process'
import type { Duplex } from 'node:stream'
import { messageOf } from '../../lib/error-message.js'
import type { Command } from '../gstreamer/command.js'
import type { CaptureExit } from './explain-failure.js'
import { preferForOomKiller } from './oom-score.js'
import { createStderrTail } from './stderr-tail.js'

const KEPT_LINES = 40
const KEPT_BYTES = 500

/** Milliseconds that the last words of a process may take after its exit: a grandchild can hold the pipe open for ever. */
const LAST_WORDS_MS = 100

/** A capture process that was started; it may already be gone. */
export interface Child {
  /** Undefined where the program could not be run at all. */
  readonly pid: number | undefined
  /** The socket by which its pictures come, where the command delivers some; paused until somebody reads it. */
  readonly snapshots: Duplex | undefined
  /** Resolves once, when the process is gone, with the last it said. Never rejects. */
  readonly ended: Promise<CaptureExit>
  /** The last lines of stderr so far, oldest first. */
  stderr(): readonly string[]
  kill(signal: 'SIGINT' | 'SIGKILL'): void
  /** Stops waiting for a process that cannot be ended, so that this one can end. */
  abandon(): void
}

/**
 * Starts a command with nothing on stdin and stdout. Its stderr is read always, because a process blocks on a pipe that
 * nobody reads, and kept up to 40 lines. Never throws: a command that cannot be run has ended, `not-started`.
 * @param onLine is given every line of stderr.
 */
export function spawnChild(command: Command, onLine?: (line: string) => void): Child {
  const tail = createStderrTail(KEPT_LINES, KEPT_BYTES, onLine)
  let child: ChildProcess
  try {
    child = spawn(command.file, command.args, {
      env: { ...command.env },
      stdio: ['ignore', 'ignore', 'pipe', command.snapshots === true ? 'pipe' : 'ignore'],
      // A process group of its own: Ctrl-C in the terminal is for us, and would look like a camera that failed.
      detached: true,
    })
  } catch (error) {
    return notStarted(error) // ENOMEM, E2BIG
  }
  // Before all else: where descriptors ran out there is no stream to listen to, and the event comes all the same.
  const failed = new Promise<CaptureExit>((resolve) => {
    // 'error' is also emitted for a signal that could not be sent; then the process is there and will exit.
    child.on('error', (error) => {
      if (child.pid === undefined) resolve(endingOf(error))
    })
  })
  if (child.pid !== undefined) preferForOomKiller(child.pid)
  const pictures = picturesOf(child)
  child.stderr?.on('data', (chunk: Buffer) => tail.push(chunk))
  const exited = new Promise<CaptureExit>((resolve) => {
    child.once('exit', (code, signal) => {
      pictures?.destroy()
      const finish = (): void => resolve({ how: 'exited', code, signal, stderr: tail.lines() })
      const enough = setTimeout(finish, LAST_WORDS_MS)
      child.once('close', () => {
        clearTimeout(enough)
        finish()
      })
    })
  })
  return {
    pid: child.pid,
    snapshots: pictures,
    ended: Promise.race([failed, exited]),
    stderr: () => tail.lines(),
    kill(signal) {
      if (child.pid !== undefined) child.kill(signal)
    },
    abandon() {
      child.stderr?.destroy()
      pictures?.destroy()
      child.unref()
    },
  }
}

const endingOf = (error: unknown): CaptureExit => ({ how: 'not-started', stderr: [messageOf(error)] })

const notStarted = (error: unknown): Child => ({
  pid: undefined,
  snapshots: undefined,
  ended: Promise.resolve(endingOf(error)),
  stderr: () => [],
  kill: () => {},
  abandon: () => {},
})

/** @NOTE never closed while the process lives: what it writes then would end it (SIGPIPE). */
function picturesOf(child: ChildProcess): Duplex | undefined {
  const stdio = child.stdio as ChildProcess['stdio'] | undefined // undefined where descriptors ran out
  const pictures = stdio?.[3] as Duplex | null | undefined
  // What goes wrong with the socket goes wrong with the process, which is reported.
  pictures?.on('error', () => {})
  pictures?.pause()
  return pictures ?? undefined
}
