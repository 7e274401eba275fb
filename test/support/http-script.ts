import { createServer, type IncomingHttpHeaders } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'

export interface ScriptedRequest {
  method: string
  path: string
  headers: IncomingHttpHeaders
  body: string
}

export interface ScriptedReply {
  status: number
  headers?: Record<string, string | string[]>
  body?: string | Buffer
  /** Sends the headers and the body, and never ends. */
  unfinished?: boolean
}

export interface ScriptedServer {
  origin: string
  port: number
  /** In the order of arrival. */
  requests: ScriptedRequest[]
  /** Refuses connections from now on. */
  close: () => Promise<void>
}

/** A server on the loopback address whose replies the test decides; closed when the test is over. */
export async function openScript(
  reply: (request: ScriptedRequest, count: number) => ScriptedReply | Promise<ScriptedReply>,
  port = 0,
): Promise<ScriptedServer> {
  const requests: ScriptedRequest[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('error', () => {})
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const received = {
        method: request.method!,
        path: request.url!,
        headers: request.headers,
        body: Buffer.concat(chunks).toString(),
      }
      requests.push(received)
      void Promise.resolve(reply(received, requests.length)).then(
        ({ status, headers = {}, body = '', unfinished }) => {
          response.writeHead(status, headers)
          if (unfinished === true) response.write(body)
          else response.end(body)
        },
      )
    })
  })
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  const close = async (): Promise<void> => {
    if (!server.listening) return
    server.close()
    server.closeAllConnections()
    await once(server, 'close')
  }
  onTestFinished(close)
  const own = (server.address() as AddressInfo).port
  return { origin: `http://127.0.0.1:${own}`, port: own, requests, close }
}
