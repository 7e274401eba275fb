import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { writeBindingRequest } from '../../lib/stun.js'
import { ConnectFacts } from './connect-facts.js'

const from = { address: '192.0.2.5', port: 50_000 }
const request = (): Buffer => writeBindingRequest(randomBytes(12))
function response(type = 0x0101): Buffer {
  const stun = request()
  stun.writeUInt16BE(type)
  return stun
}

/** A record of DTLS 1.2 in plain text. */
function record(contentType: number, fragment: number[], bytes = fragment.length): Buffer {
  const header = Buffer.from([contentType, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0])
  header.writeUInt16BE(bytes, 11)
  return Buffer.concat([header, Buffer.from(fragment), Buffer.alloc(bytes - fragment.length)])
}
const [clientHello, certificate] = [record(22, [1], 120), record(22, [11], 700)]

test('checks are counted for each path, replies for each transport', () => {
  const facts = new ConnectFacts()
  const via = { localAddress: '192.0.2.1' }
  for (let i = 0; i < 3; i++) facts.received(request(), 'udp', { ...from, via })
  facts.received(request(), 'tcp', { address: '2001:db8::5', port: 9 })
  for (const transport of ['udp', 'udp', 'tcp'] as const) facts.sent(response(), transport)
  expect(facts).toMatchObject({
    checks: { udp: 3, tcp: 1 },
    replies: { udp: 2, tcp: 1 },
    paths: [
      { transport: 'udp', from: '192.0.2.5:50000', to: '192.0.2.1', checks: 3 },
      { transport: 'tcp', from: '[2001:db8::5]:9', to: undefined, checks: 1 },
    ],
  })
})

test('our checks and their responses are counted, errors are not', () => {
  const facts = new ConnectFacts()
  facts.sent(request(), 'udp')
  facts.sent(request(), 'udp')
  facts.received(response(), 'udp', from)
  facts.received(response(0x0111), 'udp', from)
  expect(facts.ownChecks).toEqual({ sent: 2, answered: 1 })
})

test('a client with many addresses fills no memory', () => {
  const facts = new ConnectFacts()
  for (let port = 1; port <= 1000; port++) facts.received(request(), 'udp', { ...from, port })
  expect(facts.paths).toHaveLength(8)
  expect(facts.checks.udp).toBe(1000)
})

test('a flight that the client answers is no reason', () => {
  const facts = new ConnectFacts()
  facts.received(clientHello, 'udp', from)
  facts.sent(record(22, [3], 60), 'udp')
  facts.received(clientHello, 'udp', from)
  for (let i = 0; i < 2; i++) {
    facts.sent(record(22, [2], 90), 'udp')
    facts.sent(record(22, [11], 900), 'udp')
  }
  expect(facts.dtls).toMatchObject({
    received: 2,
    clientHellos: 2,
    flights: 2,
    largestBytes: 913,
    isAnswered: false,
  })
  facts.received(certificate, 'udp', from)
  expect(facts.dtls).toMatchObject({ hasCertificate: true, isAnswered: true })
})

test.each([
  ['an alert', record(21, [2, 46]), 46],
  ['an encrypted alert', record(21, [1, 2, 3, 4, 5, 6, 7, 8, 9]), 0],
  ['half an alert', record(21, [2, 46]).subarray(0, 14), 0],
  ['one byte', Buffer.from([21]), 0],
])('%s is remembered, and nothing throws', (_title, datagram, alert) => {
  const facts = new ConnectFacts()
  facts.received(datagram, 'udp', from)
  facts.received(record(21, [2, 40]), 'udp', from)
  expect(facts.dtls.alert).toBe(alert)
})

test('nothing is counted once it is connected', () => {
  const facts = new ConnectFacts()
  facts.isConnected = true
  facts.received(request(), 'udp', from)
  facts.sent(request(), 'udp')
  expect([facts.checks.udp, facts.ownChecks.sent]).toEqual([0, 0])
})
