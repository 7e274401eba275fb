import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { makeCertificate } from '../support/certificate.js'
import { keepConnection, leaveDescriptors, setDescriptorLimit } from '../support/descriptors.js'
import {
  childrenOf,
  freePorts,
  startProgram,
  until,
  type Health,
  type Program,
  type ProgramOptions,
} from '../support/program.js'
import { watch } from '../support/watcher.js'
import { ViewerClient } from '../support/viewer-client.js'

/** Standard input, output and error. */
const STANDARD = 3
const ENOUGH = 1024
/** Numbers 0 to 2 are taken: no descriptor can be opened at all. */
const NONE = 3

const camera = (number: number): string =>
  `[camera${number}]\ndevice = "test:ball"\nwidth = 320\nheight = 240\nfps = 15\nwebrtc-port = $PORT${number}\n`
const TABLES = `${camera(1)}${camera(2)}[webrtc]\nudp-port = $UDP\nmax-clients = 3\n`

async function start(about: Partial<ProgramOptions> = {}): Promise<Program> {
  const program = await startProgram({ tables: TABLES, ...about })
  onTestFinished(async () => await program[Symbol.asyncDispose]())
  return program
}

const isWell = (program: Program) => async (): Promise<boolean> => (await program.health()).status === 'ok'

async function endsInOrder(program: Program): Promise<void> {
  process.kill(program.pid, 'SIGTERM')
  expect(await program.exit).toEqual({ code: 0, signal: null })
  expect(program.output()).not.toMatch(/has a bug|TypeError|\n {4}at |\\n {4}at /)
}

test('a program without free descriptors continues, logs the reason, and recovers when there are some', async () => {
  const program = await start()
  await until(isWell(program), 20_000)
  await using viewer = await watch(program.url, 'camera1')
  using kept = keepConnection(program.webPort)
  const ask = async (path: string) => {
    const { status, text } = await kept.ask(path)
    return { path, status, text }
  }
  const health = async () => JSON.parse((await ask('/health')).text) as Health
  const stream = await fetch(`${program.url}/camera2/stream.mjpg`)
  const pictures = stream.body!.getReader()
  onTestFinished(async () => await pictures.cancel())
  await ask('/health')
  await setDescriptorLimit(program.pid, NONE)

  // Those who are there go on.
  viewer.restart()
  await until(() => viewer.seen().frames > 10, 20_000)
  for (let piece = 0; piece < 5; piece++) expect((await pictures.read()).done).toBe(false)
  for (const path of [
    '/',
    '/camera1/',
    '/health',
    '/metrics',
    '/api/config',
    '/camera1/snapshot.jpg?max_delay=0',
  ])
    expect(await ask(path)).toMatchObject({ path, status: 200 })
  expect((await ask('/metrics')).text).not.toMatch(/open_file_descriptors|process_open_fds/)
  expect((await ask('/metrics')).text).toMatch(/^rpi_webrtc_heap_used_bytes \d+$/m)

  // A new viewer needs none.
  const client = await ViewerClient.open()
  onTestFinished(async () => await client[Symbol.asyncDispose]())
  const offer = { method: 'POST', type: 'application/sdp', body: client.offer('vp8') }
  const answer = await kept.ask('/camera2/whep', offer)
  expect(answer.status).toBe(201)
  await client.connect(answer.text)
  await until(() => client.received.length > 5, 20_000)

  // A new connection does, and waits.
  const waiting = connect(program.webPort, '127.0.0.1')
  onTestFinished(() => void waiting.destroy())
  let said = ''
  waiting.on('error', () => {})
  waiting.on('data', (piece: Buffer) => (said += piece.toString()))
  waiting.write('GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n')

  process.kill(await program.capturePid(1), 'SIGKILL')
  await until(async () => (await health()).cameras['camera1']!.cause === 'out-of-descriptors', 20_000)
  const restarts = async () => (await health()).cameras['camera1']!.restarts
  const before = await restarts()
  await until(async () => (await restarts()) > before, 20_000)
  expect((await health()).cameras['camera1']).toMatchObject({
    state: 'lost',
    message: 'rpi-webrtc has reached its limit of open files and sockets.',
    hint: expect.stringContaining('LimitNOFILE') as string,
  })

  const toml = await readFile(program.configPath, 'utf8')
  await writeFile(program.configPath, toml.replace('max-clients = 3', 'max-clients = 9'))
  process.kill(program.pid, 'SIGHUP')
  await until(
    () => program.output().includes('the new configuration is rejected; the current one stays in effect'),
    20_000,
  )
  await until(() => /config\.toml cannot be read: .*LimitNOFILE/.test(program.output()), 20_000)
  expect(JSON.parse((await ask('/api/config')).text)).toMatchObject({ max_clients: 3 })

  await setDescriptorLimit(program.pid, ENOUGH)
  await until(() => said.startsWith('HTTP/1.1 '), 20_000)
  await until(isWell(program), 40_000)
  viewer.restart()
  await until(() => viewer.seen().frames > 10, 20_000)
  process.kill(program.pid, 'SIGHUP')
  await until(() => program.output().includes('the configuration changed: webrtc.max-clients'), 20_000)
  await endsInOrder(program)
}, 120_000)

test('whichever descriptor of a start is the one too many, the camera comes back with more', async () => {
  const program = await start()
  await until(isWell(program), 20_000)
  using kept = keepConnection(program.webPort)
  const camera1 = async () => (JSON.parse((await kept.ask('/health')).text) as Health).cameras['camera1']!
  const causes: (string | undefined)[] = []
  // Those of the killed process and of idle connections are free again in time, so "none" is a limit below all of them.
  for (const free of ['none', 0, 1, 3, 5, 12] as const) {
    const { restarts } = await camera1()
    await (free === 'none' ? setDescriptorLimit(program.pid, STANDARD) : leaveDescriptors(program.pid, free))
    process.kill(await program.capturePid(1), 'SIGKILL')
    await until(async () => {
      const { state, cause, restarts: now } = await camera1()
      return now > restarts && (state === 'live' || cause === 'out-of-descriptors')
    }, 20_000)
    causes.push((await camera1()).cause)
    await setDescriptorLimit(program.pid, ENOUGH)
    await until(async () => (await camera1()).state === 'live', 40_000)
  }
  expect(causes[0]).toBe('out-of-descriptors')
  expect(causes.at(-1)).toBeUndefined()
  await endsInOrder(program)
}, 240_000)

test('a crowd that takes every descriptor of a low limit ends nothing, and all is well when it leaves', async () => {
  // Node.js opens some 190 files at once to load the modules, and the program then has 33 open.
  const limit = 256
  const program = await start({ through: ['prlimit', `--nofile=${limit}:${limit}`] })
  await until(isWell(program), 20_000)
  await using viewer = await watch(program.url, 'camera1')
  using kept = keepConnection(program.webPort)
  const health = async () => JSON.parse((await kept.ask('/health')).text) as Health
  await health()
  let refused = 0
  const crowd = Array.from({ length: 2 * limit }, (): Socket => {
    const socket = connect(program.webPort, '127.0.0.1')
    socket.on('error', () => {})
    socket.on('close', () => refused++)
    return socket
  })
  onTestFinished(() => {
    for (const socket of crowd) socket.destroy()
  })
  await until(() => refused > limit, 20_000) // libuv keeps one descriptor to take and close them with
  process.kill(await program.capturePid(2), 'SIGKILL')
  await until(async () => (await health()).cameras['camera2']!.cause === 'out-of-descriptors', 20_000)
  viewer.restart()
  await until(() => viewer.seen().frames > 10, 20_000)
  expect((await kept.ask('/metrics')).status).toBe(200)
  for (const socket of crowd) socket.destroy()
  await until(isWell(program), 40_000)
  await endsInOrder(program)
}, 90_000)

test('a certificate that cannot be read again stays in force, and is renewed when it can', async () => {
  await using certificate = await makeCertificate('first.test')
  const files = `tls-cert = "${certificate.certPath}"\ntls-key = "${certificate.keyPath}"\n`
  const program = await start({ tables: files + TABLES })
  using kept = keepConnection(program.webPort, 'https')
  const isOk = async (): Promise<boolean> => (await kept.ask('/health')).status === 200
  await until(isOk, 20_000)
  await setDescriptorLimit(program.pid, NONE)
  await certificate.make('second.test')
  await until(
    () => program.output().includes('the new certificate is rejected, the old one stays in use'),
    20_000,
  )
  expect(program.output()).toMatch(
    /the old one stays in use: .*(?:cert|key)\.pem cannot be read: .*LimitNOFILE/,
  )
  expect(await isOk()).toBe(true)
  await setDescriptorLimit(program.pid, ENOUGH)
  await certificate.make('third.test')
  await until(() => program.output().includes('the certificate was renewed'), 20_000)
  using next = keepConnection(program.webPort, 'https')
  expect((await next.ask('/health')).status).toBe(200)
  await endsInOrder(program)
}, 60_000)

const main = fileURLToPath(new URL('../../dist/main.js', import.meta.url))

/** A program whose output goes where `redirect` of a shell says. */
async function startWritingTo(redirect: string, through: string[] = []) {
  const folder = await mkdtemp(join(tmpdir(), 'rpi-webrtc-log-'))
  const [webPort, udpPort, webrtcPort] = (await freePorts(3)) as [number, number, number]
  const path = join(folder, 'config.toml')
  const toml = `[server]\nweb-port = ${webPort}\nbind-ip = "127.0.0.1"\n${camera(1)}[webrtc]\nudp-port = ${udpPort}\n`
  await writeFile(path, toml.replace('$PORT1', String(webrtcPort)))
  const script = `${redirect.replaceAll('$FOLDER', folder)}; exec "$@"`
  const command = [...through, 'sh', '-c', script, 'sh', process.execPath, main, '--config', path]
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', '--', ...command], { stdio: 'ignore' })
  const exit = once(child, 'exit')
  onTestFinished(async () => {
    child.kill('SIGKILL')
    await exit
    await rm(folder, { recursive: true })
  })
  const health = async () =>
    (await fetch(`http://127.0.0.1:${webPort}/health`)
      .then((response) => response.json())
      .catch(() => undefined)) as Health | undefined
  await until(async () => (await health())?.status === 'ok', 20_000)
  return {
    folder,
    pid: child.pid!,
    exit,
    /** Has it log the end of a capture process. */
    async loseCamera() {
      const before = (await health())!.cameras['camera1']!.restarts
      process.kill((await childrenOf(child.pid!))[0]!, 'SIGKILL')
      await until(async () => {
        const now = (await health())!.cameras['camera1']!
        return now.restarts > before && now.state === 'live'
      }, 20_000)
    },
  }
}

test('a log that can be written nowhere ends nothing', async () => {
  const program = await startWritingTo('exec > /dev/full 2>&1')
  await program.loseCamera()
  process.kill(program.pid, 'SIGHUP')
  await program.loseCamera()
  process.kill(program.pid, 'SIGTERM')
  expect(await program.exit).toEqual([0, null])
}, 60_000)

test.runIf(process.getuid?.() === 0)(
  'a log on a full disk goes on when there is room again',
  async () => {
    const program = await startWritingTo(
      'mkdir $FOLDER/disk; mount -t tmpfs -o size=64k tmpfs $FOLDER/disk; cd $FOLDER/disk; ' +
        'exec > log 2>&1; head -c 100000 /dev/zero > fill',
      ['unshare', '-m'],
    )
    const disk = `/proc/${program.pid}/root${program.folder}/disk`
    await program.loseCamera()
    const log = async () => await readFile(`${disk}/log`, 'utf8')
    expect(await log()).toBe('')
    await rm(`${disk}/fill`)
    process.kill(program.pid, 'SIGHUP')
    await until(async () => (await log()).includes('the configuration has not changed'), 20_000)
    process.kill(program.pid, 'SIGTERM')
    expect(await program.exit).toEqual([0, null])
  },
  60_000,
)
