/**
 * The first cookie of a name in a `Cookie` header (RFC 6265 section 5.4), not decoded. Hono's reader throws and catches an error for
 * each wrong escape: 25 to 40 ms for 16 kB.
 */
export function cookieIn(header: string, name: string): string | undefined {
  for (const pair of header.split(';')) {
    const at = pair.indexOf('=')
    if (at !== -1 && pair.slice(0, at).trim() === name) return pair.slice(at + 1).trim()
  }
  return undefined
}
