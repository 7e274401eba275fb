import { spawn } from 'node:child_process'
import type { Socket } from 'node:net'
import { messageOf } from '../lib/error-message.js'

/** Variables of sd_notify(3). */
export type Variables = Readonly<Record<string, string>>

export interface Notifier {
  /** Fire and forget: what is told while something is being sent goes along with the next, the newest of each kind. */
  readonly send: (variables: Variables) => void
}

/** What ends the state that the other begins: told in one breath, the order would be lost. */
const CANCELS: Record<string, readonly string[]> = {
  READY: ['RELOADING', 'MONOTONIC_USEC'],
  RELOADING: ['READY'],
}

/** @param send sends one message; one after the other, never two at a time. */
export function createNotifier(send: (variables: string[]) => Promise<void>): Notifier {
  let pending = new Map<string, string>()
  let sending: Promise<void> | undefined

  const flush = async (): Promise<void> => {
    while (pending.size > 0) {
      const message = Array.from(pending, ([name, value]) => `${name}=${value}`)
      pending = new Map()
      await send(message).catch(() => {}) // what cannot be told is not worth an end
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
 * One line per message, its variables separated by tabs; the answer is the exit code. Starting a process stops this program for
 * some milliseconds, in which no packet moves. A shell is small and starts systemd-notify cheaply, so it keeps running.
 */
const SHELL = "set -f; IFS='\t'; while read -r message; do systemd-notify $message; echo $?; done"

/**
 * Sends by `systemd-notify`: the socket is one of a kind (AF_UNIX, SOCK_DGRAM) that Node cannot open. It waits until the
 * manager has read the message, 5 seconds at most (systemd 246 and newer), for the manager takes it as ours because it comes
 * out of our control group, which needs `NotifyAccess=all`.
 * @param socket a path, or `@` and a name. @param onFailure is called with each message that was not sent.
 */
export function systemdNotify(
  socket: string,
  path: string | undefined,
  onFailure: (why: string) => void,
): (variables: string[]) => Promise<void> {
  const env = { NOTIFY_SOCKET: socket, ...(path !== undefined && { PATH: path }) }
  let shell: { write: (line: string) => void; answer: () => Promise<string> } | undefined

  /** @throws Error where the shell cannot be started at present (spawn: EMFILE, EAGAIN, ENOMEM). */
  const start = (): NonNullable<typeof shell> => {
    const child = spawn('sh', ['-c', SHELL], { env, stdio: ['pipe', 'pipe', 'ignore'] })
    let answered = (_code: string): void => {}
    const gone = (why: string): void => {
      shell = undefined
      answered(why)
    }
    child.once('error', (error) => gone(error.message))
    child.once('exit', () => gone('the shell ended'))
    // Where descriptors ran out the child has no streams, whatever its type says, and the error comes later.
    if ((child.stdin as unknown) === undefined) throw new Error('the shell could not be started')
    child.stdin.on('error', () => {}) // it is gone, which is told by its end
    child.stdout.on('data', (code: Buffer) => answered(code.toString().trim()))
    // It ends with its input, that is with this program, and is no reason for it to go on.
    child.unref()
    for (const end of [child.stdin, child.stdout] as unknown as Pick<Socket, 'unref'>[]) end.unref()
    return {
      write: (line) => void child.stdin.write(line),
      answer: async () => await new Promise((resolve) => (answered = resolve)),
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
    if (code !== '0') onFailure(code === '127' ? 'there is no systemd-notify' : code)
  }
}
