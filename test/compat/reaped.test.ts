import { expect, test } from 'vitest'
import { cameraStreamerRoutes } from '../../src/signalling/compat/camera-streamer.js'
import { whepRoutes } from '../../src/signalling/whep.js'
import { becomes, CAMERA, openViewers } from '../support/viewer-server.js'
import { ViewerClient } from '../support/viewer-client.js'

/** Most clients never send DELETE: what they leave behind has to go by itself. */

/** Reports, as a browser does, until video has arrived: on a busy machine the silence would begin before. */
const plays = async (client: ViewerClient): Promise<void> =>
  await becomes(() => {
    client.report()
    expect(client.received.length).toBeGreaterThan(10)
  })

test('a WHEP session whose client vanished without DELETE is over after the silence, and its slot is free', async () => {
  const { registry, camera } = await openViewers({
    maxClients: 1,
    timing: { silenceLimitMs: 1000, watchIntervalMs: 20 },
  })
  camera.play()
  const whep = whepRoutes(registry, () => [])
  const client = await ViewerClient.open()
  const offer = async () =>
    await whep.request('/camera1/whep', {
      method: 'POST',
      headers: { 'content-type': 'application/sdp' },
      body: client.offer('vp8'),
    })
  const response = await offer()
  await client.connect(await response.text())
  await plays(client)
  expect(() => registry.admit(CAMERA, client.offer('vp8'), 'whep')).toThrow('maximum of 1 viewer')
  client.vanish()
  await becomes(() => expect(registry.count(CAMERA)).toBe(0))
  const session = response.headers.get('location')!
  expect(registry.find(CAMERA, session.slice(session.lastIndexOf('/') + 1))).toBeUndefined()
  expect((await offer()).status).toBe(201)
})

test('a camera-streamer client that asked for keepAlive and vanished loses its session after the silence', async () => {
  const { registry, camera } = await openViewers({
    maxClients: 1,
    timing: { silenceLimitMs: 1000, watchIntervalMs: 20 },
  })
  camera.play()
  const routes = cameraStreamerRoutes(
    registry,
    () => CAMERA,
    () => [],
  )
  const post = async (message: object) =>
    await routes.request('/webrtc', { method: 'POST', body: JSON.stringify(message) })
  const client = await ViewerClient.open()
  const request = { type: 'request', keepAlive: true }
  const { id, sdp, keepAlive } = (await (await post(request)).json()) as {
    id: string
    sdp: string
    keepAlive: boolean
  }
  expect(keepAlive).toBe(false)
  client.acceptAnswer(sdp)
  expect((await post({ type: 'answer', id, sdp: client.answerTo(sdp) })).status).toBe(200)
  await client.connect(sdp)
  await plays(client)
  expect(() => registry.createOffer(CAMERA, 'camera-streamer')).toThrow('maximum of 1 viewer')
  const { ended } = registry.find(CAMERA, id)!
  client.vanish()
  expect(await ended).toBe('silent')
  expect(registry.count(CAMERA)).toBe(0)
  expect((await post(request)).status).toBe(200)
})

test('a session that was asked for and never connects gives its slot back', async () => {
  const { registry } = await openViewers({ maxClients: 1, timing: { connectLimitMs: 100 } })
  const routes = cameraStreamerRoutes(
    registry,
    () => CAMERA,
    () => [],
  )
  const ask = async () => await routes.request('/webrtc', { method: 'POST', body: '{"type":"request"}' })
  expect((await ask()).status).toBe(200)
  expect(registry.count(CAMERA)).toBe(1)
  await becomes(() => expect(registry.count(CAMERA)).toBe(0))
  expect((await ask()).status).toBe(200)
})
