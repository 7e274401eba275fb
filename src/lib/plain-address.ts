/** An address without the zone of a link-local one (RFC 4007 section 11), and IPv4 in IPv6 as IPv4. */
export function plainAddress(address: string): string {
  const bare = address.replace(/%.*$/s, '')
  return /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(bare)?.[1] ?? bare
}
