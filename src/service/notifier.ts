import { spawn } from 'node:child_process'

/** Variables of sd_notify(3). */
export type Variables = Readonly<Record<string, string>>

export interface Notifier {
  /** Fire and forget: what is told while something is being sent goes along with the next, the newest of each kind. */
  readonly tell: (variables: Variables) => void
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
    tell(variables) {
      for (const [name, value] of Object.entries(variables)) {
        for (const cancelled of CANCELS[name] ?? []) pending.delete(cancelled)
        pending.set(name, value)
      }
      sending ??= flush()
    },
  }
}

/** It waits until the manager has read the message (systemd 246 and newer), five seconds at most; twice that is a defect. */
const LIMIT_MS = 10_000

/**
 * Sends by `systemd-notify`: the socket is one of a kind (AF_UNIX, SOCK_DGRAM) that Node cannot open. The manager takes the
 * message as ours because it comes from our control group, which needs `NotifyAccess=all`.
 * @param socket a path, or `@` and a name. @param onMissing called where there is no such program.
 */
export const systemdNotify =
  (socket: string, path: string | undefined, onMissing: (error: Error) => void) =>
  async (variables: string[]): Promise<void> =>
    await new Promise((resolve) => {
      const child = spawn('systemd-notify', variables, {
        env: { NOTIFY_SOCKET: socket, ...(path !== undefined && { PATH: path }) },
        stdio: 'ignore',
        timeout: LIMIT_MS,
        killSignal: 'SIGKILL',
      })
      child.once('error', (error) => {
        onMissing(error)
        resolve()
      })
      child.once('exit', () => resolve())
    })
