import { expect, test, vi } from 'vitest'
import { appWith, noPublishers } from '../../../test/support/app.js'
import { accessWith, PASSWORD, TOKEN } from '../../../test/support/access.js'
import { noSuchViewer } from '../../errors.js'
import type { AdminCamera, AdminViewer } from './admin.js'

const config = {
  key: 'camera1',
  name: 'Door',
  codec: 'vp8' as const,
  width: 640,
  height: 480,
  fps: { min: 30, max: 30 },
  bitrate: 2_000_000,
  webrtcPort: 5557,
}
const health = {
  state: 'live' as const,
  restarts: 1,
  restartsByCause: { crashed: 1 },
  viewers: 1,
  codec: 'vp8',
  packets: 10,
  keyframes: 1,
}
const stats: NonNullable<AdminViewer['stats']> = {
  packets: 100,
  octets: 100_000,
  nacked: 3,
  retransmitted: 2,
  pli: 1,
  fir: 1,
  framesDropped: 4,
  congested: false,
  availableBitrateBps: 3_000_000,
  fractionLost: 0.25,
  roundTripMs: 12,
}
const connected = {
  number: 7,
  camera: 'camera1',
  via: 'whep',
  address: '192.0.2.7',
  transport: 'udp' as const,
  forS: 60,
  stats,
}
const connecting = { ...connected, number: 8, address: undefined, transport: undefined, stats: undefined }

const failed = {
  camera: 'camera1',
  via: 'websocket',
  client: '192.0.2.9',
  atMs: performance.now() - 60_000,
  failure: {
    cause: 'no-reply',
    message: 'No reply gets back.',
    hint: 'Check the firewall.',
    parameters: { port: 8189 },
  },
}

function server(restart = vi.fn(() => true), access = accessWith()) {
  const remove = vi.fn((number: number) => {
    if (number !== 7) throw noSuchViewer()
  })
  const camera: AdminCamera = { config, health, restart, rtspUrl: 'rtsp://192.0.2.1:8554/camera1' }
  const admin = {
    cameras: () => [camera],
    maxClients: () => 4,
    viewers: { list: () => [connected, connecting], remove },
    publishers: noPublishers,
    failures: { recent: [failed] },
  }
  return { app: appWith({ admin, access }), remove, restart }
}

test('cameras are listed with their settings, state and addresses', async () => {
  const { app } = server()
  const answer = (await (await app.request('/api/cameras')).json()) as { cameras: object[] }
  const one = (await (await app.request('/api/cameras/camera1')).json()) as object
  expect(one).toMatchObject({ page: '../../camera1/', ws: '../../camera1/ws', whep: '../../camera1/whep' })
  expect(answer.cameras[0]).toEqual({
    ...one,
    page: '../camera1/',
    ws: '../camera1/ws',
    whep: '../camera1/whep',
  })
  expect(answer.cameras[0]).toMatchObject({
    key: 'camera1',
    rtsp_url: 'rtsp://192.0.2.1:8554/camera1',
    name: 'Door',
    state: 'live',
    restarts_by_cause: { crashed: 1 },
    max_clients: 4,
  })
})

test('a request restarts a camera', async () => {
  const { app, restart } = server()
  const answer = await app.request('/api/cameras/camera1/restart', { method: 'POST' })
  expect(answer.status).toBe(202)
  expect(restart).toHaveBeenCalledOnce()
})

test('a camera without a capture process gets 409, and an unknown one 404', async () => {
  const { app, restart } = server(vi.fn(() => false))
  const idle = await app.request('/api/cameras/camera1/restart', { method: 'POST' })
  expect([idle.status, await idle.json()]).toMatchObject([409, { error: 'nothing-to-restart' }])
  const none = await app.request('/api/cameras/camera2/restart', { method: 'POST' })
  expect([none.status, await none.json()]).toMatchObject([404, { error: 'no-such-camera' }])
  expect((await app.request('/api/cameras/camera1/restart')).status).toBe(404)
  expect(restart).toHaveBeenCalledOnce()
})

test('sessions that did not connect are listed with the cause and what to do', async () => {
  const { app } = server()
  const answer = (await (await app.request('/api/viewers')).json()) as { could_not_connect: object[] }
  expect(answer.could_not_connect).toEqual([
    {
      camera: 'camera1',
      via: 'websocket',
      address: '192.0.2.9',
      seconds_ago: expect.toBeOneOf([60, 61, 62]) as number,
      cause: 'no-reply',
      message: 'No reply gets back.',
      hint: 'Check the firewall.',
      parameters: { port: 8189 },
    },
  ])
})

test('viewers are listed with their stats as soon as they are connected', async () => {
  const { viewers } = (await (await server().app.request('/api/viewers')).json()) as { viewers: object[] }
  expect(viewers).toEqual([
    {
      id: 7,
      camera: 'camera1',
      via: 'whep',
      address: '192.0.2.7',
      transport: 'udp',
      for_seconds: 60,
      connected: true,
      congested: false,
      available_bitrate_bps: 3_000_000,
      round_trip_seconds: 0.012,
      fraction_lost: 0.25,
      sent_packets: 100,
      sent_bytes: 100_000,
      nacked_packets: 3,
      retransmitted_packets: 2,
      keyframe_requests: 2,
      frames_dropped: 4,
      estimate_bits_per_second: 3_000_000,
      frames_left_out: 4,
    },
    { id: 8, camera: 'camera1', via: 'whep', for_seconds: 60, connected: false },
  ])
})

test('a viewer is removed by its number', async () => {
  const { app, remove } = server()
  expect((await app.request('/api/viewers/7', { method: 'DELETE' })).status).toBe(204)
  expect(remove).toHaveBeenCalledWith(7)
})

test.each(['9', 'x', '7x', '-7', '1e1', '9'.repeat(40)])('there is no viewer %s', async (id) => {
  const answer = await server().app.request(`/api/viewers/${id}`, { method: 'DELETE' })
  expect([answer.status, await answer.json()]).toMatchObject([404, { error: 'no-such-viewer' }])
})

test('the token neither restarts a camera nor lists or removes viewers', async () => {
  const { app, restart, remove } = server(undefined, accessWith({ password: PASSWORD, token: TOKEN }))
  const headers = { authorization: `Bearer ${TOKEN}` }
  expect((await app.request('/api/cameras', { headers })).status).toBe(200)
  for (const [method, path] of [
    ['GET', '/api/viewers'],
    ['DELETE', '/api/viewers/7'],
    ['POST', '/api/cameras/camera1/restart'],
  ] as const)
    expect((await app.request(path, { method, headers })).status).toBe(403)
  expect(restart).not.toHaveBeenCalled()
  expect(remove).not.toHaveBeenCalled()
})
