import { addressBytes } from './address-bytes.js'

/** The names and addresses that a certificate authority may sign: names with everything below them, and networks. */
export interface Permitted {
  names: string[]
  networks: Network[]
}

/** An address and a mask of the same length. */
export interface Network {
  address: Buffer
  mask: Buffer
}

export const NAME_CONSTRAINTS = '2.5.29.30'

/** RFC 5280 section 4.2.1.10: an address has as many bytes as its mask. */
export function network(address: string, prefixBits: number): Network {
  const bytes = addressBytes(address)!
  const mask = bytes.map((_, i) => 0xff & (0xff00 >> Math.min(8, Math.max(0, prefixBits - 8 * i))))
  return { address: bytes, mask: Buffer.from(mask) }
}

/** Whether a certificate for this name or address satisfies the constraints. */
export function permits({ names, networks }: Permitted, name: string): boolean {
  const bytes = addressBytes(name)
  if (bytes === undefined)
    return names.some(
      (allowed) => name.toLowerCase() === allowed || name.toLowerCase().endsWith(`.${allowed}`),
    )
  return networks.some(
    ({ address, mask }) =>
      address.length === bytes.length &&
      bytes.every((byte, i) => (byte & mask[i]!) === (address[i]! & mask[i]!)),
  )
}

// RFC 5280 section 4.2.1.6: GeneralName has the context-specific tags 2, dNSName, and 7, iPAddress.
const [SEQUENCE, PERMITTED, DNS_NAME, IP_ADDRESS] = [0x30, 0xa0, 0x82, 0x87]

/** The extension's value in DER. */
export const encodePermitted = ({ names, networks }: Permitted): Buffer =>
  element(
    SEQUENCE,
    element(
      PERMITTED,
      ...names.map((name) => element(SEQUENCE, element(DNS_NAME, Buffer.from(name, 'latin1')))),
      ...networks.map(({ address, mask }) => element(SEQUENCE, element(IP_ADDRESS, address, mask))),
    ),
  )

/** @throws Error if the value is not one that `encodePermitted` could have written. */
export function decodePermitted(der: Buffer): Permitted {
  const permitted: Permitted = { names: [], networks: [] }
  const [list, ...more] = elementsOf(elementsOf(der)[0]!.body)
  if (list?.tag !== PERMITTED || more.length > 0) throw new Error('the name constraints have another form')
  for (const { body } of elementsOf(list.body)) {
    const { tag, body: base } = elementsOf(body)[0]!
    if (tag === DNS_NAME) permitted.names.push(base.toString('latin1').toLowerCase().replace(/^\./, ''))
    else if (tag === IP_ADDRESS)
      permitted.networks.push({
        address: base.subarray(0, base.length / 2),
        mask: base.subarray(base.length / 2),
      })
  }
  return permitted
}

/** X.690 section 8.1: tag, length, content. */
function element(tag: number, ...content: Buffer[]): Buffer {
  const body = Buffer.concat(content)
  const length =
    body.length < 0x80
      ? [body.length]
      : body.length < 0x100
        ? [0x81, body.length]
        : [0x82, body.length >> 8, body.length & 0xff]
  return Buffer.concat([Buffer.from([tag, ...length]), body])
}

function elementsOf(der: Buffer): { tag: number; body: Buffer }[] {
  const elements: { tag: number; body: Buffer }[] = []
  for (let at = 0; at < der.length;) {
    const [tag, first] = [der[at]!, der[at + 1] ?? 0]
    const lengthBytes = first < 0x80 ? 0 : first & 0x7f
    if (lengthBytes > 2) throw new Error('the name constraints are too long')
    const start = at + 2 + lengthBytes
    const length = lengthBytes === 0 ? first : der.readUIntBE(at + 2, lengthBytes)
    if (start + length > der.length) throw new Error('the name constraints are cut off')
    elements.push({ tag, body: der.subarray(start, start + length) })
    at = start + length
  }
  return elements
}
