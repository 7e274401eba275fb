import { once } from 'node:events'
import type { Server } from 'node:net'
import { messageOf } from '../../lib/error-message.js'
import { exhaustedError } from '../../lib/exhausted.js'

export interface BindOptions {
  port: number
  address: string
  /** The configuration key of the port, for the error message. */
  configKey: string
}

/** @throws Error that names the key. */
export async function bind(server: Server, { port, address, configKey }: BindOptions): Promise<void> {
  try {
    server.listen(port, address)
    await once(server, 'listening')
  } catch (error) {
    throw new Error(bindProblem(error, configKey, port, address), { cause: error })
  }
}

/** Why a port cannot be bound, and what to do. */
export function bindProblem(
  error: unknown,
  configKey: string,
  port: number,
  address: string,
  addressKey = 'server.bind-ip',
): string {
  const code = (error as NodeJS.ErrnoException).code
  if (code === 'EADDRINUSE')
    return `${configKey}: port ${port} is in use by another program; stop it or set another port`
  if (code === 'EACCES') return `${configKey}: port ${port} needs root; set a port above 1023`
  if (code === 'EADDRNOTAVAIL')
    return `${addressKey}: ${address} is not an address of this machine; set one that is, or "::" for all`
  const problem = `${configKey}: port ${port} on ${address} cannot be bound`
  return exhaustedError(problem, error)?.message ?? `${problem}: ${messageOf(error)}`
}
