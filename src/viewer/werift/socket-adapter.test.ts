import { expect, test, vi } from 'vitest'
import { connectivityCheck } from '../../../test/support/viewer-stun.js'
import { memoryPipe, muxTransport } from './socket-adapter.js'
import type { Address, MuxAgent, UdpMux } from '../transport/udp-mux.js'

test('what werift sends goes out by the mux, its checks by name, until it closes', async () => {
  const via = {} as NonNullable<Address['via']>
  const mux = { port: 8889, send: vi.fn(), sendCheck: vi.fn(), pathTo: (to: Address) => ({ ...to, via }) }
  const agent = {} as MuxAgent
  const transport = muxTransport(mux as unknown as UdpMux, agent, '192.168.1.5')
  const check = connectivityCheck({ to: 'theirs' })
  const dtls = Buffer.from([22, 1])
  const to = { address: '192.0.2.1', port: 5000 }
  await transport.send(check, ['192.0.2.1', 5000])
  await transport.send(dtls, ['192.0.2.1', 5000])
  await transport.close()
  await transport.send(dtls, ['192.0.2.1', 5000])
  expect(mux.sendCheck.mock.calls).toEqual([[agent, check, to]])
  expect(mux.send.mock.calls).toEqual([[dtls, { ...to, via }]])
})

test('the ends of a pipe hand each other what they are sent, in order and not at once', async () => {
  const [one, two] = memoryPipe()
  const got: string[] = []
  two.onData = (datagram) => void got.push(`two ${datagram.toString()}`)
  one.onData = (datagram) => void got.push(`one ${datagram.toString()}`)
  const sent = [one.send(Buffer.from('a')), one.send(Buffer.from('b')), two.send(Buffer.from('c'))]
  expect(got).toEqual([])
  await Promise.all(sent)
  expect(got).toEqual(['two a', 'two b', 'one c'])
})
