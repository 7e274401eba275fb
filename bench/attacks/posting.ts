import { Agent, request } from 'node:http'
import { count, type Field } from './attack.js'

/** Posts over one persistent connection. */
export interface Poster {
  post(path: string, type: string, body: string): Promise<{ status: number; text: string }>
}

export function openPoster(field: Field): Poster {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  const { webPort: port, from, signal, tally } = field
  signal.addEventListener('abort', () => agent.destroy(), { once: true })
  return {
    post: async (path, type, body) =>
      await new Promise((resolve, reject) => {
        const headers = { 'content-type': type, 'content-length': Buffer.byteLength(body) }
        const options = { port, host: '127.0.0.1', localAddress: from, method: 'POST', path, headers, agent }
        const posted = request(options, (response) => {
          let text = ''
          response.setEncoding('utf8')
          response.on('data', (piece: string) => (text += piece))
          response.on('error', reject)
          response.on('end', () => {
            count(field, String(response.statusCode))
            resolve({ status: response.statusCode ?? 0, text })
          })
        })
        posted.on('error', reject)
        if (signal.aborted) posted.destroy()
        posted.on('socket', () => {
          if (!posted.reusedSocket) tally.connections++
        })
        tally.bytesSent += Buffer.byteLength(body)
        posted.end(body)
      }),
  }
}
