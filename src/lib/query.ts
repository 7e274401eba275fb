import { unescape } from 'node:querystring'

/**
 * The first value of a query parameter, or undefined.
 * @param url absolute, or path and query.
 */
export function queryValue(url: string, name: string): string | undefined {
  const start = url.indexOf('?')
  if (start === -1) return undefined
  const end = url.indexOf('#', start)
  return formValue(url.slice(start + 1, end === -1 ? undefined : end), name)
}

/**
 * The first value of a name in `application/x-www-form-urlencoded`, or undefined. URLSearchParams and Hono's `c.req.query` decode
 * everything, and throw and catch an error for each wrong escape: 40 to 50 ms for 16 kB of `%ff&`, before any access check.
 */
export function formValue(form: string, name: string): string | undefined {
  for (let start = 0; start < form.length;) {
    const next = form.indexOf('&', start)
    const end = next === -1 ? form.length : next
    // Skips short pairs, as in a hostile query of many.
    if (end - start >= name.length) {
      const [encodedName, value] = halvesOf(form.slice(start, end))
      if (decodeName(encodedName) === name) return unescape(value.replaceAll('+', ' '))
    }
    start = end + 1
  }
  return undefined
}

function halvesOf(pair: string): [name: string, value: string] {
  const at = pair.indexOf('=')
  return at === -1 ? [pair, ''] : [pair.slice(0, at), pair.slice(at + 1)]
}

/** Only ASCII escapes, because all known names are ASCII. */
const decodeName = (name: string): string =>
  name.includes('%')
    ? name.replace(/%([0-7][0-9a-f])/gi, (_escape, hex: string) => String.fromCharCode(parseInt(hex, 16)))
    : name
