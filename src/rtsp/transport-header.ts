/** What a client wants its packets by (RFC 2326 section 12.39). */
export type WantedTransport =
  | { kind: 'tcp'; channels: readonly [rtp: number, rtcp: number] }
  | { kind: 'udp'; ports: readonly [rtp: number, rtcp: number] }

const MAX_ALTERNATIVES = 8
/** RFC 6335 section 6: nothing is sent to a port of a system service. */
const LEAST_PORT = 1024

/**
 * The first alternative that is supported. `destination` and the like are ignored: packets go to the address of the connection.
 * @param usualChannels of a client that names none.
 */
export function parseTransport(header: string, usualChannels = '0-1'): WantedTransport | undefined {
  for (const alternative of header.split(',', MAX_ALTERNATIVES)) {
    const [protocol = '', ...parameters] = alternative.trim().split(';', 32)
    const parameter = (name: string): string | undefined =>
      parameters
        .find((one) => one.trim().toLowerCase().startsWith(`${name}=`))
        ?.trim()
        .slice(name.length + 1)
    const isMulticast = parameters.some((one) => one.trim().toLowerCase() === 'multicast')
    const mode = (parameter('mode') ?? 'play').replaceAll('"', '').toLowerCase()
    if (isMulticast || mode !== 'play') continue
    if (/^RTP\/AVP\/TCP$/i.test(protocol)) {
      const channels = pairOf(parameter('interleaved') ?? usualChannels)
      if (channels !== undefined && channels.every((channel) => channel <= 255))
        return { kind: 'tcp', channels }
    } else if (/^RTP\/AVP(?:\/UDP)?$/i.test(protocol)) {
      const ports = pairOf(parameter('client_port') ?? '')
      if (ports !== undefined && ports.every((port) => port >= LEAST_PORT && port <= 65_535))
        return { kind: 'udp', ports }
    }
  }
  return undefined
}

/** Whether packets of both would arrive in one place. */
export function doCollide(one: WantedTransport, other: WantedTransport): boolean {
  const [a, b] = [one, other].map((wanted) => (wanted.kind === 'tcp' ? wanted.channels : wanted.ports))
  return one.kind === other.kind && a!.some((place) => b!.includes(place))
}

/** `5000-5001`, or `5000` alone. */
function pairOf(text: string): readonly [number, number] | undefined {
  const [, first, second] = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(text) ?? []
  if (first === undefined) return undefined
  const pair = [Number(first), second === undefined ? Number(first) + 1 : Number(second)] as const
  return pair[0] === pair[1] ? undefined : pair
}
