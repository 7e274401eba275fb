/**
 * The root of this server as a relative reference (RFC 3986 section 4.2) from a request: a proxy may serve it below a prefix.
 * @param url of the request, with scheme and host. @returns `./`, `../`, `../../` and so on.
 */
export function rootFrom(url: string): string {
  const slashes = new URL(url).pathname.match(/\//g)?.length ?? 1
  return '../'.repeat(slashes - 1) || './'
}
