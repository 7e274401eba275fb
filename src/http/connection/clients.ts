import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import { createAddressSet } from '../../lib/address-set.js'
import { directClient, type Client } from '../../lib/client-address.js'
import { lastElements, parseElement, rightmostUntrusted } from './forwarded.js'

/** Who sends the requests. */
export interface Clients {
  /** Whether `server.trusted-proxies` has this address. */
  isProxy(address: string): boolean
  /** The client of a request, by the headers of trusted proxies. Always the same object for a request. */
  of(request: IncomingMessage): Client
}

/** Further values of `X-Forwarded-Host` are those of an attack, and make the host invalid. */
const MAX_HOSTS = 4
/** A path of unreserved characters (RFC 3986 section 2.3), because it becomes an attribute of the cookie. */
const PREFIX = /^(?:\/[\w.~-]+){1,8}$/
const MAX_PREFIX_CHARS = 200

/** @param trusted addresses and networks; read for every request, because a reload may change them. */
export function createClients(trusted: () => readonly string[]): Clients {
  let entries: readonly string[] = []
  let includes = createAddressSet(entries)
  const isProxy = (address: string): boolean => {
    if (entries !== trusted()) includes = createAddressSet((entries = trusted()))
    return includes(address)
  }
  const clients = new WeakMap<IncomingMessage, Client>()
  return {
    isProxy,
    of: (request) => {
      const known = clients.get(request)
      if (known !== undefined) return known
      const direct = directClient(request.socket)
      const client = isProxy(direct.address) ? forwardedClient(request.headers, direct, isProxy) : direct
      clients.set(request, client)
      return client
    },
  }
}

/** @param peer the trusted proxy. */
function forwardedClient(
  headers: IncomingHttpHeaders,
  peer: Client,
  isTrusted: (address: string) => boolean,
): Client {
  const header = (name: string): string | undefined => headers[name]?.toString()
  const forwardedFor = header('x-forwarded-for')
  const forwarded = header('forwarded')
  const elements = lastElements(forwarded ?? '').map(parseElement)
  const addressBy = (hops: readonly (string | undefined)[]): string =>
    rightmostUntrusted(hops, peer.address, isTrusted)
  const candidates = [
    ...(forwardedFor === undefined ? [] : [addressBy(lastElements(forwardedFor))]),
    ...(forwarded === undefined ? [] : [addressBy(elements.map((element) => element.get('for')))]),
  ]
  // A proxy that writes one of the headers may pass on the other as the client invented it.
  const [address = peer.address, other = address] = candidates
  const protocol = header('x-forwarded-proto')?.split(',', 1)[0] ?? elements.at(-1)?.get('proto')
  return {
    address: address === other ? address : peer.address,
    isSecure: protocol === undefined ? peer.isSecure : /^(?:https|wss)$/i.test(protocol.trim()),
    forwardedHosts: hostsIn(header('x-forwarded-host'), elements),
    prefix: prefixIn(header('x-forwarded-prefix') ?? header('x-ingress-path')),
  }
}

function hostsIn(
  forwardedHost: string | undefined,
  elements: readonly ReadonlyMap<string, string>[],
): string[] {
  const hosts = [
    ...(forwardedHost === undefined ? [] : forwardedHost.split(',', MAX_HOSTS + 1)),
    ...elements.flatMap((element) => element.get('host') ?? []),
  ]
  return hosts.length > MAX_HOSTS ? [''] : hosts.map((host) => host.trim())
}

function prefixIn(header: string | undefined): string {
  const prefix = header?.slice(0, MAX_PREFIX_CHARS + 1).replace(/\/$/, '') ?? ''
  return prefix.length <= MAX_PREFIX_CHARS && PREFIX.test(prefix) && !/\/\.\.?(?:\/|$)/.test(prefix)
    ? prefix
    : ''
}
