import { expect, test } from 'vitest'
import { cameraStreamerRoutes } from '../../src/signalling/camera-streamer.js'
import { whepRoutes } from '../../src/signalling/whep.js'
import { becomes, CAMERA, openViewers } from '../helpers/viewer-server.js'
import { ViewerClient } from '../helpers/viewer-client.js'

/** Most clients never send DELETE: what they leave behind has to go by itself. */

test('a WHEP session whose client vanished without DELETE is over after the silence, and its slot is free', async () => {
  const { registry, camera } = await openViewers({
    maxClients: 1,
    timing: { silenceLimitMs: 300, watchIntervalMs: 20 },
  })
  camera.play()
  const whep = whepRoutes(registry, () => undefined)
  const client = await ViewerClient.open()
  const offer = async () =>
    await whep.request('/camera1/whep', {
      method: 'POST',
      headers: { 'content-type': 'application/sdp' },
      body: client.offer('vp8'),
    })
  const response = await offer()
  await client.connect(await response.text())
  await becomes(() => expect(client.received.length).toBeGreaterThan(10))
  expect(() => registry.admit(CAMERA, client.offer('vp8'), 'whep')).toThrow('maximum of 1 viewer')
  client.vanish()
  await becomes(() => expect(registry.count(CAMERA)).toBe(0))
  const session = response.headers.get('location')!
  expect(registry.find(CAMERA, session.slice(session.lastIndexOf('/') + 1))).toBeUndefined()
  expect((await offer()).status).toBe(201)
})

test('a session that was asked for and never connects gives its slot back', async () => {
  const { registry } = await openViewers({ maxClients: 1, timing: { connectLimitMs: 100 } })
  const routes = cameraStreamerRoutes(
    registry,
    () => CAMERA,
    () => undefined,
  )
  const ask = async () => await routes.request('/webrtc', { method: 'POST', body: '{"type":"request"}' })
  expect((await ask()).status).toBe(200)
  expect(registry.count(CAMERA)).toBe(1)
  await becomes(() => expect(registry.count(CAMERA)).toBe(0))
  expect((await ask()).status).toBe(200)
})
