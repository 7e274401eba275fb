import { execFile } from 'node:child_process'
import { readdir } from 'node:fs/promises'
import * as http from 'node:http'
import * as https from 'node:https'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** Sets the soft limit of open files of a running process: no new descriptor has this number or a higher one. */
export async function setDescriptorLimit(pid: number, limit: number): Promise<void> {
  await run('prlimit', ['--pid', String(pid), `--nofile=${limit}:`])
}

/** Lowers the limit so that just `free` more descriptors can be opened. */
export async function leaveDescriptors(pid: number, free: number): Promise<void> {
  const open = new Set((await readdir(`/proc/${pid}/fd`)).map(Number))
  let limit = 0
  for (let left = free; left > 0 || open.has(limit); limit++) if (!open.has(limit)) left--
  await setDescriptorLimit(pid, limit)
}

export interface Answer {
  status: number
  text: string
  headers: Record<string, unknown>
}

/** One connection that is kept: a server without descriptors can take no other. */
export interface KeptConnection extends Disposable {
  ask(path: string, options?: { method?: string; type?: string; body?: string }): Promise<Answer>
}

/** @param protocol with https nobody has to vouch for the certificate. */
export function keepConnection(port: number, protocol: 'http' | 'https' = 'http'): KeptConnection {
  const { Agent, request } = protocol === 'http' ? http : https
  const agent = new Agent({ keepAlive: true, maxSockets: 1, rejectUnauthorized: false })
  return {
    ask: async (path, { method = 'GET', type, body } = {}) =>
      await new Promise((resolve, reject) => {
        const asked = request(
          { host: '127.0.0.1', port, path, method, agent, headers: type ? { 'content-type': type } : {} },
          (response) => {
            let text = ''
            response.setEncoding('latin1')
            response.on('data', (piece: string) => (text += piece))
            response.on('end', () =>
              resolve({ status: response.statusCode!, text, headers: { ...response.headers } }),
            )
          },
        )
        asked.on('error', reject)
        asked.end(body)
      }),
    [Symbol.dispose]: () => agent.destroy(),
  }
}
