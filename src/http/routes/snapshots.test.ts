import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { appWith } from '../../../test/support/app.js'
import { openListener } from '../../../test/support/listener.js'
import { readParts } from '../../../test/support/mjpeg.js'
import { exampleCamera } from '../../../test/fakes/examples.js'
import { defaultConfig } from '../../config/parse.js'
import { mjpegBody } from './mjpeg.js'
import { snapshotRoutes } from './snapshots.js'
import { type Snapshot } from './snapshot.js'

const trouble = { cause: 'no-device', message: 'There is no /dev/video9.', hint: 'Plug it in.' }

/** A camera whose snapshots are consecutive numbers. */
function fakeCamera(key: string, { bytes = 4, fails = false } = {}) {
  let count = 0
  const camera = {
    key,
    asked: [] as number[],
    followers: 0,
    full: 0,
    count: () => count,
    failure: fails ? trouble : undefined,
    picture(): Snapshot {
      const jpeg = Buffer.alloc(Math.max(4, bytes))
      jpeg.writeUInt32BE(count++)
      return { jpeg, capturedAtMs: performance.now() }
    },
    async capture(notBeforeMs: number) {
      camera.asked.push(notBeforeMs)
      return await Promise.resolve(camera.failure ?? camera.picture())
    },
    async captureFull() {
      camera.full++
      return await Promise.resolve(camera.failure ?? camera.picture())
    },
    next: async (_notBeforeMs: number, signal: AbortSignal) =>
      await new Promise<Snapshot>((resolve) => {
        const stop = (): void => clearTimeout(timer)
        const timer = setTimeout(() => {
          signal.removeEventListener('abort', stop)
          resolve(camera.picture())
        }, 5)
        signal.addEventListener('abort', stop)
      }),
    follow() {
      camera.followers++
      return { [Symbol.dispose]: () => camera.followers-- }
    },
  }
  return camera
}

function serve({ maxStreams = 2, ...about }: { maxStreams?: number; bytes?: number; fails?: boolean } = {}) {
  const cameras = [fakeCamera('camera1', about), fakeCamera('camera2', about)] as const
  const app = appWith({
    config: () => ({
      version: '1',
      piIp: '',
      maxClients: 4,
      iceServers: [],
      cameras: [{ ...exampleCamera(), hasSnapshot: true, hasAudio: false }],
    }),
    snapshots: snapshotRoutes(
      () => cameras,
      () => maxStreams,
    ),
  })
  const get = async (path: string, method = 'GET') => await app.request(path, { method })
  return { app, cameras, get }
}

test.each([
  ['/snapshot', 0],
  ['/snapshot.jpg?t=17', 0],
  ['/?action=snapshot', 0],
  ['/webcam/?action=snapshot', 0],
  ['/webcam?action=snapshot', 0],
  ['/api/frame.jpeg', 0],
  ['/api/frame.jpeg?src=camera2', 1],
  ['/camera1/snapshot', 0],
  ['/camera2/snapshot.jpg', 1],
  ['/camera2/?action=snapshot', 1],
])('%s is a picture', async (path, camera) => {
  const { get, cameras } = serve()
  const beforeS = Date.now() / 1000
  const response = await get(path)
  const body = await response.arrayBuffer()
  expect([response.status, body.byteLength]).toEqual([200, 4])
  expect(Object.fromEntries(response.headers)).toMatchObject({
    'content-type': 'image/jpeg',
    'content-length': '4',
    'cache-control': 'no-store',
    'x-timestamp': expect.stringMatching(/^\d{10}\.\d{6}$/) as string,
  })
  const timestampS = Number(response.headers.get('x-timestamp'))
  expect(timestampS).toBeGreaterThan(beforeS - 0.01) // two clocks, read one after the other
  expect(timestampS).toBeLessThan(Date.now() / 1000 + 0.01)
  expect(cameras.map(({ asked }) => asked.length)).toEqual(camera === 0 ? [1, 0] : [0, 1])
})

test.each([
  ['/snapshot', 300],
  ['/snapshot?max_delay=0', 0],
  ['/camera1/?action=snapshot&max_delay=2000', 2000],
])('%s accepts a snapshot up to %i ms old', async (path, maxDelayMs) => {
  const { get, cameras } = serve()
  const beforeMs = performance.now()
  await get(path)
  const [notBeforeMs] = cameras[0].asked
  expect(notBeforeMs! + maxDelayMs).toBeGreaterThanOrEqual(beforeMs)
  expect(notBeforeMs! + maxDelayMs).toBeLessThanOrEqual(performance.now())
})

test.each(['-1', '1.5', 'x', '', '60001', '9'.repeat(100)])(
  'max_delay=%s is refused with the range',
  async (value) => {
    const response = await serve().get(`/snapshot?max_delay=${value}`)
    expect(response.status).toBe(400)
    const { error, message } = (await response.json()) as { error: string; message: string }
    expect(error).toBe('bad-max-delay')
    expect(message).toContain(`max_delay is "${value.slice(0, 40)}" and has to be whole milliseconds from 0`)
  },
)

test.each(['/camera9/snapshot', '/camera9/stream.mjpg', '/camera9/?action=stream', '/api/frame.jpeg?src=x'])(
  'a camera that does not exist is 404: %s',
  async (path) => {
    const response = await serve().get(path)
    expect([response.status, await response.json()]).toEqual([
      404,
      expect.objectContaining({ error: 'no-such-camera' }),
    ])
  },
)

test.each(['/', '/camera1/', '/?action=', '/?action=none'])('%s is the page as ever', async (path) => {
  const response = await serve().get(path)
  expect(response.headers.get('content-type')).toContain('text/html')
})

test.each(['/snapshot', '/camera1/stream.mjpg'])(
  'without a picture %s is 503 with cause and hint',
  async (path) => {
    const { get, cameras } = serve({ fails: true })
    for (const method of ['GET', 'HEAD']) {
      const response = await get(path, method)
      expect([response.status, response.headers.get('retry-after')]).toEqual([503, '5'])
      if (method === 'GET') expect(await response.json()).toEqual({ error: 'no-picture', ...trouble })
    }
    expect(cameras[0].followers).toBe(0)
  },
)

test('a camera that can never deliver pictures is 501', async () => {
  const { get, cameras } = serve()
  cameras[0].failure = { ...trouble, cause: 'sent-by-another-program' }
  const response = await get('/snapshot')
  expect([response.status, response.headers.get('retry-after')]).toEqual([501, null])
})

test('clients that leave before their picture is taken do not use up the snapshots that are sent', async () => {
  const { app } = serve()
  const outgoing = { destroyed: true, once: () => {} } // it has closed, and emits nothing any more
  for (let i = 0; i < 200; i++) expect((await app.request('/snapshot', {}, { outgoing })).status).toBe(200)
})

describe('size=full', () => {
  test.each([
    ['same-origin', 200],
    ['none', 200],
    ['cross-site', 403],
    ['same-site', 403],
  ])('for a page whose request is %s gets %i', async (site, status) => {
    const { app, cameras } = serve()
    const response = await app.request('/snapshot?size=full', { headers: { 'sec-fetch-site': site } })
    expect(response.status).toBe(status)
    expect(cameras[0].full).toBe(status === 200 ? 1 : 0)
  })

  test('is a snapshot at full size, once in 15 seconds for each camera', async () => {
    const { get, cameras } = serve()
    expect((await get('/camera1/snapshot.jpg?size=full')).status).toBe(200)
    expect([cameras[0].full, cameras[0].asked.length]).toEqual([1, 0])
    const again = await get('/camera1/snapshot.jpg?size=full')
    expect([again.status, await again.json()]).toEqual([
      429,
      expect.objectContaining({ error: 'full-size-too-soon' }),
    ])
    expect(Number(again.headers.get('retry-after'))).toBeGreaterThan(0)
    expect((await get('/camera2/snapshot.jpg?size=full')).status).toBe(200)
    expect((await get('/camera1/snapshot.jpg')).status).toBe(200)
  })

  test('requests at the same time share it', async () => {
    const { get } = serve()
    const statuses = await Promise.all(
      Array.from({ length: 5 }, async () => (await get('/snapshot?size=full')).status),
    )
    expect(statuses).toEqual([200, 200, 200, 200, 200])
  })

  test.each(['', 'FULL', '1920x1080', 'x'.repeat(500)])(
    'size=%s is refused with what it can be',
    async (size) => {
      const { get, cameras } = serve()
      const response = await get(`/snapshot?size=${size}`)
      const { error, message } = (await response.json()) as { error: string; message: string }
      expect([response.status, error]).toEqual([400, 'bad-size'])
      expect(message).toBe(`size is "${size.slice(0, 40)}" and can only be "full"`)
      expect(cameras[0].full).toBe(0)
    },
  )

  test('HEAD does not stop the video', async () => {
    const { get, cameras } = serve()
    const response = await get('/snapshot?size=full', 'HEAD')
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET'])
    expect(cameras[0].full).toBe(0)
  })

  test('a failure is 503 with cause and hint', async () => {
    const response = await serve({ fails: true }).get('/snapshot?size=full')
    expect([response.status, await response.json()]).toEqual([503, { error: 'no-picture', ...trouble }])
  })
})

test('HEAD answers like GET, and starts no stream', async () => {
  const { app, cameras } = serve()
  const { port } = await openListener({ app })
  const head = async (path: string) => await fetch(`http://127.0.0.1:${port}${path}`, { method: 'HEAD' })
  const picture = await head('/snapshot')
  expect([
    picture.status,
    picture.headers.get('content-type'),
    picture.headers.get('content-length'),
  ]).toEqual([200, 'image/jpeg', '4'])
  const stream = await head('/stream')
  expect([stream.status, stream.headers.get('content-type')]).toEqual([
    200,
    'multipart/x-mixed-replace; boundary=rpi-webrtc-picture',
  ])
  expect(cameras[0].followers).toBe(0)
})

test.each([
  '/stream',
  '/stream.mjpg',
  '/?action=stream',
  '/webcam/?action=stream',
  '/api/stream.mjpeg?src=camera1',
  '/camera1/stream',
  '/camera1/stream.mjpg',
  '/camera1/?action=stream',
])('%s is picture after picture, each with its type, its length and its time', async (path) => {
  const { app, cameras } = serve()
  const { port } = await openListener({ app })
  const response = await fetch(`http://127.0.0.1:${port}${path}`)
  expect(response.headers.get('cache-control')).toBe('no-store')
  const parts = await readParts(response, 5)
  expect(parts.map(({ body }) => body.readUInt32BE())).toEqual([0, 1, 2, 3, 4])
  for (const { headers } of parts) {
    expect(headers).toMatchObject({ 'content-type': 'image/jpeg', 'content-length': '4' })
    expect(headers['x-timestamp']).toMatch(/^\d{10}\.\d{6}$/)
  }
  await vi.waitFor(() => expect(cameras[0].followers).toBe(0))
})

test('a camera has as many streams as it may have viewers, and a place that is left is free', async () => {
  const { app, cameras } = serve({ maxStreams: 2 })
  const { port } = await openListener({ app })
  const open = async (key: string, signal?: AbortSignal) =>
    await fetch(`http://127.0.0.1:${port}/${key}/stream.mjpg`, signal === undefined ? {} : { signal })
  const leaving = new AbortController()
  const staying = new AbortController()
  onTestFinished(() => staying.abort())
  await open('camera1', leaving.signal)
  await open('camera1', staying.signal)
  const refused = await open('camera1')
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '5'])
  expect(await refused.json()).toMatchObject({ error: 'camera-full' })
  expect((await open('camera2', staying.signal)).status).toBe(200)
  leaving.abort()
  await vi.waitFor(() => expect(cameras[0].followers).toBe(1))
  expect((await open('camera1', staying.signal)).status).toBe(200)
})

/** A stream that is asked for and never read. */
async function openUnread(port: number): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1' })
  onTestFinished(() => void socket.destroy())
  socket.on('error', () => {})
  await once(socket, 'connect')
  socket.pause()
  socket.write('GET /stream HTTP/1.1\r\nHost: localhost\r\n\r\n')
  return socket
}

test('a reader that does not read is made no further pictures, and the others get theirs', async () => {
  const { app, cameras } = serve({ bytes: 1_000_000, maxStreams: 2 })
  const { port } = await openListener({ app })
  await openUnread(port)
  // The kernel's buffers fill first.
  let before = -1
  await vi.waitFor(
    () => {
      const grown = cameras[0].count() - before
      before = cameras[0].count()
      expect(before).toBeGreaterThan(1)
      expect(grown).toBe(0)
    },
    { interval: 500 },
  )
  expect(before).toBeLessThan(20)
  const parts = await readParts(await fetch(`http://127.0.0.1:${port}/stream`), 30)
  expect(parts.map(({ body }) => body.length)).toEqual(parts.map(() => 1_000_000))
  expect(cameras[0].count()).toBeLessThan(before + 40)
})

test('a reader that reads nothing for long is disconnected, and frees its slot', async () => {
  const camera = fakeCamera('camera1')
  const onEnd = vi.fn()
  const reader = mjpegBody(camera.picture(), camera.next, onEnd, 20).getReader()
  await reader.read()
  await vi.waitFor(() => expect(onEnd).toHaveBeenCalledTimes(1))
  await expect(reader.read()).rejects.toThrow('read nothing for 20 ms')
  await reader.cancel().catch(() => {})
  expect(onEnd).toHaveBeenCalledTimes(1)
})

test('a reader that waits for a camera that is away is not ended', async () => {
  const onEnd = vi.fn()
  const camera = fakeCamera('camera1')
  let come: (picture: Snapshot) => void = () => {}
  const next = async () => await new Promise<Snapshot>((resolve) => (come = resolve))
  const reader = mjpegBody(camera.picture(), next, onEnd, 20).getReader()
  await reader.read()
  const second = reader.read()
  const beganMs = performance.now()
  await vi.waitFor(() => expect(performance.now() - beganMs).toBeGreaterThan(100))
  come(camera.picture())
  expect((await second).done).toBe(false)
  expect(onEnd).not.toHaveBeenCalled()
  await reader.cancel()
  expect(onEnd).toHaveBeenCalledTimes(1)
})

test('a stream whose camera pauses is not disconnected as unread', async () => {
  const { app, cameras } = serve()
  const limits = () => ({ ...defaultConfig().limits, requestTimeoutMs: 50 })
  const { port } = await openListener({ app, limits })
  const { next } = cameras[0]
  vi.spyOn(cameras[0], 'next').mockImplementation(async (notBeforeMs, over) => {
    await new Promise((resolve) => setTimeout(resolve, 500)) // ten times the limit: a busy machine makes it more
    return await next(notBeforeMs, over)
  })
  const parts = await readParts(await fetch(`http://127.0.0.1:${port}/camera1/stream.mjpg`), 2)
  expect(parts.map(({ body }) => body.readUInt32BE())).toEqual([0, 1])
})
