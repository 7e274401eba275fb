import { isLoopback } from '../lib/address-kind.js'
import { PushError } from './push-error.js'
import { sendRequest, type WhipRequest, type WhipResponse } from './whip-request.js'

/** Amazon IVS has one redirect, to a region. */
const MAX_REDIRECTS = 5

/** Sends a request, and again with its body and credentials where a 307 or 308 leads (RFC 9725 section 4.5). @throws PushError */
export async function sendFollowing(request: WhipRequest): Promise<WhipResponse> {
  const seen = new Set<string>()
  const addresses: string[] = []
  const untilMs = performance.now() + request.limitMs
  let { url } = request
  for (;;) {
    seen.add(url.href)
    const limitMs = Math.max(1, Math.ceil(untilMs - performance.now()))
    const response = await sendRequest({ ...request, url, limitMs })
    addresses.push(...response.addresses)
    if (response.status !== 307 && response.status !== 308) return { ...response, addresses }
    url = nextUrl(url, response.header('location'))
    if (seen.has(url.href))
      throw refusal(
        'push-redirect-loop',
        `${url.host} redirects in a circle.`,
        'Look at the rules of the server for this path.',
      )
    if (seen.size > MAX_REDIRECTS)
      throw refusal(
        'push-too-many-redirects',
        `The server redirects more than ${MAX_REDIRECTS} times.`,
        'Write the address at the end of the redirects into url.',
      )
  }
}

const refusal = (cause: string, message: string, hint: string): PushError =>
  new PushError({ cause, message, hint })

/** @throws PushError where the credentials may not go. */
export function nextUrl(from: URL, location: string | undefined): URL {
  if (location === undefined || !URL.canParse(location, from.href))
    throw refusal(
      'push-redirect-nowhere',
      `${from.host} redirects without an address.`,
      'Look at the rules of the server for this path.',
    )
  const url = new URL(location, from)
  if (!mayFollow(from, url))
    throw refusal(
      'push-redirect-refused',
      `${from.host} redirects to ${url.protocol}//${url.host}, where the credentials must not go.`,
      'Redirects lead to https:, or from http: to http:, and never from another machine to this one. Write the final address into url.',
    )
  url.username = url.password = url.hash = ''
  return url
}

/** Of what only this machine reaches, another machine must not make us a client. */
export function mayFollow(from: URL, to: URL): boolean {
  const keepsScheme = to.protocol === from.protocol || (from.protocol === 'http:' && to.protocol === 'https:')
  return keepsScheme && (isThisMachine(from) || !isThisMachine(to))
}

const isThisMachine = ({ hostname }: URL): boolean =>
  /(?:^|\.)localhost\.?$/i.test(hostname) ||
  /^(?:0\.0\.0\.0|\[::\])$/.test(hostname) ||
  isLoopback(hostname.replaceAll(/[[\]]/g, ''))
