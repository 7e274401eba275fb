/**
 * Which pages of other origins may use this server. The rule, all of it:
 *
 * - A request without `Origin` (curl, OBS, GStreamer, a page's own GET) is not looked at: no browser was told to send it.
 * - The server's own pages always may: the same host and port, or the same host and `web-port`, for a camera's own port.
 * - `server.allow-origins` names the others. Where it is left out there are none if credentials are set, for a browser
 *   adds what it remembers of them to a WebSocket that any page opens (cross-site WebSocket hijacking); and everybody if
 *   none are, for then there is nothing to add, and the pages of printers and home automation are to work unasked.
 * - From an origin that only "*" lets in, the token counts and nothing that a browser adds by itself.
 * - Who may not is refused where it matters: WebSockets, and requests that change something. Reading is left to the
 *   browser, which keeps the answer from the page (CORS).
 */
export type OriginKind = 'none' | 'own' | 'named' | 'any' | 'foreign'

export interface Origins {
  /** Whether "*" is among those that may. */
  readonly allowsAll: boolean
  /** @param origin the header, as it came. @param host the header of that name. */
  kindOf(origin: string | undefined, host: string | undefined): OriginKind
}

export function createOrigins(options: {
  /** `server.allow-origins`; undefined where it is left out. */
  allowed: readonly string[] | undefined
  hasCredentials: boolean
  webPort: number
}): Origins {
  const allowed = options.allowed ?? (options.hasCredentials ? [] : ['*'])
  return {
    allowsAll: allowed.includes('*'),
    kindOf: (origin, host) => {
      if (origin === undefined) return 'none'
      if (isOwn(origin, host, options.webPort)) return 'own'
      if (allowed.includes(origin.toLowerCase())) return 'named'
      return allowed.includes('*') ? 'any' : 'foreign'
    },
  }
}

/** A name has at most 253 characters (RFC 1035 section 2.3.4); scheme and port come on top. */
const MAX_AUTHORITY_CHARS = 300

/**
 * The scheme is not compared: a proxy in front may speak https where this server hears http. What is too long is not parsed: the
 * URL parser brings a name into its normal form in quadratic time.
 */
function isOwn(origin: string, host: string | undefined, webPort: number): boolean {
  if (host === undefined || host.length > MAX_AUTHORITY_CHARS || origin.length > MAX_AUTHORITY_CHARS)
    return false
  if (!URL.canParse(origin)) return false
  const page = new URL(origin)
  const asked = `${page.protocol}//${host}`
  if (!/^https?:$/.test(page.protocol) || !URL.canParse(asked)) return false
  const here = new URL(asked)
  return page.hostname === here.hostname && (page.port === here.port || portOf(page) === webPort)
}

const portOf = ({ port, protocol }: URL): number => Number(port || (protocol === 'https:' ? 443 : 80))
