/**
 * The pages of other origins that may use this server:
 *
 * - Requests without `Origin` (curl, OBS, GStreamer, a page's own GET) are accepted: no page of another origin caused them.
 * - The server's own pages are accepted: the same host and port, or the same host and `web-port` for a camera's own port.
 * - `server.allow-origins` lists others. Its default is none with credentials, because browsers add stored credentials to WebSockets
 *   of any page (cross-site WebSocket hijacking), and all without, so that pages of printers and home automation work.
 * - From an origin that only "*" allows, the token is accepted, but no credentials that a browser adds by itself.
 * - Disallowed origins get 403 for WebSockets and state-changing requests; CORS blocks the rest.
 */
export type OriginKind = 'none' | 'own' | 'named' | 'any' | 'foreign'

export interface Origins {
  /** Whether "*" is allowed. */
  readonly allowsAll: boolean
  /** @param origin @param host the headers. @param forwardedHosts as trusted proxies name the host. */
  kindOf(origin: string | undefined, host: string | undefined, forwardedHosts?: readonly string[]): OriginKind
}

export function createOrigins(options: {
  /** `server.allow-origins`; undefined for the default. */
  allowed: readonly string[] | undefined
  hasCredentials: boolean
  webPort: number
}): Origins {
  const allowed = options.allowed ?? (options.hasCredentials ? [] : ['*'])
  return {
    allowsAll: allowed.includes('*'),
    kindOf: (origin, host, forwardedHosts = []) => {
      if (origin === undefined) return 'none'
      if ([host, ...forwardedHosts].some((one) => isOwn(origin, one, options.webPort))) return 'own'
      if (allowed.includes(origin.toLowerCase())) return 'named'
      return allowed.includes('*') ? 'any' : 'foreign'
    },
  }
}

/** A name of at most 253 characters (RFC 1035 section 2.3.4), with scheme and port. */
const MAX_AUTHORITY_CHARS = 300

/**
 * Ignores the scheme, because a proxy may terminate https. Rejects long values unparsed, because the URL parser normalizes a name in
 * quadratic time.
 */
function isOwn(origin: string, host: string | undefined, webPort: number): boolean {
  if (host === undefined || host.length > MAX_AUTHORITY_CHARS || origin.length > MAX_AUTHORITY_CHARS)
    return false
  if (!URL.canParse(origin)) return false
  const page = new URL(origin)
  const target = `${page.protocol}//${host}`
  if (!/^https?:$/.test(page.protocol) || !URL.canParse(target)) return false
  const server = new URL(target)
  return page.hostname === server.hostname && (page.port === server.port || portOf(page) === webPort)
}

const portOf = ({ port, protocol }: URL): number => Number(port || (protocol === 'https:' ? 443 : 80))
