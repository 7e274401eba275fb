import { spawn, type ChildProcess } from 'node:child_process'
import type { Duplex } from 'node:stream'
import { messageOf } from '../../lib/error-message.js'
import type { Command } from '../gstreamer/command.js'
import type { CaptureExit } from './explain-failure.js'
import { preferForOomKiller } from './oom-score.js'
import { createStderrTail } from './stderr-tail.js'

const KEPT_LINES = 40
const KEPT_BYTES = 500

/** How long to read stderr after the exit: a grandchild can keep the pipe open forever. */
const FINAL_OUTPUT_MS = 100

export interface Child {
  readonly pid: number | undefined
  /** The socket that carries snapshots, if the command delivers any; starts paused. */
  readonly snapshots: Duplex | undefined
  /** Resolves when the process is gone. Never rejects. */
  readonly ended: Promise<CaptureExit>
  stderr(): readonly string[]
  kill(signal: 'SIGINT' | 'SIGKILL'): void
  /** Stops waiting for a process that cannot be killed, so that this one can exit. */
  abandon(): void
}

/**
 * Starts a command and always reads its stderr, because a process blocks on a full pipe. Never throws: if the command
 * cannot be run, `ended` resolves with `not-started`.
 */
export function spawnChild(command: Command, onLine?: (line: string) => void): Child {
  const tail = createStderrTail(KEPT_LINES, KEPT_BYTES, onLine)
  let child: ChildProcess
  try {
    child = spawn(command.file, command.args, {
      env: { ...command.env },
      stdio: ['ignore', 'ignore', 'pipe', command.snapshots === true ? 'pipe' : 'ignore'],
      // Its own process group: Ctrl-C in the terminal would otherwise reach it and look like a camera failure.
      detached: true,
    })
  } catch (error) {
    return notStarted(error) // ENOMEM, E2BIG
  }
  // First: without free descriptors the child has no streams, but 'error' is still emitted.
  const failed = new Promise<CaptureExit>((resolve) => {
    // 'error' is also emitted for a signal that could not be sent; then the process is running and will exit.
    child.on('error', (error) => {
      if (child.pid === undefined) resolve(notStartedExit(error))
    })
  })
  if (child.pid !== undefined) preferForOomKiller(child.pid)
  const snapshots = snapshotSocket(child)
  child.stderr?.on('data', (chunk: Buffer) => tail.push(chunk))
  const exited = new Promise<CaptureExit>((resolve) => {
    child.once('exit', (code, signal) => {
      snapshots?.destroy()
      const finish = (): void => resolve({ how: 'exited', code, signal, stderr: tail.lines() })
      const limit = setTimeout(finish, FINAL_OUTPUT_MS)
      child.once('close', () => {
        clearTimeout(limit)
        finish()
      })
    })
  })
  return {
    pid: child.pid,
    snapshots,
    ended: Promise.race([failed, exited]),
    stderr: () => tail.lines(),
    kill(signal) {
      if (child.pid !== undefined) child.kill(signal)
    },
    abandon() {
      child.stderr?.destroy()
      snapshots?.destroy()
      child.unref()
    },
  }
}

const notStartedExit = (error: unknown): CaptureExit => ({ how: 'not-started', stderr: [messageOf(error)] })

const notStarted = (error: unknown): Child => ({
  pid: undefined,
  snapshots: undefined,
  ended: Promise.resolve(notStartedExit(error)),
  stderr: () => [],
  kill: () => {},
  abandon: () => {},
})

/** @NOTE never closed while the process lives: writing to a closed socket would kill it (SIGPIPE). */
function snapshotSocket(child: ChildProcess): Duplex | undefined {
  const stdio = child.stdio as ChildProcess['stdio'] | undefined // undefined without free descriptors
  const snapshots = stdio?.[3] as Duplex | null | undefined
  // An error here comes with the end of the process, which is reported.
  snapshots?.on('error', () => {})
  snapshots?.pause()
  return snapshots ?? undefined
}
