import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { WebSocket } from 'ws'
import { makeCertificate } from '../support/certificate.js'
import { freePorts, startProgram, until } from '../support/program.js'
import { offers } from '../support/viewer-offers.js'

/** The first block of docs/security.md in this language. */
async function example(language: string): Promise<string> {
  const text = await readFile('docs/security.md', 'utf8')
  return new RegExp(`\`\`\`${language}\\n([^]*?)\`\`\``).exec(text)![1]!
}

interface Place {
  folder: string
  port: number
  webPort: number
  certPath: string
  keyPath: string
}

/** How each is started as docs/security.md has it, on ports and with a certificate of its own. */
const PROXIES = {
  nginx: async ({ folder, port, webPort, certPath, keyPath }: Place) => {
    const server = (await example('nginx'))
      .replace('listen 443', `listen 127.0.0.1:${port}`)
      .replace('127.0.0.1:8080', `127.0.0.1:${webPort}`)
      .replace('/etc/letsencrypt/live/cams.example/fullchain.pem', certPath)
      .replace('/etc/letsencrypt/live/cams.example/privkey.pem', keyPath)
      .replace('/var/log/nginx', folder)
    const places = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
      (name) => `${name}_temp_path ${folder}/${name};`,
    )
    const main = `daemon off;\npid ${folder}/pid;\nerror_log stderr;\nevents {}\nhttp {\n${places.join('\n')}\n${server}}\n`
    await writeFile(join(folder, 'nginx.conf'), main)
    return ['nginx', '-p', folder, '-c', join(folder, 'nginx.conf')]
  },
  caddy: async ({ folder, port, webPort, certPath, keyPath }: Place) => {
    const site = (await example('caddyfile'))
      .replace(
        'cams.example {',
        `https://localhost:${port} {\n  bind 127.0.0.1\n  tls ${certPath} ${keyPath}`,
      )
      .replace('127.0.0.1:8080', `127.0.0.1:${webPort}`)
    const options = `{\n  admin off\n  auto_https off\n  storage file_system ${folder}\n}\n`
    await writeFile(join(folder, 'Caddyfile'), options + site)
    return ['caddy', 'run', '--adapter', 'caddyfile', '--config', join(folder, 'Caddyfile')]
  },
}

/** rpi-webrtc with credentials, and the proxy before it. */
async function startBehind(proxy: keyof typeof PROXIES) {
  const folder = await mkdtemp(join(tmpdir(), `rpi-webrtc-${proxy}-`))
  onTestFinished(async () => await rm(folder, { recursive: true, force: true }))
  const certificate = await makeCertificate('proxy')
  onTestFinished(async () => await certificate[Symbol.asyncDispose]())
  const program = await startProgram({
    tables:
      'username = "anna"\npassword = "s3cret"\n[camera1]\ndevice = "test:ball"\nwidth = 320\nheight = 240\nfps = 15\n' +
      'webrtc-port = $PORT1\n[webrtc]\nudp-port = $UDP\nudp-bind-ip = "127.0.0.2"\n',
  })
  onTestFinished(async () => await program[Symbol.asyncDispose]())
  const [port] = (await freePorts(1)) as [number]
  const { certPath, keyPath } = certificate
  const [file, ...args] = await PROXIES[proxy]({ folder, port, webPort: program.webPort, certPath, keyPath })
  const child = spawn(file!, args, {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, HOME: folder, PATH: `${process.env['PATH']}:/usr/sbin` },
  })
  let said = ''
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()))
  onTestFinished(async () => {
    if (child.exitCode !== null) return
    child.kill('SIGTERM')
    await once(child, 'exit')
  })
  const ask = async (path: string, headers: Record<string, string> = {}, method = 'GET', body = '') =>
    await fetchInsecure(port, path, { method, headers, body })
  await until(async () => {
    if (child.exitCode !== null) throw new Error(`${proxy} ended: ${said}`)
    return await ask('/health').then(
      ({ status }) => status < 500,
      () => false,
    )
  }, 20_000)
  return { program, port, ask, folder }
}

interface Answer {
  status: number
  headers: Record<string, string | string[] | undefined>
  text: string
}

/** The proxy's certificate is one that nobody vouches for. */
async function fetchInsecure(
  port: number,
  path: string,
  options: { method: string; headers: Record<string, string>; body: string },
): Promise<Answer> {
  const { method, headers, body } = options
  const asking = request({ host: 'localhost', port, path, method, headers, rejectUnauthorized: false })
  asking.end(body)
  const [response] = (await once(asking, 'response')) as [import('node:http').IncomingMessage]
  let text = ''
  for await (const chunk of response.setEncoding('utf8')) text += String(chunk)
  return { status: response.statusCode ?? 0, headers: response.headers, text }
}

/** What becomes of a WebSocket: the first message, or the status it is refused with. */
async function openSocket(port: number, headers: Record<string, string>): Promise<string> {
  const socket = new WebSocket(`wss://localhost:${port}/camera1/ws`, { headers, rejectUnauthorized: false })
  onTestFinished(() => socket.terminate())
  return await new Promise((resolve) => {
    socket.on('message', (data: Buffer) => resolve(data.toString()))
    socket.on('unexpected-response', (_request, response) => resolve(`refused: ${response.statusCode}`))
    socket.on('error', (error) => resolve(error.message))
  })
}

const basic = { authorization: `Basic ${Buffer.from('anna:s3cret').toString('base64')}` }

describe.each(['nginx', 'caddy'] as const)('behind %s, as docs/security.md has it', (proxy) => {
  const isInstalled = spawnSync('sh', ['-c', `PATH=$PATH:/usr/sbin command -v ${proxy}`]).status === 0

  test.skipIf(!isInstalled)('page, cookie, WebSocket and WHEP work, and strangers are kept out', async () => {
    const { program, port, ask, folder } = await startBehind(proxy)
    const origin = `https://localhost:${port}`

    expect((await ask('/')).status).toBe(401)
    const first = await ask('/', { ...basic, accept: 'text/html' })
    expect([first.status, first.text]).toEqual([200, expect.stringContaining('<!doctype html>') as string])
    const [setCookie] = first.headers['set-cookie'] as string[]
    expect(setCookie).toMatch(
      /HttpOnly; SameSite=Strict; Secure$|Secure; HttpOnly; SameSite=Strict$|; Secure/i,
    )
    const cookie = setCookie!.split(';')[0]!

    // The page's own scripts, as the browser sends it: with its origin and the cookie.
    expect((await ask('/api/config', { cookie, origin })).status).toBe(200)
    expect(await openSocket(port, { cookie, origin })).toContain('"camera"')
    const offer = { 'content-type': 'application/sdp' }
    const answer = await ask('/camera1/whep', { cookie, origin, ...offer }, 'POST', offers.chrome)
    expect(answer.status).toBe(201)
    const candidates = Array.from(
      answer.text.matchAll(/^a=candidate:.* udp \d+ (\S+) (\d+)/gm),
      ([, ip, p]) => `${ip}:${p}`,
    )
    expect(candidates).toEqual([`127.0.0.2:${program.udpPort}`]) // past the proxy
    const session = new URL(answer.headers['location'] as string, 'http://pi/camera1/whep').pathname
    expect(session).toMatch(/^\/camera1\/whep\//)
    expect((await ask(session, { cookie, origin }, 'DELETE')).status).toBe(200)

    const stranger = 'https://evil.example'
    expect(await openSocket(port, { cookie, origin: stranger })).toBe('refused: 403')
    expect(
      (await ask('/camera1/whep', { cookie, origin: stranger, ...offer }, 'POST', offers.chrome)).status,
    ).toBe(403)
    expect(await openSocket(port, { origin })).toBe('refused: 401')

    if (proxy !== 'nginx') return
    await ask('/api/config?token=0123456789abcdef')
    const log = join(folder, 'rpi-webrtc.log')
    await until(async () => (await readFile(log, 'utf8')).includes('/api/config 401'), 20_000)
    expect(await readFile(log, 'utf8')).not.toContain('0123456789abcdef')
  })
})
