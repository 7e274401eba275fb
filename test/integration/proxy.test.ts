import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium, type Page } from '@playwright/test'
import { describe, expect, onTestFinished, test } from 'vitest'
import { WebSocket } from 'ws'
import { makeCertificate } from '../support/certificate.js'
import { chromiumOptions } from '../support/chromium.js'
import { freePorts, startProgram, until } from '../support/program.js'
import { isInstalled, startProxy, type ProxyKind } from '../support/reverse-proxy.js'
import { offers } from '../support/viewer-offers.js'

/** rpi-webrtc with credentials, and the proxy before it. */
async function startBehind(kind: ProxyKind, prefix: string) {
  const folder = await mkdtemp(join(tmpdir(), `rpi-webrtc-${kind}-`))
  onTestFinished(async () => await rm(folder, { recursive: true, force: true }))
  const certificate = await makeCertificate('proxy')
  onTestFinished(async () => await certificate[Symbol.asyncDispose]())
  const program = await startProgram({
    tables:
      'username = "anna"\npassword = "s3cret"\ntrusted-proxies = ["127.0.0.1"]\n' +
      '[camera1]\ndevice = "test:ball"\nwidth = 320\nheight = 240\nfps = 15\nwebrtc-port = $PORT1\n' +
      '[webrtc]\nudp-port = $UDP\nudp-bind-ip = "127.0.0.2"\n',
  })
  onTestFinished(async () => await program[Symbol.asyncDispose]())
  const [port] = (await freePorts(1)) as [number]
  const { certPath, keyPath } = certificate
  const proxy = await startProxy(kind, { folder, port, webPort: program.webPort, certPath, keyPath, prefix })
  onTestFinished(async () => await proxy[Symbol.asyncDispose]())
  const ask = async (path: string, headers: Record<string, string> = {}, method = 'GET', body = '') =>
    await fetchInsecure(port, prefix + path, { method, headers, body })
  await until(
    async () =>
      await ask('/health').then(
        ({ status }) => status < 500,
        () => false,
      ),
    20_000,
  )
  return { program, port, ask, folder }
}

interface Answer {
  status: number
  headers: Record<string, string | string[] | undefined>
  text: string
}

/** Sends a request from 127.0.0.3, and accepts the proxy's self-signed certificate. */
async function fetchInsecure(
  port: number,
  path: string,
  options: { method: string; headers: Record<string, string>; body: string },
): Promise<Answer> {
  const { method, headers, body } = options
  const asking = request({
    host: '127.0.0.1',
    localAddress: '127.0.0.3',
    servername: 'localhost',
    port,
    path,
    method,
    headers: { host: `localhost:${port}`, ...headers },
    rejectUnauthorized: false,
    agent: false,
  })
  asking.end(body)
  const [response] = (await once(asking, 'response')) as [import('node:http').IncomingMessage]
  let text = ''
  for await (const chunk of response.setEncoding('utf8')) text += String(chunk)
  return { status: response.statusCode ?? 0, headers: response.headers, text }
}

/** What becomes of a WebSocket: the first message, or the status it is refused with. */
async function openSocket(url: URL, headers: Record<string, string>): Promise<string> {
  const socket = new WebSocket(url, { headers, rejectUnauthorized: false })
  onTestFinished(() => socket.terminate())
  return await new Promise((resolve) => {
    socket.on('message', (data: Buffer) => resolve(data.toString()))
    socket.on('unexpected-response', (_request, response) => resolve(`refused: ${response.statusCode}`))
    socket.on('error', (error) => resolve(error.message))
  })
}

/** The page's policy forbids waitForFunction, which evaluates the text inside of the page. */
const isPlaying = async (page: Page): Promise<void> =>
  await expect
    .poll(async () => await page.evaluate('document.querySelector("video")?.currentTime ?? 0'), {
      timeout: 30_000,
    })
    .toBeGreaterThan(1)
/** By the form that a browser gets in place of the page. */
async function signIn(page: Page): Promise<void> {
  await page.getByLabel('User name').fill('anna')
  await page.getByLabel('Password', { exact: true }).fill('s3cret')
  await page.getByRole('button', { name: 'Sign in' }).click()
}

const basic = { authorization: `Basic ${Buffer.from('anna:s3cret').toString('base64')}` }

const KINDS: [ProxyKind, string][] = [
  ['nginx', ''],
  ['nginx', '/cams'],
  ['caddy', ''],
  ['caddy', '/cams'],
  ['node', '/cams'],
  ['node-keep', '/cams'],
]

describe.each(KINDS)('behind %s with the prefix "%s"', (kind, prefix) => {
  test.skipIf(!isInstalled(kind))(
    'page, cookie, WebSocket and WHEP work, strangers are kept out, and Chromium plays',
    async () => {
      const { program, port, ask, folder } = await startBehind(kind, prefix)
      const origin = `https://localhost:${port}`
      const base = `${origin}${prefix}/`

      expect((await ask('/')).status).toBe(401)
      const first = await ask('/', { ...basic, accept: 'text/html' })
      expect([first.status, first.text]).toEqual([200, expect.stringContaining('<!doctype html>') as string])
      const [setCookie] = first.headers['set-cookie'] as string[]
      expect(setCookie).toContain('; Secure')
      if (prefix === '') expect(setCookie).not.toContain('; Path')
      else expect(setCookie).toContain('; Path=/cams/;')
      const cookie = setCookie!.split(';')[0]!

      // The page's own scripts, as the browser sends it: with its origin and the cookie.
      const config = await ask('/api/config', { cookie, origin })
      expect(config.status).toBe(200)
      const [camera] = (JSON.parse(config.text) as { cameras: { ws: string; whep: string }[] }).cameras
      const socketUrl = new URL(camera!.ws, `${base.replace('https', 'wss')}api/config`)
      expect(socketUrl.pathname).toBe(`${prefix}/camera1/ws`)
      expect(await openSocket(socketUrl, { cookie, origin })).toContain('"camera"')
      const redirect = await ask('/camera1?a=1', { cookie })
      expect(new URL(redirect.headers['location'] as string, `${base}camera1`).href).toBe(
        `${base}camera1/?a=1`,
      )

      const offer = { 'content-type': 'application/sdp' }
      const answer = await ask('/camera1/whep', { cookie, origin, ...offer }, 'POST', offers.chrome)
      expect(answer.status).toBe(201)
      const candidates = Array.from(
        answer.text.matchAll(/^a=candidate:.* udp \d+ (\S+) (\d+)/gm),
        ([, ip, p]) => `${ip}:${p}`,
      )
      expect(candidates).toContain(`127.0.0.2:${program.udpPort}`) // past the proxy
      const session = new URL(answer.headers['location'] as string, `${base}camera1/whep`)
      expect(session.href.startsWith(`${base}camera1/whep/`)).toBe(true)
      const path = session.pathname.slice(prefix.length)
      const fragment = { 'content-type': 'application/trickle-ice-sdpfrag' }
      const candidate = 'a=mid:0\r\na=candidate:1 1 udp 2130706431 192.0.2.5 50000 typ host\r\n'
      expect((await ask(path, { cookie, origin, ...fragment }, 'PATCH', candidate)).status).toBe(204)
      expect((await ask(path, { cookie, origin }, 'DELETE')).status).toBe(200)

      const stranger = 'https://evil.example'
      expect(await openSocket(socketUrl, { cookie, origin: stranger })).toBe('refused: 403')
      expect(
        (await ask('/camera1/whep', { cookie, origin: stranger, ...offer }, 'POST', offers.chrome)).status,
      ).toBe(403)
      expect(await openSocket(socketUrl, { origin })).toBe('refused: 401')

      // The client's address, and none that it invents.
      const invented = { 'x-forwarded-for': '203.0.113.9', forwarded: 'for=203.0.113.9' }
      const wrong = { authorization: `Basic ${Buffer.from('anna:wrong').toString('base64')}` }
      expect((await ask('/api/config', { ...wrong, ...invented })).status).toBe(401)
      await until(() => program.output().includes('wrong credentials'), 20_000)
      expect(/wrong credentials.*/.exec(program.output())![0]).toContain(
        kind.startsWith('node') ? '127.0.0.1' : '127.0.0.3', // that proxy leaves one of the two headers to the client
      )

      const browser = await chromium.launch(chromiumOptions)
      onTestFinished(async () => await browser.close())
      const context = await browser.newContext({ ignoreHTTPSErrors: true })
      const page = await context.newPage()
      const outside: string[] = []
      page.on('response', (response) => {
        const isForm = response.status() === 401 && response.request().isNavigationRequest()
        if ((response.status() >= 400 && !isForm) || !`${response.url()}/`.startsWith(base))
          outside.push(response.url())
      })
      await page.goto(base.slice(0, prefix === '' ? undefined : -1)) // without the slash at its end
      await signIn(page)
      await isPlaying(page)
      expect(page.url()).toBe(base)
      const ownPage = page.locator('a.own-page').first()
      expect(await ownPage.getAttribute('href')).toBe(`${base}camera1/`)
      await page.goto(`${base}camera1/`)
      await isPlaying(page)
      expect(outside).toEqual([])

      if (kind !== 'nginx') return
      await ask('/api/config?token=0123456789abcdef')
      const log = join(folder, 'rpi-webrtc.log')
      await until(async () => (await readFile(log, 'utf8')).includes('/api/config 401'), 20_000)
      expect(await readFile(log, 'utf8')).not.toContain('0123456789abcdef')
    },
    120_000,
  )
})
