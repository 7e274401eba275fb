import { isIP } from 'node:net'
import { isInNetwork, isLoopback, isPublic } from '../../lib/address-kind.js'
import { placeOf, type Place } from './client-place.js'
import { CONNECT_CAUSES, type CauseParameters, type ConnectCause } from './connect-causes.js'
import type { ConnectFacts } from './connect-facts.js'

/** What a browser reports of its own side (W3C webrtc-stats). */
export interface BrowserReport {
  /** How many candidates of each kind it has. */
  host: number
  srflx: number
  relay: number
  pairs: number
  /** Of all pairs: its checks, the responses to them, and our checks. */
  requestsSent: number
  responsesReceived: number
  requestsReceived: number
  dtls: 'new' | 'connecting' | 'connected' | 'closed' | 'failed'
  packetsReceived: number
  bytesReceived: number
  packetsLost: number
  framesDecoded: number
}

/** All that the decision needs. */
export interface Situation {
  facts: ConnectFacts
  /** Why the session ended; undefined while it goes on. */
  end: string | undefined
  nowMs: number
  /** The client's address, as signalling sees it; empty if unknown. */
  client: string
  /** Networks of this machine, such as `192.168.1.20/24`. */
  networks: readonly string[]
  /** The addresses and ports of our candidates. */
  offered: readonly { address: string; port: number }[]
  /** Of the media socket. */
  port: number
  hasTcp: boolean
  browser: BrowserReport | undefined
}

/** Why a viewer cannot connect, for a person, with the values in the sentences for other languages. */
export interface ConnectFailure {
  cause: ConnectCause
  message: string
  /** What to do. */
  hint: string
  parameters: CauseParameters
}

/** A handshake takes two or three round trips; werift repeats a flight after 0.5 s. */
const HANDSHAKE_MS = 1500
/** RFC 791: what every IPv4 network carries. A smaller datagram that is not answered says nothing about the MTU. */
const LARGE_BYTES = 548
/** Alerts about a certificate (RFC 5246 section 7.2): bad, unsupported, revoked, expired, unknown, unknown CA, decrypt error. */
const CERTIFICATE_ALERTS: readonly number[] = [42, 43, 44, 45, 46, 48, 51]
/** Fewer say nothing about the share that gets lost. */
const MIN_PACKETS = 20

/** @returns undefined while nothing is wrong, or too little is known. */
export function explainFailure(situation: Situation): ConnectFailure | undefined {
  const cause = causeOf(situation)
  if (cause === undefined) return undefined
  const parameters = parametersOf(situation)
  return { cause, ...CONNECT_CAUSES[cause](parameters), parameters }
}

function causeOf(situation: Situation): ConnectCause | undefined {
  const { facts, end, nowMs, browser } = situation
  const { dtls } = facts
  if (facts.isConnected) return browser !== undefined && losesLarge(browser) ? 'small-mtu' : undefined
  if (end === 'impostor' || CERTIFICATE_ALERTS.includes(dtls.alert ?? 0)) return 'certificate'
  if (end === 'handshake-failed' && dtls.hasCertificate) return 'certificate'
  if (facts.nominatedAtMs !== undefined) {
    if (end === undefined && nowMs - facts.nominatedAtMs < HANDSHAKE_MS) return undefined
    const isStuck = dtls.flights > 1 && !dtls.isAnswered && dtls.largestBytes > LARGE_BYTES
    return isStuck ? 'small-mtu' : 'dtls-stopped'
  }
  if (facts.checks.udp + facts.checks.tcp > 0) return 'no-reply'
  return unreachedCause(situation)
}

/** Only the last packet of a frame is small. A path that is too slow loses packets of every size. */
const losesLarge = ({ framesDecoded, packetsReceived, bytesReceived, packetsLost }: BrowserReport): boolean =>
  framesDecoded === 0 &&
  packetsReceived + packetsLost >= MIN_PACKETS &&
  packetsLost > packetsReceived &&
  bytesReceived <= LARGE_BYTES * packetsReceived

/** No check has arrived. */
function unreachedCause({ client, networks, offered, browser }: Situation): ConnectCause {
  if (browser !== undefined && browser.host + browser.srflx + browser.relay === 0) return 'no-candidates'
  if (browser !== undefined && browser.pairs === 0) return 'other-network'
  const place = placeOf(client, networks)
  if (place === 'outside') {
    const reachable = publicTo(client, offered)
    if (reachable.length === 0) return 'other-network'
    return reachable.some(({ address }) => isMapped(address, networks)) ? 'port-forwarding' : 'not-reached'
  }
  if (place !== 'same-network') return 'not-reached'
  const shared = networks.filter((network) => isInNetwork(network, client))
  const isOffered = offered.some(({ address }) => shared.some((network) => isInNetwork(network, address)))
  return isOffered ? 'host-firewall' : 'other-network'
}

/** What a client outside can reach: an address that the Internet routes, of its own family. */
const publicTo = (client: string, offered: Situation['offered']): Situation['offered'] =>
  offered.filter(({ address }) => isPublic(address) && isIP(address) === isIP(client))

/** Whether it is an address of a router, and not of this machine. */
const isMapped = (address: string, networks: readonly string[]): boolean =>
  !networks.some((network) => network.startsWith(`${address}/`))

function parametersOf({ port, hasTcp, offered, client, networks }: Situation): CauseParameters {
  const preferred = publicTo(client, offered).find(({ address }) => isMapped(address, networks))
  return {
    port,
    transports: hasTcp ? 'UDP and TCP' : 'UDP',
    addresses: [...new Set(offered.map(({ address }) => address))]
      .filter((address) => !isLoopback(address))
      .join(', '),
    ...(preferred && { publicAddress: preferred.address, publicPort: preferred.port }),
    ...(client !== '' && { client }),
  }
}

/** One line of facts for the log. */
export function factsOf({
  facts,
  client,
  networks,
  offered,
  port,
  browser,
}: Situation): Record<string, string | number> {
  const { checks, replies, ownChecks, paths, dtls } = facts
  const place: Place = placeOf(client, networks)
  return {
    client,
    place,
    port,
    offered: offered.map(({ address, port: own }) => `${address} ${own}`).join(', '),
    checks: `udp ${checks.udp}, tcp ${checks.tcp}`,
    paths: paths
      .map(({ transport, from, to, checks: count }) => `${transport} ${from} to ${to ?? '?'} x${count}`)
      .join(', '),
    replies: `udp ${replies.udp}, tcp ${replies.tcp}`,
    ownChecks: `${ownChecks.sent} sent, ${ownChecks.answered} answered`,
    nominated: facts.nominatedAtMs === undefined ? 'no' : 'yes',
    dtls: `${dtls.clientHellos} client hellos, ${dtls.flights} flights of at most ${dtls.largestBytes} bytes, ${dtls.isAnswered ? 'answered' : 'not answered'}${dtls.alert === undefined ? '' : `, alert ${dtls.alert}`}`,
    ...(browser && {
      browser: `candidates host ${browser.host} srflx ${browser.srflx} relay ${browser.relay}, ${browser.pairs} pairs, checks ${browser.requestsSent} sent ${browser.responsesReceived} answered ${browser.requestsReceived} received, dtls ${browser.dtls}`,
    }),
  }
}
