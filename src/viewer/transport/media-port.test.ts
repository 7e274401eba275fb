import { expect, onTestFinished, test, vi } from 'vitest'
import { silentLog } from '../../log.js'
import { openMediaPort } from './media-port.js'
import { openUdpMux, type MuxAgent } from './udp-mux.js'
import { UnprovenChecks } from './unproven-checks.js'

const at = (port: number, address = '127.0.0.1') => ({ port, address })
const agent: MuxAgent = {
  ufrag: 'u',
  unprovenChecks: new UnprovenChecks(() => true),
  authenticates: () => true,
  receive: () => {},
}

async function opened() {
  const lines: string[] = []
  const endViewers = vi.fn<() => Promise<void>>().mockResolvedValue()
  const open = async (place: { port: number; address: string }) =>
    await openUdpMux(place.port, place.address, () => {})
  const log = { ...silentLog, error: (line: string) => void lines.push(line) }
  const media = await openMediaPort(at(0), open, endViewers, log)
  onTestFinished(async () => await media[Symbol.asyncDispose]())
  const spare = await open(at(0))
  const { port } = spare
  return { media, endViewers, lines, spare, port }
}

const isFree = async (port: number): Promise<boolean> =>
  await openUdpMux(port, '127.0.0.1', () => {}).then(
    async (mux) => (await mux[Symbol.asyncDispose](), true),
    () => false,
  )

test('who comes after a move gets the new port, who was there keeps the old one, as long as it is used', async () => {
  const { media, endViewers, spare, port } = await opened()
  await spare[Symbol.asyncDispose]()
  const old = media.mux
  const viewer = old.attach(agent)
  await media.move(at(port))
  expect(media.mux.port).toBe(port)
  expect(await isFree(old.port)).toBe(false)
  viewer[Symbol.dispose]()
  await vi.waitFor(async () => expect(await isFree(old.port)).toBe(true), { timeout: 5000 })
  expect(endViewers).not.toHaveBeenCalled()
})

test('a port that is taken changes nothing, and the next move tries again', async () => {
  const { media, lines, spare, port } = await opened()
  const before = media.mux
  await media.move(at(port))
  expect(media.mux).toBe(before)
  expect(lines).toEqual([expect.stringMatching(/EADDRINUSE.*; until then it stays at port \d+$/)])
  await spare[Symbol.asyncDispose]()
  await media.move(at(port))
  expect(media.mux.port).toBe(port)
})

test('the same port of another address has to be left first, and so do its viewers', async () => {
  const { media, endViewers, spare, port } = await opened()
  await spare[Symbol.asyncDispose]()
  await media.move(at(port))
  await media.move(at(port, '0.0.0.0'))
  expect(endViewers).toHaveBeenCalledOnce()
  expect(media.mux.port).toBe(port)
  await media.move(at(port, '192.0.2.1'))
  expect(media.mux.port).toBe(port) // not an address of this machine: back where it was
})

test('a place that is the same is no move', async () => {
  const { media, spare } = await opened()
  const before = media.mux
  await media.move(at(0))
  expect(media.mux).toBe(before)
  await spare[Symbol.asyncDispose]()
})
