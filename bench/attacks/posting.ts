import { Agent, request } from 'node:http'
import { count, type Field } from './attack.js'

/** A client that posts over one connection, which it keeps. */
export interface Poster {
  post(path: string, type: string, body: string): Promise<{ status: number; text: string }>
}

export function openPoster(field: Field): Poster {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  const { webPort: port, from, over, tally } = field
  over.addEventListener('abort', () => agent.destroy(), { once: true })
  return {
    post: async (path, type, body) =>
      await new Promise((resolve, reject) => {
        const headers = { 'content-type': type, 'content-length': Buffer.byteLength(body) }
        const options = { port, host: '127.0.0.1', localAddress: from, method: 'POST', path, headers, agent }
        const asked = request(options, (response) => {
          let text = ''
          response.setEncoding('utf8')
          response.on('data', (piece: string) => (text += piece))
          response.on('error', reject)
          response.on('end', () => {
            count(field, String(response.statusCode))
            resolve({ status: response.statusCode ?? 0, text })
          })
        })
        asked.on('error', reject)
        if (over.aborted) asked.destroy()
        asked.on('socket', () => {
          if (!asked.reusedSocket) tally.connections++
        })
        tally.bytesSent += Buffer.byteLength(body)
        asked.end(body)
      }),
  }
}
