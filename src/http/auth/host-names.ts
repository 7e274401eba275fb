import { isIP } from 'node:net'

/**
 * The names that a server without credentials answers to, against DNS rebinding: an attacker's name resolves to this server's
 * address, so that the browser treats the attacker's page as same-origin, and only `Host` has the attacker's name. IP addresses are
 * always accepted, because no page can have the address of another host as its origin.
 */
export interface HostNames {
  /** @param host the header. HTTP/1.0 requests may have none, and browsers do not send such requests. */
  includes(host: string | undefined): boolean
}

export interface HostNamesOptions {
  /** `server.names`, in lower case. */
  names: readonly string[]
  /** `server.allow-origins`: the names of allowed origins are accepted too. */
  allowOrigins: readonly string[]
  /** The names of this machine in its network, in lower case; read only for other names. */
  machineNames: () => ReadonlySet<string>
}

export function createHostNames({ names, allowOrigins, machineNames }: HostNamesOptions): HostNames {
  const configured = new Set([...names, ...allowOrigins.filter((origin) => origin !== '*').map(hostIn)])
  return {
    includes: (host) => {
      if (host === undefined) return true
      const name = nameOf(host)
      if (name === undefined) return false
      return (
        isAddress(name) || isLocalhost(name) || configured.has(name) || isMachineName(machineNames(), name)
      )
    },
  }
}

/** The name in a `Host` header in lower case, without port and trailing dot; undefined if the header is invalid. */
export function nameOf(host: string): string | undefined {
  if (!/^[\w.:[\]-]{1,300}$/.test(host) || !URL.canParse(`http://${host}`)) return undefined
  return hostIn(`http://${host}`).replace(/\.$/, '')
}

const hostIn = (url: string): string => new URL(url).hostname

const isAddress = (name: string): boolean => isIP(name.replace(/^\[(.*)\]$/, '$1')) !== 0

/** RFC 6761 section 6.3: browsers resolve these to the loopback address themselves. */
const isLocalhost = (name: string): boolean => name === 'localhost' || name.endsWith('.localhost')

/** RFC 6762 section 9: mDNS responders append a number to a name that is in use. */
const isMachineName = (names: ReadonlySet<string>, name: string): boolean =>
  names.has(name) || names.has(name.replace(/-\d{1,3}\.local$/, '.local'))
