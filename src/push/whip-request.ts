import { request as requestHttp, type IncomingMessage } from 'node:http'
import { request as requestHttps } from 'node:https'
import { plainAddress } from '../lib/plain-address.js'
import { networkProblem, tooLong } from './network-problems.js'
import { PushError } from './push-error.js'

/** A session description has 1 to 3 kB. */
export const MAX_RESPONSE_BYTES = 64 * 1024
const MAX_HEADER_BYTES = 16 * 1024

export interface WhipRequest {
  method: 'POST' | 'DELETE'
  url: URL
  /** The value of the header; it never follows to plain HTTP from HTTPS. */
  authorization: string | undefined
  sdp?: string | undefined
  /** For the whole request, body included. */
  limitMs: number
  signal?: AbortSignal | undefined
}

export interface WhipResponse {
  status: number
  /** The first value of a header, whose name is in lower case. */
  header: (name: string) => string | undefined
  /** All of them. */
  headerLines: (name: string) => string[]
  body: string
  /** That answered, after redirects. */
  url: URL
  /** What was connected to, redirects included. */
  addresses: string[]
}

/** Sends one request without following redirects. @throws PushError, or the reason of the signal. */
export async function sendRequest(options: WhipRequest): Promise<WhipResponse> {
  const { url, limitMs, signal } = options
  const limit = AbortSignal.timeout(limitMs)
  try {
    return await exchange(options, signal === undefined ? limit : AbortSignal.any([limit, signal]))
  } catch (error) {
    if (signal?.aborted === true) throw signal.reason
    throw error instanceof PushError ? error : new PushError(networkProblem(error, url.host))
  }
}

async function exchange(options: WhipRequest, signal: AbortSignal): Promise<WhipResponse> {
  const { method, url, authorization, sdp } = options
  const send = url.protocol === 'https:' ? requestHttps : requestHttp
  const headers = {
    accept: 'application/sdp',
    'user-agent': 'rpi-webrtc',
    ...(authorization !== undefined && { authorization }),
    ...(sdp !== undefined && {
      'content-type': 'application/sdp',
      'content-length': String(Buffer.byteLength(sdp)),
    }),
  }
  const target = new URL(url)
  target.username = target.password = '' // Node.js would send them
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const request = send(
      target,
      { method, headers, signal, agent: false, maxHeaderSize: MAX_HEADER_BYTES },
      resolve,
    )
    request.on('error', reject)
    request.on('upgrade', (_response, socket) => {
      socket.destroy()
      reject(new Error('the server switched protocols'))
    })
    request.end(sdp)
  })
  const remoteAddress = plainAddress(response.socket.remoteAddress ?? '')
  try {
    return {
      status: response.statusCode ?? 0,
      header: (name) => {
        const value = response.headers[name]
        return Array.isArray(value) ? value[0] : value
      },
      headerLines: (name) => response.headersDistinct[name] ?? [],
      body: await bodyOf(response, url.host),
      url,
      addresses: [remoteAddress],
    }
  } finally {
    response.destroy()
  }
}

async function bodyOf(response: IncomingMessage, host: string): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > MAX_RESPONSE_BYTES) throw new PushError(tooLong(host, MAX_RESPONSE_BYTES))
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}
