import { expect, test } from 'vitest'
import { chrome } from '../../../test/support/viewer-offers.js'
import { CAMERA, openViewers } from '../../../test/support/viewer-server.js'
import type { BrowserReport } from './connect-failure.js'

const LIMIT = { timing: { connectLimitMs: 300 } }
const VPN = '10.8.0.2'
const report: BrowserReport = {
  host: 1,
  srflx: 0,
  relay: 0,
  pairs: 1,
  requestsSent: 9,
  responsesReceived: 0,
  requestsReceived: 0,
  dtls: 'new',
  packetsReceived: 0,
  bytesReceived: 0,
  packetsLost: 0,
  framesDecoded: 0,
}

test('a client whose checks do not arrive was not reached', async () => {
  const { registry } = await openViewers(LIMIT)
  const viewer = registry.admit(CAMERA, chrome, 'whep', VPN)
  expect(viewer.failure).toBeUndefined()
  expect(viewer.explain(report)?.cause).toBe('not-reached')
  expect(viewer.explain({ ...report, requestsSent: 20 })).toBeUndefined() // it follows at once
  expect(await viewer.ended).toBe('never-connected')
  expect(viewer.failure?.cause).toBe('not-reached')
  expect(registry.failures.of(viewer.id)).toBe(viewer.failure)
  expect(registry.failures.counts['not-reached']).toBe(1)
})

test('the last report of a browser counts when its session ends', async () => {
  const { registry } = await openViewers(LIMIT)
  const viewer = registry.admit(CAMERA, chrome, 'websocket', VPN)
  viewer.explain(report)
  viewer.explain({ ...report, host: 0 })
  await viewer.ended
  expect(viewer.failure?.cause).toBe('no-candidates')
})

test('a client that has a path and begins no handshake stops at DTLS', async () => {
  const { admit, registry } = await openViewers(LIMIT)
  const { client, viewer } = await admit()
  await client.checkPath()
  await viewer.ended
  expect(viewer.failure?.cause).toBe('dtls-stopped')
  expect(registry.failures.recent).toMatchObject([{ camera: CAMERA, via: 'whep' }])
})

test('a client that connects has no failure, whatever ends it', async () => {
  const { join, registry } = await openViewers()
  const { viewer } = await join()
  await expect.poll(() => registry.stats(CAMERA).has(viewer.id)).toBe(true)
  expect(viewer.explain({ ...report, dtls: 'connected' })).toBeUndefined()
  await viewer.dismiss()
  expect(viewer.failure).toBeUndefined()
  expect(registry.failures.recent).toEqual([])
})

test('a connected client that gets small packets only is noted once', async () => {
  const { join, registry } = await openViewers()
  const { viewer } = await join()
  await expect.poll(() => registry.stats(CAMERA).has(viewer.id)).toBe(true)
  const losing = { ...report, packetsReceived: 9, bytesReceived: 900, packetsLost: 99 }
  expect(viewer.explain(losing)?.cause).toBe('small-mtu')
  await expect.poll(() => viewer.explain(losing)?.cause).toBe('small-mtu')
  expect(registry.failures.counts['small-mtu']).toBe(1)
})

test('a client that leaves at once has not failed, nor one that never answered our offer', async () => {
  const { registry } = await openViewers(LIMIT)
  await registry.admit(CAMERA, chrome, 'whep', VPN).dismiss()
  await registry.createOffer(CAMERA, 'camera-streamer', VPN).ended
  expect(registry.failures.recent).toEqual([])
})
