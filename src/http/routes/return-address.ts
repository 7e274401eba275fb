/** Longer addresses lead to the page of all cameras instead. */
const MAX_CHARS = 2000
/** Stands for wherever a proxy serves this server. */
const ORIGIN = 'http://server'
const FOLDER = '/root/'
const ROOT = ORIGIN + FOLDER

/**
 * The address to return to after signing in, relative to the root of this server, always with `./` in front: a reference that
 * begins so has no scheme and no host (RFC 3986 section 4.2), whatever follows.
 * @param wanted from the form or the query: anything.
 */
export function returnAddress(wanted = ''): string {
  if (wanted.length > MAX_CHARS || !URL.canParse(`./${wanted}`, ROOT)) return './'
  const { origin, pathname, search, hash } = new URL(`./${wanted}`, ROOT)
  // Dot segments would leave the folder of a proxy.
  if (origin !== ORIGIN || !pathname.startsWith(FOLDER)) return './'
  return `./${pathname.slice(FOLDER.length)}${search}${hash}`
}

/** What was requested, relative to the root of this server. @param url of the request, with scheme and host. */
export function addressBelowRoot(url: string): string {
  const { pathname, search } = new URL(url)
  return pathname.slice(1) + search
}
