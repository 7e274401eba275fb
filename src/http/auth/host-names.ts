import { isIP } from 'node:net'

/**
 * Which names this server answers to where it has no credentials. In DNS rebinding an attacker's page, open in a browser of
 * this network, has its name resolved to this server's address: to the browser the page and the server are of one origin
 * then. Only the `Host` header still tells that somebody else chose the name. A page can have no origin of an IP address
 * that is not its own, so addresses always count.
 */
export interface HostNames {
  /** @param host the header, as it came; a request of HTTP/1.0 may have none, and no browser sends such a request. */
  includes(host: string | undefined): boolean
}

export interface HostNamesOptions {
  /** `server.names`, in small letters. */
  names: readonly string[]
  /** `server.allow-origins`: what may use this server by its origin is not a stranger's name. */
  allowOrigins: readonly string[]
  /** The names of this machine in its network, in small letters; asked for names that are not known otherwise. */
  machineNames: () => ReadonlySet<string>
}

export function createHostNames({ names, allowOrigins, machineNames }: HostNamesOptions): HostNames {
  const configured = new Set([...names, ...allowOrigins.filter((origin) => origin !== '*').map(hostIn)])
  return {
    includes: (host) => {
      if (host === undefined) return true
      const name = nameOf(host)
      if (name === undefined) return false
      return isAddress(name) || isLocalhost(name) || configured.has(name) || isOneOf(machineNames(), name)
    },
  }
}

/** The name in a `Host` header in small letters, without its port and without a dot at its end; undefined for no such header. */
export function nameOf(host: string): string | undefined {
  if (!/^[\w.:[\]-]{1,300}$/.test(host) || !URL.canParse(`http://${host}`)) return undefined
  return hostIn(`http://${host}`).replace(/\.$/, '')
}

const hostIn = (url: string): string => new URL(url).hostname

const isAddress = (name: string): boolean => isIP(name.replace(/^\[(.*)\]$/, '$1')) !== 0

/** RFC 6761 section 6.3: browsers resolve these to the loopback address themselves. */
const isLocalhost = (name: string): boolean => name === 'localhost' || name.endsWith('.localhost')

/** RFC 6762 section 9: where a name is taken in the network, mDNS responders append a number to it. */
const isOneOf = (names: ReadonlySet<string>, name: string): boolean =>
  names.has(name) || names.has(name.replace(/-\d{1,3}\.local$/, '.local'))
