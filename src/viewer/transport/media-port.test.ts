import { expect, onTestFinished, test, vi } from 'vitest'
import { silentLog } from '../../log.js'
import { openMediaPort } from './media-port.js'
import { openTcpMux } from './tcp-mux.js'
import { openUdpMux, type MuxAgent } from './udp-mux.js'
import { UnprovenChecks } from './unproven-checks.js'

const at = (port: number, address = '127.0.0.1', tcp = true) => ({ port, address, tcp })
const agent: MuxAgent = {
  ufrag: 'u',
  unprovenChecks: new UnprovenChecks(() => true),
  authenticates: () => true,
  provesAddress: () => false,
  receive: () => {},
}

async function opened() {
  const lines: string[] = []
  const endViewers = vi.fn<() => Promise<void>>().mockResolvedValue()
  const open = async (endpoint: { port: number; address: string }) =>
    await openUdpMux(endpoint.port, endpoint.address, () => {})
  const log = { ...silentLog, error: (line: string) => void lines.push(line) }
  const tcp = async (port: number, address: string) =>
    await openTcpMux(port, address, () => {}).catch(() => undefined)
  const media = await openMediaPort(at(0), { udp: open, tcp }, log)
  const move = async (port: number, address?: string) => await media.move(at(port, address), endViewers)
  onTestFinished(async () => await media[Symbol.asyncDispose]())
  const spare = await open(at(0))
  const { port } = spare
  return { media, move, endViewers, lines, spare, port }
}

const isFree = async (port: number): Promise<boolean> =>
  await openUdpMux(port, '127.0.0.1', () => {}).then(
    async (mux) => (await mux[Symbol.asyncDispose](), true),
    () => false,
  )

const isTcpFree = async (port: number): Promise<boolean> =>
  await openTcpMux(port, '127.0.0.1', () => {}).then(
    async (mux) => (await mux[Symbol.asyncDispose](), true),
    () => false,
  )

test('after a move new viewers get the new port, and the old one stays for as long as a viewer uses it', async () => {
  const { media, move, endViewers, spare, port } = await opened()
  await spare[Symbol.asyncDispose]()
  const old = media.mux
  const viewer = old.attach(agent)
  await move(port)
  expect(media.mux.port).toBe(port)
  expect(await isFree(old.port)).toBe(false)
  viewer[Symbol.dispose]()
  await vi.waitFor(async () => expect(await isFree(old.port)).toBe(true), { timeout: 5000 })
  expect(endViewers).not.toHaveBeenCalled()
})

test('a port in use changes nothing, and the next move tries again', async () => {
  const { media, move, lines, spare, port } = await opened()
  const before = media.mux
  await move(port)
  expect(media.mux).toBe(before)
  expect(lines).toEqual([expect.stringMatching(/EADDRINUSE.*; the media port stays \d+$/)])
  await spare[Symbol.asyncDispose]()
  await move(port)
  expect(media.mux.port).toBe(port)
})

test('moving to another address on the same port ends the viewers first', async () => {
  const { media, move, endViewers, spare, port } = await opened()
  await spare[Symbol.asyncDispose]()
  await move(port)
  await move(port, '0.0.0.0')
  expect(endViewers).toHaveBeenCalledOnce()
  expect(media.mux.port).toBe(port)
  await move(port, '192.0.2.1')
  expect(media.mux.port).toBe(port) // not an address of this machine, so the old one is bound again
})

test('the TCP port has the number of the UDP port, also after a move, and is closed with it', async () => {
  const { media, move, spare, port } = await opened()
  expect(media.tcp!.port).toBe(media.mux.port)
  const first = media.tcp!
  await spare[Symbol.asyncDispose]()
  await move(port)
  expect(media.tcp!.port).toBe(port)
  await vi.waitFor(async () => expect(await isTcpFree(first.port)).toBe(true), { timeout: 5000 })
})

test('TCP is switched off and on without a move', async () => {
  const { media, spare } = await opened()
  const { mux } = media
  await media.move(at(0, '127.0.0.1', false), async () => {})
  expect(media.tcp).toBe(undefined)
  expect(await isTcpFree(mux.port)).toBe(true)
  await media.move(at(0), async () => {})
  expect(media.tcp!.port).toBe(mux.port)
  expect(media.mux).toBe(mux)
  await spare[Symbol.asyncDispose]()
})

test('TCP gives way to an HTTP listener on its port, and returns with the next configuration', async () => {
  const { media, move, spare } = await opened()
  const { mux } = media
  const viewer = mux.attach(agent)
  await media.yieldTcp(new Set([mux.port + 1]))
  expect(media.tcp!.port).toBe(mux.port)
  await media.yieldTcp(new Set([mux.port]))
  expect(media.tcp).toBe(undefined)
  expect(await isTcpFree(mux.port)).toBe(true)
  expect(media.mux).toBe(mux)
  expect(mux.held.agents).toBe(1)
  await move(0)
  expect(media.tcp!.port).toBe(mux.port)
  viewer[Symbol.dispose]()
  await spare[Symbol.asyncDispose]()
})

test('the TCP port of viewers that stayed on the old endpoint gives way too', async () => {
  const { media, move, spare, port } = await opened()
  await spare[Symbol.asyncDispose]()
  const old = media.mux
  const viewer = old.attach(agent)
  await move(port)
  expect(await isTcpFree(old.port)).toBe(false)
  await media.yieldTcp(new Set([old.port]))
  expect(await isTcpFree(old.port)).toBe(true)
  expect(media.tcp!.port).toBe(port)
  viewer[Symbol.dispose]()
})

test('the same endpoint is no move', async () => {
  const { media, move, spare } = await opened()
  const before = media.mux
  await move(0)
  expect(media.mux).toBe(before)
  await spare[Symbol.asyncDispose]()
})
