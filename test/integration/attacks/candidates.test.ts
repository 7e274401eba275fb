import dgram from 'node:dgram'
import { promises as dns } from 'node:dns'
import { expect, onTestFinished, test, vi } from 'vitest'
import { CAMERA, goesOn, openViewers } from '../../support/viewer-server.js'
import { ViewerClient } from '../../support/viewer-client.js'

const useless = [
  '1 1 udp 2113937151 5d1b5b4c-5a5f-4d2c-9c3f-0d4c4dd5c9a1.local 50000 typ host generation 0',
  '2 1 tcp 1518280447 192.0.2.1 9 typ host tcptype active',
  '3 1 udp 1 example.com 5000 typ host',
  '4 2 udp 1 192.0.2.1 5000 typ host',
  '5 1 udp 1 192.0.2.1 70000 typ host',
  '6 1 udp 1 192.0.2.1 -1 typ host',
  '7 1 udp NaN 192.0.2.1 5000 typ host',
  '8 1 udp 1 192.0.2.1 5000 typ wormhole',
  '9 1 udp 1 999.0.2.1 5000 typ host',
  '10 1 udp',
  '',
  'typ typ typ typ typ typ typ typ',
]

test('candidates that cannot help cost no query and do not keep a viewer from connecting', async () => {
  const { registry, camera } = await openViewers()
  camera.play()
  const client = await ViewerClient.open()
  onTestFinished(async () => await client[Symbol.asyncDispose]())
  const lookup = vi.spyOn(dns, 'lookup')
  const createSocket = vi.spyOn(dgram, 'createSocket')
  onTestFinished(() => void vi.restoreAllMocks())
  const viewer = registry.admit(CAMERA, client.offer('vp8', useless.slice(0, 3)), 'websocket')
  for (const line of useless) viewer.addCandidate(`candidate:${line}`)
  viewer.addCandidate('x'.repeat(100_000))
  await client.connect(viewer.answerSdp)
  await goesOn({ client, viewer })
  expect(lookup).not.toHaveBeenCalled()
  expect(createSocket).not.toHaveBeenCalled()
})

test('a viewer that names hundreds of addresses makes us check a few of them', async () => {
  const { registry, mux } = await openViewers({ timing: { connectLimitMs: 1500 } })
  const client = await ViewerClient.open()
  onTestFinished(async () => await client[Symbol.asyncDispose]())
  const targets = new Set<string>()
  vi.spyOn(mux, 'sendCheck').mockImplementation((_agent, _check, { address, port }) => {
    targets.add(`${address} ${port}`)
  })
  const lines = Array.from({ length: 200 }, (_, i) => `1 1 udp ${1000 + i} 127.0.0.1 ${20_000 + i} typ host`)
  const viewer = registry.admit(CAMERA, client.offer('vp8', lines.slice(0, 20)), 'websocket')
  for (const line of lines.slice(20, 32)) viewer.addCandidate(line)
  for (const line of lines.slice(32))
    expect(() => viewer.addCandidate(line)).toThrow('maximum of 32 candidates')
  expect(await viewer.ended).toBe('never-connected')
  expect(targets.size).toBeGreaterThan(20)
  expect(targets.size).toBeLessThanOrEqual(32)
})
