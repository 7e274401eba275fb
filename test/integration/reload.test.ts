import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile, rename, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { fileURLToPath } from 'node:url'
import { describe, expect, onTestFinished, test } from 'vitest'
import { openWebSocket } from '../support/listener.js'
import { childrenOf, freePorts, startProgram, until, type Program } from '../support/program.js'
import { ViewerClient } from '../support/viewer-client.js'
import { isAlive } from '../fakes/alive.js'
import { gaps, watchFrames } from '../support/staying-viewer.js'

const camera = (number: number, more = '', port = `$PORT${number}`): string =>
  `[camera${number}]\ndevice = "test:ball"\nwidth = 320\nheight = 240\nfps = 15\nwebrtc-port = ${port}\n${more}\n`
const MEDIA = '[webrtc]\nudp-port = $UDP\n'

/** A program of two cameras that deliver, and how to change its file. */
async function start() {
  const program = await startProgram({ tables: camera(1) + camera(2) + MEDIA })
  onTestFinished(async () => await program[Symbol.asyncDispose]())
  await until(async () => (await program.health()).status === 'ok', 20_000)
  let reloads = 0
  /** As an editor saves: written beside, then renamed. Resolves when the program has taken it or refused it. */
  const save = async (edit: (toml: string) => string): Promise<void> => {
    const toml = edit(await readFile(program.configPath, 'utf8'))
    await writeFile(`${program.configPath}~`, toml)
    await rename(`${program.configPath}~`, program.configPath)
    reloads++
    await until(
      () => (program.output().match(/the configuration changed|is rejected/g) ?? []).length === reloads,
      20_000,
    )
  }
  return { program, save }
}

const goesOn = async (client: ViewerClient): Promise<void> => {
  const before = client.received.length
  await until(() => client.received.length > before + 20, 20_000)
}

/** A line of the log is there a moment after what it tells of. */
const says = async (program: Program, what: string | RegExp): Promise<void> =>
  await until(
    () => (typeof what === 'string' ? program.output().includes(what) : what.test(program.output())),
    20_000,
  )

test('a viewer of a camera that does not change misses nothing while others come, change and go', async () => {
  const { program, save } = await start()
  const capture = await program.capturePid(1)
  const [spare] = await freePorts(1)
  const client = await watchFrames(program, 'camera1')
  const sentBefore = await program.health()

  await save((toml) => toml + camera(3, '', String(spare)))
  await until(async () => (await program.health()).cameras['camera3']?.state === 'live', 20_000)
  await save((toml) => toml.replace(/(\[camera2\][^]*?)fps = 15/, '$1fps = 10'))
  await until(async () => (await program.health()).cameras['camera2']!.restarts === 1, 20_000)
  await save((toml) =>
    toml.replace(/(\[camera2\]\n[^]*?)\[/, '[').replace('[webrtc]', '[webrtc]\nmax-clients = 9'),
  )
  await until(async () => (await program.health()).cameras['camera2'] === undefined, 20_000)
  await goesOn(client)

  expect(gaps(client)).toBe(0)
  const sent = (await program.health()).cameras['camera1']!.packets - sentBefore.cameras['camera1']!.packets
  expect(client.received.length).toBeGreaterThanOrEqual(sent)
  expect(await program.capturePid(1)).toBe(capture)
  expect((await program.health()).cameras['camera1']).toMatchObject({ viewers: 1, restarts: 0 })
  const config = (await (await fetch(`${program.url}/api/config`)).json()) as Record<string, unknown>
  expect(config).toMatchObject({ max_clients: 9, camera3_port: spare })
  expect(config).not.toHaveProperty('camera2_port')
  expect((await fetch(`${program.url}/camera3/`)).status).toBe(200)
  expect((await fetch(`${program.url}/camera2/`)).status).toBe(404)
  await openWebSocket(`ws://127.0.0.1:${spare}/`)
  await openWebSocket(`ws://127.0.0.1:${program.webPort}/camera3/ws`)
  await expect(openWebSocket(`ws://127.0.0.1:${program.webrtcPorts[1]}/`)).rejects.toThrow('ECONNREFUSED')
  expect(await childrenOf(program.pid)).toHaveLength(2)
}, 60_000)

test('viewers stay while their camera is started again with other settings, on one line of packets', async () => {
  const { program, save } = await start()
  const capture = await program.capturePid(1)
  const client = await watchFrames(program, 'camera1')
  await save((toml) => toml.replace('width = 320', 'width = 160'))
  await until(async () => (await program.health()).cameras['camera1']!.restarts === 1, 20_000)
  await goesOn(client)
  expect(gaps(client)).toBe(0)
  expect(new Set(client.received.map(({ ssrc }) => ssrc)).size).toBe(1)
  expect(isAlive(capture)).toBe(false)
  await says(program, 'the configuration changed: camera1.width')

  const second = await program.capturePid(1)
  await save((toml) => toml.replace('[camera1]', '[camera1]\non-demand = true\non-demand-close-after = 0'))
  await goesOn(client)
  expect(await program.capturePid(1)).toBe(second)
}, 60_000)

test('a new codec makes a new camera: its viewers are notified and closed', async () => {
  const { program, save } = await start()
  const client = await watchFrames(program, 'camera1')
  const { socket, messages } = await openWebSocket(`ws://127.0.0.1:${program.webPort}/camera1/ws`)
  const closed = once(socket, 'close')
  await save((toml) => toml.replace('[camera1]', '[camera1]\ncodec = "h264"'))
  const [code, reason] = (await closed) as [number, Buffer]
  expect([code, reason.toString()]).toEqual([1001, 'camera-changed'])
  expect(messages.at(-1)).toMatchObject({ error: { code: 'camera-changed' } })
  await until(
    () => program.output().includes('viewer left camera=camera1 via=whep reason=camera-changed'),
    20_000,
  )
  expect(client.received.length).toBeGreaterThan(20)
  await until(async () => (await program.health()).cameras['camera1']!.state === 'live', 20_000)
  expect((await program.health()).cameras['camera1']).toMatchObject({ codec: 'h264', viewers: 0 })
})

test('ports move while viewers stay connected; for a port in use an error is logged and the old one stays', async () => {
  const { program, save } = await start()
  const client = await watchFrames(program, 'camera1')
  const { socket } = await openWebSocket(`ws://127.0.0.1:${program.webPort}/camera2/ws`)
  const [web, udp] = await freePorts(2)
  await save((toml) =>
    toml
      .replace(`web-port = ${program.webPort}`, `web-port = ${web}`)
      .replace(/udp-port = \d+/, `udp-port = ${udp}`),
  )
  await says(program, `watch at http://127.0.0.1:${web}`)
  const moved = { ...program, url: `http://127.0.0.1:${web}` }
  await expect(fetch(program.url)).rejects.toThrow()
  const second = await watchFrames(moved, 'camera1')
  expect([client.server!.port, second.server!.port]).toEqual([program.udpPort, udp])
  await goesOn(client)
  expect(gaps(client)).toBe(0)
  expect(socket.readyState).toBe(socket.OPEN)

  const holder = createServer().listen(0, '127.0.0.1')
  onTestFinished(() => void holder.close())
  await once(holder, 'listening')
  const { port } = holder.address() as { port: number }
  await save((toml) => toml.replace(`web-port = ${web}`, `web-port = ${port}`))
  await says(
    program,
    `server.web-port: port ${port} is in use by another program; stop it or set another port; until then it stays at port ${web}`,
  )
  expect((await fetch(moved.url)).status).toBe(200)
})

test('a renamed key is accepted with a warning, at start and at a reload', async () => {
  const limits = '[limits]\nsilent-websocket-seconds = 50\n'
  await using program = await startProgram({ tables: camera(1) + MEDIA + limits })
  const warnings = (): number =>
    (
      program
        .output()
        .match(/limits\.silent-websocket-seconds: was renamed to websocket-idle-timeout-seconds/g) ?? []
    ).length
  await until(() => warnings() === 1, 5000)
  const toml = await readFile(program.configPath, 'utf8')
  await writeFile(program.configPath, toml.replace('= 50', '= 40'))
  await says(program, 'the configuration changed: limits.websocket-idle-timeout-seconds')
  expect(warnings()).toBe(2)
})

test('two cameras may change places', async () => {
  const { program, save } = await start()
  const [one, two] = program.webrtcPorts
  await save((toml) =>
    toml
      .replace(`webrtc-port = ${one}`, 'webrtc-port = x')
      .replace(`= ${two}`, `= ${one}`)
      .replace('= x', `= ${two}`),
  )
  const { messages } = await openWebSocket(`ws://127.0.0.1:${two}/`)
  await until(() => messages.length > 0, 20_000)
  expect(messages[0]).toMatchObject({ camera: { key: 'camera1' } })
})

test('new credentials end the viewers that joined without any', async () => {
  const { program, save } = await start()
  await watchFrames(program, 'camera1')
  await save((toml) => toml.replace('[server]', '[server]\ntoken = "0123456789abcdef"'))
  expect((await fetch(`${program.url}/api/config`)).status).toBe(401)
  expect((await fetch(`${program.url}/api/config?token=0123456789abcdef`)).status).toBe(200)
  await says(program, /viewer left .*credentials-changed/)
  await says(program, 'the configuration changed: server.token')
  expect(program.output()).not.toContain('0123456789abcdef')
})

test('web-port takes the TCP media port in a reload, and gives it back', async () => {
  const { program, save } = await start()
  const { webPort, udpPort } = program
  const page = async (port: number): Promise<number> =>
    (await fetch(`http://127.0.0.1:${port}/health`)).status
  await save((toml) => toml.replace(`web-port = ${webPort}`, `web-port = ${udpPort}`))
  await until(async () => (await page(udpPort)) === 200, 20_000)
  await says(program, `server.web-port uses TCP port ${udpPort}, so viewers get UDP only`)
  await save((toml) => toml.replace(`web-port = ${udpPort}`, `web-port = ${webPort}`))
  await until(async () => (await page(webPort)) === 200, 20_000)
  const client = await ViewerClient.open({ overTcp: true })
  onTestFinished(() => client.vanish())
  const offer = { method: 'POST', headers: { 'content-type': 'application/sdp' }, body: client.offer('vp8') }
  await client.connect(await (await fetch(`${program.url}/camera1/whep`, offer)).text())
  await goesOn(client)
})

describe('a bad file', () => {
  test('with mistakes is rejected with all of them, however the reload is requested', async () => {
    const { program, save } = await start()
    const children = await childrenOf(program.pid)
    await save((toml) =>
      toml.replace('fps = 15', 'fps = 1500').replace('[webrtc]', '[webrtc]\nmax_clients = 9'),
    )
    const mistakes = [
      /ERROR main: .*camera1\.fps: 1500 is too large/,
      /ERROR main: .*did you mean "max-clients"\?/,
    ]
    for (const mistake of mistakes) await says(program, mistake)
    process.kill(program.pid, 'SIGHUP')
    await until(
      () => (program.output().match(/is rejected; the current one stays in effect/g) ?? []).length === 2,
      20_000,
    )
    expect(await childrenOf(program.pid)).toEqual(children)
    expect((await program.health()).status).toBe('ok')
  })

  test('that a certificate is missing for is refused as a whole', async () => {
    const { program, save } = await start()
    await save((toml) =>
      toml
        .replace('[server]', '[server]\ntls-cert = "/nowhere/c.pem"\ntls-key = "/nowhere/k.pem"')
        .replace(/\[camera2\][^]*?\[/, '['),
    )
    await says(program, 'server.tls-cert')
    expect(Object.keys((await program.health()).cameras)).toEqual(['camera1', 'camera2'])
  })
})

describe('SIGHUP', () => {
  test('requests a reload, and the command line still takes precedence', async () => {
    const tables = camera(1).replace('test:ball', '/dev/video99') + camera(2) + MEDIA
    const program = await startProgram({ tables, args: ['--test-mode', '--pi-ip', '192.0.2.7'] })
    onTestFinished(async () => await program[Symbol.asyncDispose]())
    await until(async () => (await program.health()).status === 'ok', 20_000)
    process.kill(program.pid, 'SIGHUP')
    await until(() => program.output().includes('the configuration has not changed'), 20_000)
    const toml = await readFile(program.configPath, 'utf8')
    await writeFile(
      program.configPath,
      toml.replace('/dev/video99', '/dev/video98').replace('[webrtc]', '[webrtc]\nmax-clients = 9'),
    )
    await until(() => program.output().includes('the configuration changed: webrtc.max-clients'), 20_000)
    expect((await program.health()).status).toBe('ok')
    expect(await (await fetch(`${program.url}/api/config`)).json()).toMatchObject({
      pi_ip: '192.0.2.7',
      max_clients: 9,
    })
  })

  test('ends a program whose terminal is gone, and its capture processes with it', async () => {
    const [webPort, webrtcPort] = await freePorts(2)
    const folder = (await start()).program.configPath.replace(/[^/]*$/, '')
    await writeFile(
      `${folder}terminal.toml`,
      `[server]\nweb-port = ${webPort}\nbind-ip = "127.0.0.1"\n[webrtc]\nudp-port = 0\n${camera(1, '', String(webrtcPort))}`,
    )
    const main = fileURLToPath(new URL('../../dist/main.js', import.meta.url))
    const command = `exec ${process.execPath} ${main} --config ${folder}terminal.toml`
    const terminal = spawn('script', ['-qc', command, '/dev/null'], { stdio: ['ignore', 'pipe', 'ignore'] })
    let text = ''
    terminal.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()))
    await until(() => text.includes('the camera delivers'), 20_000)
    expect(text).toMatch(/INFO.*main: .*rpi-webrtc/) // for people: it is a terminal
    const [pid] = await childrenOf(terminal.pid!)
    const captures = await childrenOf(pid!)
    expect(captures).toHaveLength(1)
    process.kill(pid!, 'SIGHUP')
    await until(() => text.includes('the configuration has not changed'), 20_000)
    terminal.kill('SIGKILL')
    await until(() => ![pid!, ...captures].some(isAlive), 20_000)
  })
})
