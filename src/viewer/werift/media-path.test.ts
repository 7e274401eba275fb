import { expect, test, vi } from 'vitest'
import type { Address, UdpMux } from '../transport/udp-mux.js'
import type { ConnectionInternals, PairInternals } from './internals.js'
import { MediaPath } from './media-path.js'
import type { SecondConnection, SecondProtocol } from './second-protocol.js'

const browser = { address: '192.0.2.1', port: 5000 }
const packet = Buffer.from('packet')

/** A path whose ICE agent nominates what the test says. */
function opened() {
  const sent: { over: string; to: Address }[] = []
  const mux = {
    pathTo: (to: Address) => to,
    send: (_packet: Buffer, to: Address) => (sent.push({ over: 'udp', to }), true),
  } as unknown as UdpMux
  const connection = {
    ...browser,
    port: 9,
    send: () => (sent.push({ over: 'tcp', to: { ...browser, port: 9 } }), true),
  } as SecondConnection
  let isConnected = true
  const hasRoom = vi.fn<() => boolean>(() => true)
  const tcp: SecondProtocol = {
    kind: 'tcp',
    isRelay: false,
    connectionOf: () => (isConnected ? connection : undefined),
    hasRoom,
  }
  const pair = (protocol: object, { address, port }: Address) =>
    ({ protocol, nominated: true, remoteCandidate: { host: address, port } }) as unknown as PairInternals
  const overUdp = pair({}, browser)
  const overTcp = pair(tcp, { ...browser, port: 9 })
  const queryConsent = vi.fn<() => void>()
  const ice = {
    nominated: undefined as PairInternals | undefined,
    state: 'completed',
    candidatePairs: [] as PairInternals[],
    queryConsent,
  }
  const path = new MediaPath(mux, ice as unknown as ConnectionInternals, [tcp])
  const nominate = (first: PairInternals, ...others: PairInternals[]): void => {
    ice.nominated = first
    ice.candidatePairs = [first, ...others]
    path.followNomination()
  }
  const closeTcp = (): void => {
    isConnected = false
    path.followNomination()
  }
  return { path, sent, ice, nominate, overUdp, overTcp, hasRoom, closeTcp, queryConsent }
}

test('without a nominated pair packets are dropped', () => {
  const { path, sent } = opened()
  expect(path.isOpen).toBe(false)
  expect(path.address).toBeUndefined()
  expect(path.send(packet)).toBe(true)
  expect(sent).toEqual([])
})

test('a pair over UDP sends to its address, and has room always', () => {
  const { path, sent, nominate, overUdp, hasRoom } = opened()
  nominate(overUdp)
  expect(path).toMatchObject({ isOpen: true, transport: 'udp', address: browser.address })
  path.send(packet)
  expect(sent).toEqual([{ over: 'udp', to: browser }])
  expect(path.hasRoom()).toBe(true)
  expect(hasRoom).not.toHaveBeenCalled()
})

test('a pair over TCP sends on its connection, and has room while the client keeps up', () => {
  const { path, sent, nominate, overTcp, hasRoom } = opened()
  nominate(overTcp)
  expect(path).toMatchObject({ isOpen: true, transport: 'tcp', address: browser.address })
  path.send(packet)
  expect(sent).toMatchObject([{ over: 'tcp' }])
  expect(path.hasRoom()).toBe(true)
  hasRoom.mockReturnValue(false)
  expect(path.hasRoom()).toBe(false)
})

test('TCP gives way as soon as a pair over UDP is nominated', () => {
  const { path, ice, nominate, overTcp, overUdp, queryConsent } = opened()
  nominate(overTcp)
  nominate(overTcp, overUdp)
  expect(path.transport).toBe('udp')
  expect(ice.nominated).toBe(overUdp)
  expect(queryConsent).toHaveBeenCalledOnce()
})

test('a closed TCP connection leaves no path, and nothing is sent', () => {
  const { path, sent, nominate, overTcp, closeTcp } = opened()
  nominate(overTcp)
  closeTcp()
  expect(path.isOpen).toBe(false)
  path.send(packet)
  expect(sent).toEqual([])
})

test('no path outlives its ICE agent', () => {
  const { path, ice, nominate, overUdp } = opened()
  nominate(overUdp)
  ice.state = 'failed'
  path.followNomination()
  expect(path.isOpen).toBe(false)
})
