import { expect, test } from 'vitest'
import { candidateLines, parseCandidate, reflexiveCandidateLines } from './candidate.js'

const usable = {
  foundation: '842163049',
  priority: 1677729535,
  address: '203.0.113.5',
  port: 46154,
  type: 'srflx',
}
const line = '842163049 1 udp 1677729535 203.0.113.5 46154 typ srflx'

test.each([
  ['bare', line],
  ['with its prefix', `candidate:${line}`],
  ['as an SDP line', `a=candidate:${line}`],
  ['with extensions', `candidate:${line} raddr 0.0.0.0 rport 0 generation 0 ufrag 4ZcD network-cost 999`],
  ['with UDP in capitals', `candidate:${line.replace('udp', 'UDP')}`],
  ['with room around it', `  candidate:${line}  `.trim()],
])('a candidate is read %s', (_how, text) => expect(parseCandidate(text)).toEqual(usable))

test('an IPv6 address is as good', () =>
  expect(parseCandidate('1 1 udp 1 2001:db8::7 5000 typ host')?.address).toBe('2001:db8::7'))

test.each([
  ['the end of candidates', ''],
  ['a multicast name', '1 1 udp 1 5d1b5b4c-5a5f-4d2c-9c3f.local 5000 typ host'],
  ['a host name', '1 1 udp 1 example.com 5000 typ host'],
  ['TCP', '1 1 tcp 1 192.0.2.1 9 typ host tcptype active'],
  ['the RTCP component', '1 2 udp 1 192.0.2.1 5000 typ host'],
  ['port 0', '1 1 udp 1 192.0.2.1 0 typ host'],
  ['a port out of range', '1 1 udp 1 192.0.2.1 65536 typ host'],
  ['half a port', '1 1 udp 1 192.0.2.1 50.5 typ host'],
  ['a negative priority', '1 1 udp -1 192.0.2.1 5000 typ host'],
  ['an endless priority', '1 1 udp 1e99 192.0.2.1 5000 typ host'],
  ['an unknown type', '1 1 udp 1 192.0.2.1 5000 typ tunnel'],
  ['a missing type', '1 1 udp 1 192.0.2.1 5000 typ'],
  ['words', 'the quick brown fox jumps over the lazy dog'],
])('%s is not used', (_what, text) => expect(parseCandidate(text)).toBeUndefined())

test('a foundation is cut, for it is kept', () =>
  expect(parseCandidate(line.replace('842163049', '8'.repeat(500)))?.foundation.length).toBe(32))

const mapped4 = { address: '203.0.113.7', port: 40_000 }
const mapped6 = { address: '2001:db8::7', port: 40_000 }
const hostsAt = (...addresses: string[]) => addresses.map((address) => ({ address }))

test('a server-reflexive candidate has the mapped port, the first host address as its base, and a lower priority', () => {
  const hosts = hostsAt('127.0.0.1', '192.168.1.5', '2001:db8::5')
  const [first, second, ...others] = reflexiveCandidateLines([mapped4, mapped6], hosts, 8889)
  expect(first).toMatch(/ 203\.0\.113\.7 40000 typ srflx raddr 192\.168\.1\.5 rport 8889$/)
  expect(second).toMatch(/ 2001:db8::7 40000 typ srflx raddr 2001:db8::5 rport 8889$/)
  expect(others).toEqual([])
  const all = [...candidateLines(hosts, 8889), first!, second!].map((text) => parseCandidate(text)!)
  const priorities = all.map(({ priority }) => priority)
  expect(priorities).toEqual([...priorities].sort((a, b) => b - a))
  expect(new Set(all.map(({ foundation }) => foundation)).size).toBe(all.length)
})

test('without a host address of its family the base is not named', () => {
  const lines = reflexiveCandidateLines([mapped4, mapped6], hostsAt('127.0.0.1', '::1'), 8889)
  expect(lines[0]).toMatch(/ raddr 0\.0\.0\.0 rport 9$/)
  expect(lines[1]).toMatch(/ raddr :: rport 9$/)
})

test('a mapped address that is a host candidate already is not offered again; another port is', () => {
  expect(reflexiveCandidateLines([mapped4], hostsAt('203.0.113.7'), 40_000)).toEqual([])
  const forwarded = [{ address: '203.0.113.7', port: 40_000 }]
  expect(reflexiveCandidateLines([mapped4], forwarded, 8889)).toEqual([])
  expect(reflexiveCandidateLines([mapped4], hostsAt('203.0.113.7'), 8889)).toHaveLength(1)
})

test('our candidates are in the order of the addresses, and can be read again', () => {
  const addresses = [
    { address: '192.168.1.5' },
    { address: '127.0.0.1', port: 48189 },
    { address: '2001:db8::5' },
  ]
  const candidates = candidateLines(addresses, 8889).map(parseCandidate)
  expect(candidates.map((candidate) => candidate?.address)).toEqual([
    '192.168.1.5',
    '127.0.0.1',
    '2001:db8::5',
  ])
  expect(candidates.map((candidate) => candidate?.port)).toEqual([8889, 48189, 8889])
  const priorities = candidates.map((candidate) => candidate!.priority)
  expect(priorities).toEqual([...priorities].sort((a, b) => b - a))
  expect(new Set(priorities).size).toBe(3)
  expect(new Set(candidates.map((candidate) => candidate!.foundation)).size).toBe(3)
})
