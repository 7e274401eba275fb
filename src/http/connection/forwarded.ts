import { isIP } from 'node:net'

/** Proxies between a client and this server. */
const MAX_HOPS = 16
/** RFC 7239 allows more parameters than this server reads. */
const MAX_ELEMENT_CHARS = 1024

/** One proxy's element of `Forwarded` (RFC 7239 section 4): the parameters in lower case. */
type Element = ReadonlyMap<string, string>

/**
 * The elements of a header field that is a list, the last one first, because the nearest proxy appends its own. Read from the right,
 * what a client sends cannot swallow an element of a proxy by an open quote.
 */
export function lastElements(value: string, separator: ',' | ';' = ','): string[] {
  const elements: string[] = []
  let end = value.length
  let isQuoted = false
  for (let at = value.length - 1; at >= -1 && elements.length < MAX_HOPS; at--) {
    if (value[at] === '"') isQuoted = !isQuoted
    if (end - at > MAX_ELEMENT_CHARS) break
    if (at >= 0 && (value[at] !== separator || isQuoted)) continue
    elements.push(value.slice(at + 1, end).trim())
    end = at
  }
  return elements
}

/** The address in a hop of `X-Forwarded-For` or in `for` (RFC 7239 section 6); undefined for an obfuscated or invalid one. */
export function addressOfNode(node: string): string | undefined {
  const bare =
    /^\[([^\]]*)\](?::\d{1,5})?$/.exec(node)?.[1] ??
    /^(\d+\.\d+\.\d+\.\d+)(?::\d{1,5})?$/.exec(node)?.[1] ??
    node
  return isIP(bare) === 0 ? undefined : bare
}

/** An element of `Forwarded`; of a parameter that occurs twice the first counts. */
export function parseElement(text: string): Element {
  const parameters = new Map<string, string>()
  for (const pair of lastElements(text, ';')) {
    const [, name, token, quoted] =
      /^([\w!#$%&'*+.^`|~-]+)=(?:([^"\s]*)|"((?:[^"\\]|\\.)*)")$/.exec(pair) ?? []
    if (name !== undefined) parameters.set(name.toLowerCase(), token ?? quoted!.replaceAll(/\\(.)/g, '$1'))
  }
  return parameters
}

/**
 * The rightmost address that is no trusted proxy's: every proxy appends the address of its peer, and what is left of an untrusted one
 * may be invented. An element without an address ends the way.
 * @param hops the last one first.
 */
export function rightmostUntrusted(
  hops: readonly (string | undefined)[],
  peer: string,
  isTrusted: (address: string) => boolean,
): string {
  let address = peer
  for (const hop of hops) {
    const next = hop === undefined ? undefined : addressOfNode(hop)
    if (next === undefined) break
    address = next
    if (!isTrusted(next)) break
  }
  return address
}
