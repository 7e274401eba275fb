import { describe, expect, test } from 'vitest'
import { CONNECT_CAUSE_NAMES, type ConnectCause } from './connect-causes.js'
import { ConnectFacts } from './connect-facts.js'
import { explainFailure, factsOf, type BrowserReport, type Situation } from './connect-failure.js'

const browser: BrowserReport = {
  host: 1,
  srflx: 0,
  relay: 0,
  pairs: 2,
  requestsSent: 20,
  responsesReceived: 0,
  requestsReceived: 0,
  dtls: 'new',
  packetsReceived: 0,
  bytesReceived: 0,
  packetsLost: 0,
  framesDecoded: 0,
}

const home = { address: '192.168.1.20', port: 8189 }
const ipv6 = { address: 'fd00::20', port: 8189 }
const announced = { address: '203.0.113.7', port: 48_189 }

type About = Omit<Partial<Situation>, 'facts'> & {
  checks?: Partial<ConnectFacts['checks']>
  dtls?: Partial<ConnectFacts['dtls']>
  nominatedAtMs?: number
  isConnected?: boolean
}

function situation({ checks, dtls, nominatedAtMs, isConnected = false, ...about }: About = {}): Situation {
  const facts = new ConnectFacts()
  Object.assign(facts.checks, checks)
  Object.assign(facts.dtls, dtls)
  Object.assign(facts, { nominatedAtMs, isConnected })
  return {
    facts,
    end: 'never-connected',
    nowMs: 10_000,
    client: '192.168.1.5',
    networks: ['192.168.1.20/24', 'fd00::20/64'],
    offered: [home, ipv6],
    port: 8189,
    hasTcp: true,
    browser: undefined,
    ...about,
  }
}

const path = { checks: { udp: 5 }, nominatedAtMs: 1000 }
const outside = '198.51.100.9'

test.each<[title: string, about: About, cause: ConnectCause | undefined]>([
  ['nothing arrives from the same network', {}, 'host-firewall'],
  ['nothing arrives from the same IPv6 network', { client: 'fd00::5' }, 'host-firewall'],
  ['the network of the client is not offered', { offered: [announced] }, 'other-network'],
  ['only private addresses for a client outside', { client: outside }, 'other-network'],
  [
    'an announced address for a client outside',
    { client: outside, offered: [home, announced] },
    'port-forwarding',
  ],
  [
    'only an IPv6 address is public, for a client with IPv4',
    { client: outside, offered: [home, { address: '2001:db8::20', port: 8189 }] },
    'other-network',
  ],
  [
    'the public address is that of the machine itself',
    { client: outside, networks: ['203.0.113.7/29'], offered: [announced] },
    'not-reached',
  ],
  ['a client of a VPN', { client: '10.8.0.2' }, 'not-reached'],
  ['a client of Tailscale', { client: '100.101.102.103', offered: [home, announced] }, 'not-reached'],
  ['a proxy on this machine', { client: '127.0.0.1' }, 'not-reached'],
  ['no address of the client', { client: '' }, 'not-reached'],
  ['a name in place of an address', { client: 'unknown' }, 'not-reached'],
  ['no network of this machine', { networks: [] }, 'not-reached'],
  ['a browser without candidates', { browser: { ...browser, host: 0 } }, 'no-candidates'],
  ['a browser with a relay alone', { browser: { ...browser, host: 0, relay: 1 } }, 'host-firewall'],
  ['a browser whose families differ from ours', { browser: { ...browser, pairs: 0 } }, 'other-network'],
  ['checks arrive', { checks: { udp: 7 } }, 'no-reply'],
  ['checks arrive over TCP', { checks: { tcp: 2 } }, 'no-reply'],
  ['checks arrive while the session goes on', { checks: { udp: 2 }, end: undefined }, 'no-reply'],
  ['the handshake takes no longer than usual', { ...path, end: undefined, nowMs: 1500 }, undefined],
  ['the handshake does not begin', path, 'dtls-stopped'],
  [
    'the handshake stops with small datagrams',
    { ...path, dtls: { flights: 4, largestBytes: 420 } },
    'dtls-stopped',
  ],
  ['a large datagram gets no answer', { ...path, dtls: { flights: 4, largestBytes: 1100 } }, 'small-mtu'],
  ['a large datagram was sent once', { ...path, dtls: { flights: 1, largestBytes: 1100 } }, 'dtls-stopped'],
  [
    'large datagrams are answered',
    { ...path, dtls: { flights: 4, largestBytes: 1100, isAnswered: true } },
    'dtls-stopped',
  ],
  ['the client rejects our certificate', { ...path, dtls: { alert: 46 } }, 'certificate'],
  ['the client finds no common cipher', { ...path, dtls: { alert: 40 } }, 'dtls-stopped'],
  ['the client has a certificate of another', { ...path, end: 'impostor' }, 'certificate'],
  [
    'the fingerprint differs',
    { ...path, end: 'handshake-failed', dtls: { hasCertificate: true } },
    'certificate',
  ],
  ['the handshake fails early', { ...path, end: 'handshake-failed' }, 'dtls-stopped'],
  ['it is connected', { ...path, isConnected: true, browser }, undefined],
  [
    'it is connected, and packets of every size get lost',
    {
      ...path,
      isConnected: true,
      browser: { ...browser, packetsReceived: 9, bytesReceived: 9900, packetsLost: 90 },
    },
    undefined,
  ],
  [
    'it is connected, and all large packets get lost',
    { ...path, isConnected: true, browser: { ...browser, packetsReceived: 9, packetsLost: 90 } },
    'small-mtu',
  ],
  [
    'it is connected, plays, and lost much',
    {
      ...path,
      isConnected: true,
      browser: { ...browser, packetsReceived: 9, packetsLost: 90, framesDecoded: 3 },
    },
    undefined,
  ],
])('%s', (_title, about, cause) => expect(explainFailure(situation(about))?.cause).toBe(cause))

describe('the sentences', () => {
  test('name the port that a router has to forward', () => {
    const { message, hint } = explainFailure(situation({ client: outside, offered: [home, announced] }))!
    expect(message).toBe(
      "The server's router does not forward port 48189 of 203.0.113.7 to port 8189 of the server.",
    )
    expect(hint).toContain('UDP and TCP')
  })

  test('name the transports that are open', () =>
    expect(explainFailure(situation({ hasTcp: false }))!.hint).toMatch(/^Open port 8189 \(UDP\)/))

  test('name each offered address once', () =>
    expect(
      explainFailure(
        situation({ client: outside, offered: [home, { address: '127.0.0.1', port: 8189 }, home, ipv6] }),
      )!.message,
    ).toContain(': 192.168.1.20, fd00::20.'))

  test('have the command with the address of the client', () =>
    expect(explainFailure(situation({ checks: { udp: 3 } }))!.hint).toContain('ip route get 192.168.1.5'))

  test('come with their values, for other languages', () =>
    expect(explainFailure(situation({ client: outside, offered: [home, announced] }))!.parameters).toEqual({
      port: 8189,
      transports: 'UDP and TCP',
      addresses: '192.168.1.20, 203.0.113.7',
      publicAddress: '203.0.113.7',
      publicPort: 48_189,
      client: outside,
    }))
})

test('the log line has the facts of both sides', () => {
  const about = situation({ checks: { udp: 3 }, browser })
  about.facts.paths.push({ transport: 'udp', from: '192.168.1.5:50000', to: '192.168.1.20', checks: 3 })
  expect(factsOf(about)).toMatchObject({
    client: '192.168.1.5',
    place: 'same-network',
    checks: 'udp 3, tcp 0',
    paths: 'udp 192.168.1.5:50000 to 192.168.1.20 x3',
    browser: expect.stringContaining('20 sent 0 answered') as string,
  })
})

test('every cause is a row of docs/troubleshooting.md', async () => {
  const { readFile } = await import('node:fs/promises')
  const page = await readFile(new URL('../../../docs/troubleshooting.md', import.meta.url), 'utf8')
  expect(CONNECT_CAUSE_NAMES.filter((cause) => !page.includes(`| \`${cause}\` |`))).toEqual([])
})
