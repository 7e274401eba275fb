import { createHash } from 'node:crypto'
import { copyFile, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Hono } from 'hono'
import { expect, test, vi } from 'vitest'
import { accessWith } from '../../test/support/access.js'
import { appWith } from '../../test/support/app.js'
import { openListener, openTcp } from '../../test/support/listener.js'
import { AppError } from '../errors.js'
import { silentLog, type Log } from '../log.js'
import type { AppParts } from './app.js'
import type { CameraHealth } from './routes/health.js'
import { websocketOnlyApp } from './websocket-only-app.js'
import { readLanguages } from './routes/page-words.js'

const camera = (number: number) => ({
  key: `camera${number}`,
  name: `Camera ${number}`,
  codec: 'vp8' as const,
  bitrate: 2_000_000,
  keyframeInterval: 60,
  width: 640,
  height: 480,
  fps: { min: 30, max: 30 },
  webrtcPort: 5556 + number,
  hasSnapshot: number === 1,
  hasAudio: number === 1,
})

const live: CameraHealth = {
  state: 'live',
  restarts: 0,
  restartsByCause: {},
  viewers: 1,
  codec: 'vp8',
  packets: 100,
  keyframes: 2,
}
const { restartsByCause, ...numbers } = live
const liveJson = { ...numbers, restarts_by_cause: restartsByCause }

/** The application with two cameras and the real page, and what it logged. */
function serve(about: Partial<AppParts> = {}) {
  const logged: unknown[][] = []
  const note = (...what: unknown[]): void => void logged.push(what)
  const log: Log = { debug: note, info: note, warn: note, error: note }
  const app = appWith({
    config: () => ({
      version: '1.2.3',
      piIp: '192.168.1.20',
      maxClients: 4,
      iceServers: [],
      cameras: [camera(1), camera(2)],
    }),
    health: () => ({
      version: '1.2.3',
      uptimeS: 60,
      connectFailures: {},
      cameras: { camera1: live, camera2: live },
    }),
    metrics: () => ({
      version: '1.2.3',
      uptimeS: 60,
      connectFailures: {},
      process: undefined,
      implementations: { srtp: 'simd', aes: { by: 'openssl', profile: 'aes-cm' }, udpSend: 'direct' },
      stun: { requests: 0, responses: 0, forged: 0 },
      unfinishedBytes: 0,
      cameras: {},
    }),
    log,
    ...about,
  })
  const get = async (path: string, headers = {}, method = 'GET') =>
    await app.request(path, { method, headers })
  return { app, get, logged }
}

test('metrics are text of the Prometheus format, and not kept', async () => {
  const response = await serve().get('/metrics')
  expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8')
  expect(response.headers.get('cache-control')).toBe('no-store')
  expect(await response.text()).toContain('rpi_webrtc_uptime_seconds 60\n')
})

test('health is 200 while every camera delivers', async () => {
  const response = await serve().get('/health')
  expect(response.status).toBe(200)
  expect(response.headers.get('cache-control')).toBe('no-store')
  expect(await response.json()).toEqual({
    status: 'ok',
    version: '1.2.3',
    uptime_s: 60,
    connect_failures: {},
    cameras: { camera1: liveJson, camera2: liveJson },
  })
})

test('health is 503 with cause and hint while one camera does not deliver', async () => {
  const failure = { cause: 'no-camera', message: 'None.', hint: 'Plug it in.' }
  const lost = { ...live, ...failure, state: 'lost' as const }
  const { get } = serve({
    health: () => ({
      version: '1',
      uptimeS: 1,
      connectFailures: {},
      cameras: { camera1: live, camera2: lost },
    }),
  })
  const response = await get('/health')
  expect(response.status).toBe(503)
  expect(await response.json()).toMatchObject({
    status: 'degraded',
    cameras: { camera1: liveJson, camera2: { ...liveJson, ...failure, state: 'lost' } },
  })
})

test('an on-demand camera without viewers is healthy', async () => {
  const { get } = serve({
    health: () => ({
      version: '1',
      uptimeS: 1,
      connectFailures: {},
      cameras: { camera1: live, camera2: { ...live, state: 'idle' } },
    }),
  })
  const response = await get('/health')
  expect([response.status, await response.json()]).toEqual([
    200,
    expect.objectContaining({
      status: 'ok',
      cameras: { camera1: liveJson, camera2: { ...liveJson, state: 'idle' } },
    }),
  ])
})

test('a camera that starts is not healthy yet', async () => {
  const { get } = serve({
    health: () => ({
      version: '1',
      uptimeS: 1,
      connectFailures: {},
      cameras: { camera1: { ...live, state: 'starting' } },
    }),
  })
  expect((await get('/health')).status).toBe(503)
})

test('the configuration has the fields of older implementations at the top, and every camera', async () => {
  const response = await serve().get('/api/config')
  expect(response.headers.get('access-control-allow-origin')).toBe('*')
  expect(response.headers.get('cache-control')).toBe('no-store')
  expect(await response.json()).toEqual({
    version: '1.2.3',
    codec: 'vp8',
    bitrate: 2_000_000,
    keyframe_interval: 60,
    camera1_port: 5557,
    camera2_port: 5558,
    site_name: null,
    pi_ip: '192.168.1.20',
    max_clients: 4,
    may_administer: true,
    ice_servers: [],
    cameras: [1, 2].map((number) => ({
      key: `camera${number}`,
      name: `Camera ${number}`,
      codec: 'vp8',
      bitrate: 2_000_000,
      keyframe_interval: 60,
      width: 640,
      height: 480,
      fps: 30,
      fps_min: 30,
      webrtc_port: 5556 + number,
      ws: `../camera${number}/ws`,
      whep: `../camera${number}/whep`,
      snapshot: number === 1 ? '../camera1/snapshot.jpg' : null,
      audio: number === 1,
    })),
  })
})

test('ice_servers has the STUN server in the form of RTCPeerConnection', async () => {
  const { get } = serve({
    config: () => ({
      version: '1',
      piIp: '',
      maxClients: 1,
      iceServers: [{ urls: 'stun:a.example:3478' }],
      cameras: [],
    }),
  })
  expect(await (await get('/api/config')).json()).toMatchObject({
    ice_servers: [{ urls: 'stun:a.example:3478' }],
  })
})

test.each(['/', '/camera1/', '/camera2/?muted'])('the page is at %s', async (path) => {
  const response = await serve().get(path)
  expect(response.status).toBe(200)
  expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8')
  expect(await response.text()).toContain('<template id="rest">')
})

test('the page contains its boot script, its first style sheets and the client configuration', async () => {
  const { get } = serve({
    config: () => ({
      version: '</script>',
      piIp: '',
      maxClients: 4,
      iceServers: [],
      cameras: [camera(1)],
    }),
  })
  const page = await (await get('/camera1/')).text()
  const [, bootstrap] =
    /<script type="application\/json" id="bootstrap" data-page="camera1">(.*?)<\/script>/.exec(page)!
  expect(JSON.parse(bootstrap!)).toEqual(await (await get('/api/config')).json())
  expect(page).toContain(`<script>${await (await get('/assets/boot.js')).text()}</script>`)
  expect(page).toContain(`<style>${await readFile('static/tile.css', 'utf8')}</style>`)
  expect(page).not.toContain('data-inline')
})

test.each([
  ['/', './', ''],
  ['/camera1/', '../', ' data-page="camera1"'],
])(
  'every address in the page at %s begins with %s, so that a proxy may add a prefix',
  async (path, root, about) => {
    const page = await (await serve().get(path)).text()
    const addresses = Array.from(page.matchAll(/ (?:href|src)="([^"#]+)"/g), ([, address]) => address!)
    expect(addresses).toContain(`${root}assets/app.js`)
    expect(addresses).toContain(`${root}favicon.svg`)
    expect(addresses.filter((address) => !/^(?:\.\/|\.\.\/)(?:assets\/|favicon)/.test(address))).toEqual([])
    expect(addresses.filter((address) => !address.startsWith(root))).toEqual([])
    expect(page).toContain(`id="bootstrap"${about}>`)
  },
)

test.each([
  ['<script src="assets/gone.js" data-inline></script>', 'has no gone.js'],
  ['<script type="application/json"></script>', 'has no element for its bootstrap data'],
])('a page that is not complete is not served: %s', async (index, complaint) => {
  const folder = await mkdtemp(join(tmpdir(), 'page-'))
  for (const name of ['sign-in.css', 'sign-in.js', 'favicon.svg'])
    await copyFile(join('static', name), join(folder, name))
  await writeFile(join(folder, 'index.html'), index)
  expect(() => serve({ staticDir: folder })).toThrow(complaint)
  await rm(folder, { recursive: true })
})

test.each(['/', '/camera1/', '/assets/app.js', '/favicon.svg'])(
  'what is at %s may be kept, but is asked for each time',
  async (path) => {
    const { get } = serve()
    const first = await get(path)
    expect(first.headers.get('cache-control')).toBe('no-cache')
    expect(first.headers.get('x-content-type-options')).toBe('nosniff')
    expect(first.headers.get('content-security-policy')).toContain("default-src 'none'")
    const etag = first.headers.get('etag')!
    const again = await get(path, { 'if-none-match': etag })
    expect([again.status, await again.text()]).toEqual([304, ''])
    expect((await get(path, { 'if-none-match': '"other"' })).status).toBe(200)
  },
)

test('the page runs no script but its own and may be shown in a frame', async () => {
  const response = await serve().get('/')
  const policy = response.headers.get('content-security-policy')!
  const inside = Array.from(
    (await response.text()).matchAll(/<script>([^]*?)<\/script>/g),
    ([, script]) => script!,
  )
  const hashes = inside.map((script) => createHash('sha256').update(script).digest('base64'))
  expect(policy).toContain(`script-src 'self' ${hashes.map((hash) => `'sha256-${hash}'`).join(' ')};`)
  expect(policy).not.toContain('unsafe')
  expect(policy).not.toContain('frame-ancestors')
})

test('every file of the page is served with its media type, and the files of the type checker are not', async () => {
  const { get } = serve()
  const types: Record<string, string> = {
    js: 'text/javascript; charset=utf-8',
    css: 'text/css; charset=utf-8',
    svg: 'image/svg+xml',
  }
  const inFolder = (await readdir('static')).filter((name) => name !== 'words')
  for (const name of [...inFolder, 'words/xx.json', 'words/de.page.json']) {
    // The HTML is that of another address, where it gets its words.
    if (/\.(?:json|ts|html)$/.test(name)) {
      expect([name, (await get(`/assets/${name}`)).status]).toEqual([name, 404])
      continue
    }
    const response = await get(`/assets/${name}`)
    expect([name, response.status, response.headers.get('content-type')]).toEqual([
      name,
      200,
      expect.stringContaining(types[name.split('.').at(-1)!]!),
    ])
  }
})

test('HEAD answers like GET, without the page', async () => {
  for (const path of ['/', '/assets/app.js', '/health', '/api/config']) {
    const [head, get] = await Promise.all([serve().get(path, {}, 'HEAD'), serve().get(path)])
    expect([path, head.status, await head.text()]).toEqual([path, 200, ''])
    expect(head.headers.get('content-type')).toBe(get.headers.get('content-type'))
  }
})

test('a camera without its slash is sent to the address with it, whatever follows', async () => {
  const { get } = serve()
  const response = await get('/camera1?muted=1')
  expect([response.status, response.headers.get('location')]).toEqual([301, './camera1/?muted=1'])
})

test.each(['/camera9', '/camera9/', '/camera01/'])(
  'a camera that does not exist is 404: %s',
  async (path) => {
    const response = await serve().get(path)
    expect(response.status).toBe(404)
    expect(await response.json()).toMatchObject({ error: 'no-such-camera' })
  },
)

test.each([
  '/nothing',
  '/assets/nothing.js',
  '/player/app.js',
  '/camera1/nothing',
  '//',
  '/%00',
  '/assets/%00',
])('what does not exist is 404 in JSON: %s', async (path) => {
  const response = await serve().get(path)
  expect(response.status).toBe(404)
  expect(await response.json()).toMatchObject({ error: 'not-found' })
})

test.each([
  '/assets/../../package.json',
  '/assets/../package.json',
  '/assets/..%2f..%2fpackage.json',
  '/assets/%2e%2e/%2e%2e/package.json',
  '/assets/%2e%2e%2fpackage.json',
  '/assets/..%5c..%5cpackage.json',
  '/assets/..\\package.json',
  '/assets/....//package.json',
  '/assets//etc/passwd',
  '/assets/%252e%252e/package.json',
  '/assets/./../../package.json',
  '/assets/..;/package.json',
  '/player/../package.json',
  '/player/..%2f..%2fpackage.json',
  '/player/%252e%252e/package.json',
  '/..%2fpackage.json',
  '/../package.json',
])('nothing beside the page is served: %s', async (path) => {
  const { app } = serve()
  const listener = await openListener({ app })
  const tcp = await openTcp(listener.port) // fetch would tidy the path before it is sent
  const ended = new Promise((resolve) => tcp.once('end', resolve))
  tcp.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`)
  await ended
  expect(tcp.received()).toMatch(/^HTTP\/1\.1 (404|400) /)
  expect(tcp.received()).not.toContain('"dependencies"')
  expect(tcp.received()).not.toContain('root:')
})

test('an AppError is answered with its code', async () => {
  const variant = new Hono()
  variant.get('/full', () => {
    throw new AppError('camera-full', 503, 'try again later')
  })
  const response = await serve({ signalling: [variant] }).get('/full')
  expect(response.status).toBe(503)
  expect(await response.json()).toEqual({ error: 'camera-full', message: 'try again later' })
})

test('an error that is a bug is logged and tells the client nothing of itself', async () => {
  const variant = new Hono()
  variant.get('/bug', () => {
    throw new TypeError('secret of the house')
  })
  const { get, logged } = serve({ signalling: [variant] })
  const response = await get('/bug')
  expect(response.status).toBe(500)
  expect(await response.json()).toEqual({
    error: 'internal',
    message: 'something went wrong on the server',
  })
  expect(JSON.stringify(logged)).toContain('secret of the house')
})

test("a camera's own port explains itself to programs", async () => {
  const response = await websocketOnlyApp(
    'camera1',
    accessWith(),
    () => 8080,
    readLanguages('static'),
  ).request('/anything')
  expect(response.status).toBe(426)
  expect(response.headers.get('upgrade')).toBe('websocket')
  expect(await response.json()).toMatchObject({ error: 'upgrade-required' })
})

test('a client that hangs up in the middle of its body is no error of ours', async () => {
  const error = vi.fn()
  const variant = new Hono()
  let reached = (): void => {}
  const reads = new Promise<void>((resolve) => (reached = resolve))
  const failed = new Promise<void>((resolve) => {
    variant.post('/slow', async (c) => {
      try {
        reached()
        return c.text(await c.req.text())
      } finally {
        setImmediate(resolve)
      }
    })
  })
  const { port } = await openListener({
    app: appWith({ signalling: [variant], log: { ...silentLog, error } }),
  })
  const socket = await openTcp(port)
  socket.write('POST /slow HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nhalf')
  await reads
  socket.destroy()
  await failed
  expect(error).not.toHaveBeenCalled()
})
