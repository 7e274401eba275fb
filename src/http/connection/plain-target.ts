import type { IncomingMessage } from 'node:http'

/** The first segments of this server's own addresses. */
const OWN = /^\/(?:camera\d+|api|assets)(?:\/|$)/

/** Removes from the target the path below which a trusted proxy serves this server, if the proxy has not. */
export function removePrefix(request: Pick<IncomingMessage, 'url'>, prefix: string): void {
  const { url = '/' } = request
  if (prefix === '' || OWN.test(prefix) || !url.startsWith(prefix)) return
  const rest = url.slice(prefix.length)
  if (/^(?:[/?]|$)/.test(rest)) request.url = rest.startsWith('/') ? rest : `/${rest}`
}

/** Removes the zone of an IPv6 address from `Host`: it means something to the client only (RFC 6874 section 1). */
export function removeZone(request: IncomingMessage): void {
  const host = request.headers.host?.replace(/^(\[[\da-f:.]+)%[^\]]*\]/i, '$1]')
  if (host === undefined || host === request.headers.host) return
  request.headers.host = host
  const at = request.rawHeaders.findIndex((name, i) => i % 2 === 0 && name.toLowerCase() === 'host')
  request.rawHeaders[at + 1] = host
}
