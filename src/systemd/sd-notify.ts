import { spawn } from 'node:child_process'
import type { Socket } from 'node:net'
import { messageOf } from '../lib/error-message.js'

export type Variables = Readonly<Record<string, string>>

export interface Notifier {
  /** Does not wait. Variables that arrive while a message is being sent are merged into the next; the newest value wins. */
  readonly send: (variables: Variables) => void
}

/** A merged message has no order, so the newer of two opposite states replaces the older. */
const CANCELS: Record<string, readonly string[]> = {
  READY: ['RELOADING', 'MONOTONIC_USEC'],
  RELOADING: ['READY'],
}

/** @param send is never called while another call is pending. */
export function createNotifier(send: (variables: string[]) => Promise<void>): Notifier {
  let pending = new Map<string, string>()
  let sending: Promise<void> | undefined

  const flush = async (): Promise<void> => {
    while (pending.size > 0) {
      const message = Array.from(pending, ([name, value]) => `${name}=${value}`)
      pending = new Map()
      await send(message).catch(() => {}) // reported by send
    }
    sending = undefined
  }

  return {
    send(variables) {
      for (const [name, value] of Object.entries(variables)) {
        for (const cancelled of CANCELS[name] ?? []) pending.delete(cancelled)
        pending.set(name, value)
      }
      sending ??= flush()
    },
  }
}

/**
 * Reads one message per line, variables separated by tabs, and prints the exit code. A shell that keeps running forks
 * cheaply; starting a process from Node.js blocks the event loop for some milliseconds.
 */
const SHELL = "set -f; IFS='\t'; while read -r message; do systemd-notify $message; echo $?; done"

/**
 * Sends with `systemd-notify`, because Node.js cannot open a Unix datagram socket. The message comes from another
 * process of our control group, so the unit needs `NotifyAccess=all`. systemd-notify waits until the manager has read
 * it, at most 5 seconds (systemd 246 and newer).
 * @param socket a path, or `@` and a name. @param onFailure is called for each message that was not sent.
 */
export function systemdNotify(
  socket: string,
  path: string | undefined,
  onFailure: (error: string) => void,
): (variables: string[]) => Promise<void> {
  const env = { NOTIFY_SOCKET: socket, ...(path !== undefined && { PATH: path }) }
  let shell: { write: (line: string) => void; answer: () => Promise<string> } | undefined

  /** @throws Error if the shell cannot be started (EMFILE, EAGAIN, ENOMEM). */
  const start = (): NonNullable<typeof shell> => {
    const child = spawn('sh', ['-c', SHELL], { env, stdio: ['pipe', 'pipe', 'ignore'] })
    let resolveAnswer = (_code: string): void => {}
    const gone = (error: string): void => {
      shell = undefined
      resolveAnswer(error)
    }
    child.once('error', (error) => gone(error.message))
    child.once('exit', () => gone('the shell exited'))
    // Without free descriptors the child has no streams, and 'error' is emitted later.
    if ((child.stdin as unknown) === undefined) throw new Error('the shell could not be started')
    child.stdin.on('error', () => {}) // the exit is handled above
    child.stdout.on('data', (code: Buffer) => resolveAnswer(code.toString().trim()))
    // Its input ends with this program, so it needs no handle to stay alive or to be killed.
    child.unref()
    for (const end of [child.stdin, child.stdout] as unknown as Pick<Socket, 'unref'>[]) end.unref()
    return {
      write: (line) => void child.stdin.write(line),
      answer: async () => await new Promise((resolve) => (resolveAnswer = resolve)),
    }
  }

  return async (variables) => {
    try {
      shell ??= start()
    } catch (error) {
      return onFailure(messageOf(error))
    }
    const answer = shell.answer()
    shell.write(`${variables.map((variable) => variable.replaceAll(/\p{Cc}/gu, ' ')).join('\t')}\n`)
    const code = await answer
    if (code !== '0') onFailure(code === '127' ? 'systemd-notify is not installed' : code)
  }
}
