import { request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'

export interface LocalRequest {
  isTls: boolean
  host: string
  port: number
  path: string
  authorization?: string
}

const LIMIT_MS = 3000
const MAX_BYTES = 256 * 1024

/** Asks a server of this machine, whose certificate has another name. @returns undefined without an answer in JSON. */
export async function getJson({ isTls, host, port, path, authorization }: LocalRequest): Promise<unknown> {
  return await new Promise((resolve) => {
    const headers = authorization === undefined ? {} : { authorization }
    const signal = AbortSignal.timeout(LIMIT_MS)
    const options = { host, port, path, headers, signal, agent: false, rejectUnauthorized: false }
    const request = (isTls ? requestHttps : requestHttp)(options, (response) => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => {
        text += chunk
        if (text.length > MAX_BYTES) request.destroy()
      })
      response.once('end', () => resolve(parsed(text)))
      response.once('error', () => resolve(undefined))
      response.once('close', () => resolve(undefined))
    })
    request.once('error', () => resolve(undefined))
    request.end()
  })
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
