import { expect, test, vi } from 'vitest'
import { accessWith } from '../../../test/support/access.js'
import { appWith, noPublishers } from '../../../test/support/app.js'
import type { AppParts } from '../app.js'
import type { CameraMetrics, MetricsFacts } from './metrics-facts.js'
import { publisherFamilies } from './publisher-families.js'
import type { PublisherCounts, PublisherFacts } from './publisher-facts.js'
import { formatMetrics } from './prometheus-text.js'

const connected: PublisherFacts = {
  camera: 'camera1',
  address: '192.0.2.7',
  transport: 'udp',
  forMs: 61_900,
  connectedForMs: 61_200,
  bitrateBps: 2_500_000,
  fractionLost: 0.125,
  jitterMs: 4,
}
const connecting: PublisherFacts = {
  camera: 'camera2',
  address: '',
  transport: 'udp',
  forMs: 500,
  connectedForMs: undefined,
  bitrateBps: undefined,
  fractionLost: undefined,
  jitterMs: undefined,
}
const counts: PublisherCounts = {
  connections: 3,
  packets: 1000,
  octets: 900_000,
  retransmitted: 12,
  recovered: 10,
  lost: 2,
  keyframeRequests: 5,
}

function server(access = accessWith()) {
  const remove = vi.fn((camera: string) => camera === 'camera1')
  const publishers = { views: () => [connected, connecting], counts: () => counts, remove }
  const admin: AppParts['admin'] = {
    cameras: () => [],
    maxClients: () => 4,
    viewers: { list: () => [], remove: () => {} },
    publishers,
    failures: { recent: [] },
  }
  return { app: appWith({ admin, access }), remove }
}

test('publishers are listed with their state, and their path once they are connected', async () => {
  const answer: unknown = await (await server().app.request('/api/publishers')).json()
  expect(answer).toEqual({
    publishers: [
      {
        camera: 'camera1',
        address: '192.0.2.7',
        transport: 'udp',
        for_seconds: 61,
        connected: true,
        connected_seconds: 61,
        bitrate_bps: 2_500_000,
        fraction_lost: 0.125,
        jitter_seconds: 0.004,
        received_packets: 1000,
        received_bytes: 900_000,
        recovered_packets: 10,
        lost_packets: 2,
        keyframe_requests: 5,
      },
      { camera: 'camera2', transport: 'udp', for_seconds: 0, connected: false },
    ],
  })
})

test('a publisher is ended by its camera, and there has to be one', async () => {
  const { app, remove } = server()
  expect((await app.request('/api/publishers/camera1', { method: 'DELETE' })).status).toBe(204)
  expect(remove).toHaveBeenCalledWith('camera1')
  const missing = await app.request('/api/publishers/camera9', { method: 'DELETE' })
  expect([missing.status, await missing.json()]).toMatchObject([404, { error: 'no-such-publisher' }])
})

test('the token to watch neither lists nor ends publishers', async () => {
  const { app, remove } = server(accessWith({ token: 'a-token-to-watch' }))
  const headers = { authorization: 'Bearer a-token-to-watch' }
  for (const [method, path] of [
    ['GET', '/api/publishers'],
    ['DELETE', '/api/publishers/camera1'],
  ] as const)
    expect((await app.request(path, { method, headers })).status).toBe(403)
  expect(remove).not.toHaveBeenCalled()
})

test('without a publisher the counters stay, and without such a camera there are none', () => {
  const families = (publication: CameraMetrics['publication']): string =>
    formatMetrics(publisherFamilies({ camera1: { publication } } as unknown as MetricsFacts['cameras']))
  const busy = families({ publisher: connected, counts })
  expect(busy).toContain('rpi_webrtc_publisher_connected{camera="camera1"} 1')
  expect(busy).toContain('rpi_webrtc_publisher_connected_seconds{camera="camera1"} 61.2')
  expect(busy).toContain('rpi_webrtc_publisher_bitrate_bits_per_second{camera="camera1"} 2500000')
  expect(busy).toContain('rpi_webrtc_publisher_jitter_seconds{camera="camera1"} 0.004')
  expect(busy).toContain('rpi_webrtc_publisher_fraction_lost{camera="camera1"} 0.125')
  const idle = families({ publisher: undefined, counts })
  expect(idle).toContain('rpi_webrtc_publisher_connected{camera="camera1"} 0')
  expect(idle).toContain('rpi_webrtc_publisher_received_bytes_total{camera="camera1"} 900000')
  expect(idle).not.toContain('connected_seconds')
  expect(families(undefined)).toBe('')
  expect(noPublishers.views()).toEqual([])
})
