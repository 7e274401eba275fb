import { unescape } from 'node:querystring'

/**
 * The first value of a parameter in the query of an address; undefined where it has none.
 * @param url an address, or its path and query.
 */
export function queryValue(url: string, name: string): string | undefined {
  const start = url.indexOf('?')
  if (start === -1) return undefined
  const end = url.indexOf('#', start)
  return formValue(url.slice(start + 1, end === -1 ? undefined : end), name)
}

/**
 * The first value of a name in `application/x-www-form-urlencoded`; undefined where it has none. URLSearchParams and Hono's
 * `c.req.query` decode everything, and throw and catch an error for each wrong escape: 16 kB of `%ff&` took them 40 to 50 ms, before
 * anybody was asked for credentials.
 */
export function formValue(form: string, name: string): string | undefined {
  for (let start = 0; start < form.length;) {
    const next = form.indexOf('&', start)
    const end = next === -1 ? form.length : next
    // Most of what is hostile is short: nothing is made of it.
    if (end - start >= name.length) {
      const [written, value] = halvesOf(form.slice(start, end))
      if (decodeName(written) === name) return unescape(value.replaceAll('+', ' '))
    }
    start = end + 1
  }
  return undefined
}

function halvesOf(pair: string): [name: string, value: string] {
  const at = pair.indexOf('=')
  return at === -1 ? [pair, ''] : [pair.slice(0, at), pair.slice(at + 1)]
}

/** Our names are ASCII: what is escaped beyond it is none of them. */
const decodeName = (name: string): string =>
  name.includes('%')
    ? name.replace(/%([0-7][0-9a-f])/gi, (_escape, hex: string) => String.fromCharCode(parseInt(hex, 16)))
    : name
