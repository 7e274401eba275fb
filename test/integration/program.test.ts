import { execFile, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, readlink, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, onTestFinished, test } from 'vitest'
import { openTcp, openWebSocket } from '../support/listener.js'
import {
  childrenOf,
  commandLineOf,
  freePorts,
  runProgram,
  startProgram,
  until,
  type Program,
  type ProgramOptions,
} from '../support/program.js'
import { rtpPacket, vp8Key } from '../support/rtp.js'
import { offers } from '../support/viewer-offers.js'
import { isAlive } from '../fakes/alive.js'

const root = fileURLToPath(new URL('../..', import.meta.url))
const run = promisify(execFile)

const testCamera = (number: number, more = ''): string =>
  `[camera${number}]\ndevice = "test:ball"\nwidth = 320\nheight = 240\nfps = 15\nwebrtc-port = $PORT${number}\n${more}\n`

/** A program with the given cameras that is gone when the test ends. */
async function start(options: ProgramOptions): Promise<Program> {
  const { tables } = options
  const media = tables.includes('udp-port') ? '' : '[webrtc]\nudp-port = $UDP\n'
  const program = await startProgram({ ...options, tables: tables + media })
  onTestFinished(async () => await program[Symbol.asyncDispose]())
  return program
}

/** A program whose cameras all deliver. */
async function startLive(options: ProgramOptions = { tables: testCamera(1) }): Promise<Program> {
  const program = await start(options)
  await until(async () => (await program.health()).status === 'ok', 20_000)
  return program
}

async function configFile(toml: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'rpi-webrtc-'))
  onTestFinished(async () => await rm(folder, { recursive: true }))
  await writeFile(join(folder, 'config.toml'), toml)
  return join(folder, 'config.toml')
}

/** A program that has just begun to start, with one camera of the given name. */
async function startBare(name: string) {
  const [webPort, webrtcPort] = await freePorts(2)
  const path = await configFile(
    `[server]\nweb-port = ${webPort}\nbind-ip = "127.0.0.1"\n[webrtc]\nudp-port = 0\n` +
      `[camera1]\ndevice = "test:ball"\nname = "${name}"\nwebrtc-port = ${webrtcPort}\n`,
  )
  const child = spawn(process.execPath, [join(root, 'dist/main.js'), '--config', path])
  onTestFinished(() => void child.kill('SIGKILL'))
  await once(child.stdout, 'data') // the first line of the log
  return { child, url: `http://127.0.0.1:${webPort}/health` }
}

/** The processes of this machine whose command line has a word with `text`. */
async function processesSaying(text: string): Promise<number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number)
  const lines = await Promise.all(pids.map(async (pid) => (await commandLineOf(pid)).join(' ')))
  return pids.filter((_, i) => lines[i]!.includes(text))
}

describe('the program ends', () => {
  test.each(['SIGTERM', 'SIGINT'] as const)(
    'with exit code 0 by %s, and its capture processes with it',
    async (signal) => {
      const program = await startLive({ tables: testCamera(1) + testCamera(2) })
      const captures = await childrenOf(program.pid)
      expect(captures).toHaveLength(2)
      process.kill(program.pid, signal)
      expect(await program.exit).toEqual({ code: 0, signal: null })
      await until(() => !captures.some(isAlive), 20_000)
      expect(program.output()).toContain(`stopping: ${signal}`)
    },
  )

  test('by SIGKILL, and its capture processes with it', async () => {
    const program = await startLive({ tables: testCamera(1) + testCamera(2) })
    const captures = await childrenOf(program.pid)
    expect(captures).toHaveLength(2)
    process.kill(program.pid, 'SIGKILL')
    await program.exit
    await until(() => !captures.some(isAlive), 20_000)
  })

  test('with the test or the benchmark that started it, however that ends', async () => {
    const starter = spawn(process.execPath, [
      '--import',
      'tsx',
      join(root, 'test/fixtures/program-starter.ts'),
    ])
    onTestFinished(() => void starter.kill('SIGKILL'))
    const [line] = (await once(starter.stdout, 'data')) as [Buffer]
    const { pid, configPath } = JSON.parse(line.toString()) as { pid: number; configPath: string }
    onTestFinished(async () => await rm(dirname(configPath), { recursive: true }))
    expect(isAlive(pid)).toBe(true)
    starter.kill('SIGKILL')
    await until(() => !isAlive(pid), 20_000)
  })

  test('with exit code 0 by a signal that comes while it starts', async () => {
    const { child } = await startBare('Too early')
    child.kill('SIGTERM')
    expect(await once(child, 'exit')).toEqual([0, null])
    await until(async () => (await processesSaying('Too early')).length === 0, 20_000)
  })

  test('on a signal, also when the reader of its log is gone', async () => {
    const { child, url } = await startBare('Unread')
    child.stdout.destroy()
    await until(async () => (await fetch(url).catch(() => undefined))?.ok === true, 20_000)
    child.kill('SIGTERM')
    expect(await once(child, 'exit')).toEqual([0, null])
  })
})

describe('the exit code', () => {
  test('is 78 for a configuration with mistakes, and every one of them is printed', async () => {
    const path = await configFile('[server]\nweb_port = 1\n[camera1]\ndevice = "test:ball"\nwidth = 33\n')
    const { code, stderr } = await runProgram(['--config', path])
    expect(code).toBe(78)
    expect(stderr).toContain('has 2 problems:')
    expect(stderr).toMatch(/:2: server\.web_port: .*did you mean "web-port"\?/)
    expect(stderr).toMatch(/:5: camera1\.width: 33 is odd/)
  })

  test('is 78 for a configuration file that does not exist', async () => {
    const { code, stderr } = await runProgram(['--config', '/nowhere/config.toml'])
    expect([code, stderr]).toEqual([78, expect.stringContaining('does not exist') as string])
  })

  test('is 78 for a flag that does not exist', async () =>
    expect((await runProgram(['--confg', 'x'])).code).toBe(78))

  test('is 69 where GStreamer is not installed, and the command that installs it is printed', async () => {
    const { code, stderr } = await runProgram(['--test-mode'], { PATH: '/nowhere' })
    expect(code).toBe(69)
    expect(stderr).toContain('sudo apt install gstreamer1.0-tools')
  })

  test('is 1 where the port is taken, and no capture process is left', async () => {
    const holder = createServer().listen(0, '127.0.0.1')
    onTestFinished(() => void holder.close())
    await once(holder, 'listening')
    const { port } = holder.address() as { port: number }
    const tables =
      '[camera1]\ndevice = "test:ball"\nname = "No port"\nwebrtc-port = 1\n[webrtc]\nudp-port = 0\n'
    const path = await configFile(`[server]\nweb-port = ${port}\nbind-ip = "127.0.0.1"\n${tables}`)
    const { code, stderr } = await runProgram(['--config', path])
    expect(code).toBe(1)
    expect(stderr).toBe(
      `server.web-port: port ${port} is in use by another program; stop it or set another port\n`,
    )
    await until(async () => (await processesSaying('No port')).length === 0, 20_000)
  })

  test.each([['--help'], ['-h'], ['--version'], ['-v']])('is 0 for %s', async (flag) => {
    const { code, stdout, stderr } = await runProgram([flag])
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout).toMatch(/^rpi-webrtc - watch|^\d+\.\d+\.\d+\n$/)
  })
})

describe('a camera that is not there', () => {
  test('is reported with cause and hint, in /health and on its WebSocket, and the others play', async () => {
    const program = await start({
      tables:
        testCamera(1) +
        '[camera2]\ndevice = "/dev/video99"\nwebrtc-port = $PORT2\n' +
        '[camera3]\ndevice = "/base/soc/no/such/camera@10"\nwebrtc-port = $UDP\n',
    })
    await until(async () => {
      const { cameras } = await program.health()
      return Object.values(cameras).every(({ state }, i) => state === (i === 0 ? 'live' : 'lost'))
    }, 20_000)
    const response = await fetch(`${program.url}/health`)
    expect(response.status).toBe(503)
    const { cameras } = await program.health()
    expect(cameras['camera2']).toMatchObject({ cause: 'no-device', message: 'There is no /dev/video99.' })
    expect(cameras['camera3']!.cause).toMatch(/^(?:missing-plugin|no-camera|unknown-camera)$/)
    for (const key of ['camera2', 'camera3']) expect(cameras[key]!.hint).toBeTruthy()
    const { messages } = await openWebSocket(`ws://127.0.0.1:${program.webrtcPorts[1]}/`)
    await until(() => messages.length > 0, 20_000)
    expect(messages[0]).toMatchObject({ camera: { key: 'camera2', state: 'lost', cause: 'no-device' } })
    expect(program.output().match(/There is no \/dev\/video99/g)).toHaveLength(1)
  })

  test('that another program sends is lost until that program sends, and then live', async () => {
    const program = await start({
      tables: '[camera1]\ndevice = "rtp://127.0.0.1:$PORT2"\nwebrtc-port = $PORT1\n',
    })
    expect(await childrenOf(program.pid)).toEqual([])
    const sender = createSocket('udp4')
    onTestFinished(() => void sender.close())
    let sequence = 0
    const reaches = async (state: string, send: boolean) =>
      await until(async () => {
        if (send) sender.send(rtpPacket({ sequence: sequence++, payload: vp8Key }), program.webrtcPorts[1])
        return (await program.health()).cameras['camera1']!.state === state
      }, 20_000)
    await reaches('live', true)
    await reaches('lost', false)
    expect((await program.health()).cameras['camera1']).toMatchObject({
      cause: 'no-packets',
      message: `No RTP packets arrive on port ${program.webrtcPorts[1]}.`,
    })
    await reaches('live', true)
  })
})

describe('a capture process', () => {
  test('that is killed is replaced within 3 seconds, and its packets go on being counted', async () => {
    const program = await startLive()
    const pid = await program.capturePid(1)
    const before = (await program.health()).cameras['camera1']!
    process.kill(pid, 'SIGKILL')
    await until(async () => {
      const { state, restarts } = (await program.health()).cameras['camera1']!
      return state === 'live' && restarts > before.restarts
    }, 20_000)
    expect(await program.capturePid(1)).not.toBe(pid)
    await until(
      async () => (await program.health()).cameras['camera1']!.packets > before.packets + 10,
      20_000,
    )
  })

  test('that freezes is replaced', async () => {
    const program = await startLive()
    const pid = await program.capturePid(1)
    process.kill(pid, 'SIGSTOP')
    await until(async () => {
      const { state, restarts } = (await program.health()).cameras['camera1']!
      return state === 'live' && restarts === 1
    }, 20_000)
    expect(isAlive(pid)).toBe(false)
    expect(await program.capturePid(1)).not.toBe(pid)
  })

  test('is asked to say more when debugging', async () => {
    const program = await startLive({ tables: testCamera(1), args: ['--debug'] })
    const environment = await readFile(`/proc/${await program.capturePid(1)}/environ`, 'utf8')
    expect(environment.split('\0')).toContain('GST_DEBUG=3')
  })

  test('keeps the configured debug level, and its output is in the log', async () => {
    const env = { GST_DEBUG: 'GST_STATES:4' }
    const program = await startLive({ tables: testCamera(1), args: ['--debug'], env })
    const environment = await readFile(`/proc/${await program.capturePid(1)}/environ`, 'utf8')
    expect(environment.split('\0')).toContain('GST_DEBUG=GST_STATES:4')
    await until(() => /DEBUG camera1: .*GST_STATES/.test(program.output()), 20_000)
  })
})

describe('what the program opens', () => {
  test('is on the address that is configured, and on no other', async () => {
    const program = await startLive()
    const open = await openPorts(program.pid)
    expect(open.map(({ address }) => address).filter((address) => address !== '127.0.0.1')).toEqual([])
    const ports = open.map(({ port }) => port)
    expect(ports).toEqual(expect.arrayContaining([program.webPort, program.udpPort, program.webrtcPorts[0]!]))
  })

  test('has its pictures on an address of their own where that is configured, as behind a proxy', async () => {
    const tables = `${testCamera(1)}[webrtc]\nudp-port = $UDP\nudp-bind-ip = "127.0.0.2"\n`
    const program = await startLive({ tables })
    const open = await openPorts(program.pid)
    expect(open.find(({ port }) => port === program.udpPort)?.address).toBe('127.0.0.2')
    expect(open.find(({ port }) => port === program.webPort)?.address).toBe('127.0.0.1')
    expect(program.output()).toContain(`watch at http://127.0.0.1:${program.webPort}`)
    const headers = { 'content-type': 'application/sdp' }
    const answer = await fetch(`${program.url}/camera1/whep`, {
      method: 'POST',
      headers,
      body: offers.chrome,
    })
    const candidates = Array.from((await answer.text()).matchAll(/^a=candidate:.* udp \d+ (\S+) (\d+)/gm))
    expect(candidates.map(([, address, port]) => `${address}:${port}`)).toEqual([
      `127.0.0.2:${program.udpPort}`,
    ])
  })

  test('drops random datagrams and continues to serve', async () => {
    const program = await startLive()
    const { socket, messages } = await openWebSocket(`ws://127.0.0.1:${program.webPort}/camera1/ws`)
    for (let i = 0; i < 1000; i++) socket.send(randomBytes(i % 200), { binary: i % 2 === 0 })
    const raw = await openTcp(program.webrtcPorts[0]!)
    raw.end(randomBytes(10_000))
    const media = createSocket('udp4')
    onTestFinished(() => void media.close())
    for (let i = 0; i < 1000; i++) media.send(randomBytes(i), program.udpPort, '127.0.0.1')
    // Text that is not UTF-8 ends a WebSocket (RFC 6455 section 8.1), and so do too many messages: the next one is welcome.
    await until(() => messages.length > 1 || socket.readyState === socket.CLOSED, 20_000)
    const next = await openWebSocket(`ws://127.0.0.1:${program.webPort}/camera1/ws`)
    for (let i = 0; i < 200; i++) next.socket.send(randomBytes(i))
    next.socket.send('{"offer":{"type":"offer","sdp":"last"}}')
    await until(() => JSON.stringify(next.messages).includes('bad-offer'), 20_000)
    expect((await fetch(program.url)).status).toBe(200)
    expect((await program.health()).status).toBe('ok')
    expect(program.output()).not.toMatch(/ERROR|reached nobody/)
  })
})

describe('a command', () => {
  test('prints the pipeline of a camera exactly as it runs, without the snapshot branch', async () => {
    const program = await startLive({
      tables: testCamera(1, 'name = "Küche \'n <Flur> $HOME \\"x\\" !"') + testCamera(2),
      args: ['--test-mode'],
    })
    const [first] = await childrenOf(program.pid)
    const { code, stdout } = await runProgram([
      'pipeline',
      'camera1',
      '--test-mode',
      '--config',
      program.configPath,
    ])
    expect(code).toBe(0)
    const { stdout: words } = await run('sh', ['-c', `printf '%s\\0' ${stdout}`])
    const running = await commandLineOf(first!)
    const branch = running.indexOf('raw.')
    expect(branch).toBeGreaterThan(0)
    expect(words.split('\0').slice(0, -1)).toEqual(running.slice(0, branch))
  })

  test('prints a pipeline that runs in a shell, without a reader of its pictures', async () => {
    const [webrtcPort] = await freePorts(1)
    const path = await configFile(`[camera1]\ndevice = "test:ball"\nwebrtc-port = ${webrtcPort}\n`)
    const { stdout } = await runProgram(['pipeline', 'camera1', '--config', path])
    const shell = spawn('sh', ['-c', `exec ${stdout}`], { stdio: ['ignore', 'ignore', 'pipe'] })
    onTestFinished(() => void shell.kill('SIGKILL'))
    let said = ''
    shell.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()))
    const receiver = createSocket('udp4')
    onTestFinished(() => void receiver.close())
    receiver.bind(Number(/host=127\.0\.0\.1 port=(\d+)/.exec(stdout)![1]), '127.0.0.1')
    await Promise.race([
      once(receiver, 'message'),
      once(shell, 'exit').then(() => Promise.reject(new Error(`it ended: ${said}`))),
    ])
    shell.kill('SIGINT')
    expect(await once(shell, 'exit')).toEqual([0, null])
  })

  test('reports that a camera which another program sends has no pipeline', async () => {
    const path = await configFile('[camera1]\ndevice = "rtp://127.0.0.1:5004"\n')
    const { code, stdout, stderr } = await runProgram(['pipeline', 'camera1', '--config', path])
    expect([code, stdout]).toEqual([1, ''])
    expect(stderr).toBe('camera1 has no pipeline: another program sends its RTP to 127.0.0.1:5004\n')
  })

  test('lists the cameras when an unknown one is named', async () => {
    const { code, stderr } = await runProgram(['pipeline', 'camera7', '--test-mode'])
    expect([code, stderr]).toEqual([78, expect.stringContaining('camera7: is not a camera') as string])
  })

  test('lists the cameras, or reports that there are none', async () => {
    const { code, stdout } = await runProgram(['cameras'])
    expect(code).toBe(0)
    expect(stdout).toMatch(/^(?:No camera found\.|# .+\ndevice = ".+")\n/)
  })

  test('finds nothing wrong with test pictures', async () => {
    const [webPort, webrtcPort] = await freePorts(2)
    const path = await configFile(
      `[server]\nweb-port = ${webPort}\n[webrtc]\nudp-port = 0\n[camera1]\ndevice = "test:ball"\nwebrtc-port = ${webrtcPort}\n`,
    )
    const { code, stdout } = await runProgram(['doctor', '--config', path])
    expect(stdout).toMatch(/^ {2}ok {7}camera1 device: test pattern ball$/m)
    expect(stdout).not.toContain('PROBLEM')
    expect(code).toBe(0)
  })

  test('reports a missing camera with cause and remedy', async () => {
    const path = await configFile('[camera1]\ndevice = "/dev/video99"\n')
    const { code, stdout } = await runProgram(['doctor', '--config', path])
    expect(stdout).toMatch(
      /^ {2}PROBLEM {2}camera1 device: \/dev\/video99 does not exist\n +-> Plug the camera in/m,
    )
    expect(code).toBe(1)
  })

  test('tells a program what it finds', async () => {
    const path = await configFile('[camera1]\ndevice = "/dev/video99"\n')
    const { code, stdout } = await runProgram(['doctor', '--json', '--config', path])
    const { ok, checks } = JSON.parse(stdout) as { ok: boolean; checks: { id: string }[] }
    expect([code, ok]).toEqual([1, false])
    expect(checks.find(({ id }) => id === 'camera-device')).toMatchObject({
      status: 'problem',
      message: 'camera1 device: /dev/video99 does not exist',
      hint: expect.stringContaining('Plug the camera in') as string,
      mend: expect.stringContaining('Plug the camera in') as string,
    })
  })

  test('names the process that uses a port it needs', async () => {
    const holder = createServer().listen(0, '127.0.0.1')
    onTestFinished(() => void holder.close())
    await once(holder, 'listening')
    const { port } = holder.address() as { port: number }
    const path = await configFile(
      `[server]\nweb-port = ${port}\nbind-ip = "127.0.0.1"\n[camera1]\ndevice = "test:ball"\n`,
    )
    const { code, stdout } = await runProgram(['doctor', '--config', path])
    expect(code).toBe(1)
    expect(stdout).toContain(`PROBLEM  port ${port}/tcp: server.web-port is in use by `)
    expect(stdout).toContain(`(process ${process.pid})`)
  })

  test('writes a first configuration, from which it starts', async () => {
    const path = join(await mkdtemp(join(tmpdir(), 'rpi-webrtc-')), 'config.toml')
    onTestFinished(async () => await rm(dirname(path), { recursive: true }))
    const { code } = await runProgram(['init', '--test-mode', '--config', path])
    expect(code).toBe(0)
    const again = await runProgram(['init', '--test-mode', '--config', path])
    expect([again.code, again.stderr]).toEqual([1, expect.stringContaining('exists already') as string])
    const toml = await readFile(path, 'utf8')
    const tables = toml
      .slice(toml.indexOf('[camera1]'))
      .replace('#webrtc-port = 5557', 'webrtc-port = $PORT1')
      .replace('#udp-port = 8189', 'udp-port = $UDP')
    const program = await startLive({ tables })
    expect((await program.health()).cameras['camera1']?.state).toBe('live')
  })

  test('reports missing GStreamer, and continues with the other checks', async () => {
    const { code, stdout } = await runProgram(['doctor', '--test-mode'], { PATH: '/nowhere' })
    expect(stdout).toMatch(/^ {2}PROBLEM {2}GStreamer: .*\n +-> sudo apt install/m)
    expect(stdout).toContain('camera1 device: test pattern smpte')
    expect(code).toBe(1)
  })
})

describe('a configuration of an older implementation', () => {
  test('is read as it is', async () => {
    const { code, stdout, stderr } = await runProgram([
      'pipeline',
      'camera1',
      '--config',
      'test/fixtures/configs/older-config.toml',
    ])
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout).toContain('camera-name=/base/axi/pcie@1000120000/rp1/i2c@88000/imx219@10')
    expect(stdout).toContain('video-direction=vert')
    expect(stdout).toContain('keyframe-max-dist=30')
  })

  test('plays in test mode, whatever its devices are', async () => {
    const toml = await readFile(join(root, 'test/fixtures/configs/older-test-config.toml'), 'utf8')
    const tables = toml
      .slice(toml.indexOf('[camera1]'))
      .replace('stun.l.google.com:19302', '127.0.0.1:9') // which the media port asks
      .replace('webrtc-port = 15557', 'webrtc-port = $PORT1')
      .replace('webrtc-port = 15558', 'webrtc-port = $PORT2\n')
    const program = await startLive({ tables: `${tables}\nudp-port = $UDP\n`, args: ['--test-mode'] })
    const config: unknown = await (await fetch(`${program.url}/api/config`)).json()
    expect(config).toMatchObject({
      codec: 'vp8',
      bitrate: 1_000_000,
      keyframe_interval: 30,
      camera1_port: program.webrtcPorts[0],
      camera2_port: program.webrtcPorts[1],
      ice_servers: [{ urls: 'stun:127.0.0.1:9' }],
    })
  })
})

test('the package has the program, its page, its service and its documentation, and nothing else', async () => {
  const { stdout } = await run('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], { cwd: root })
  const [{ files }] = JSON.parse(stdout) as [{ files: { path: string; mode: number }[] }]
  const paths = files.map(({ path }) => path)
  expect(paths).toEqual(
    expect.arrayContaining([
      'dist/main.js',
      'static/index.html',
      'systemd/rpi-webrtc.service',
      'systemd/install.sh',
      'packaging/config.toml',
      'config.example.toml',
      'README.md',
      'SECURITY.md',
      'LICENSE',
    ]),
  )
  const known =
    /^(?:dist\/.*\.js|packaging\/[a-z-]+(?:\.(?:mjs|service|sh|toml))?|static\/.*|systemd\/.*|docs\/.*\.(?:md|json)|bench\/screenshots\/.*\.png|config\.example\.toml|package\.json|[A-Z]+\.md|LICENSE)$/
  expect(paths.filter((path) => !known.test(path) || /\.test\.|secret|\.env/.test(path))).toEqual([])
  const readme = await readFile(join(root, 'README.md'), 'utf8')
  const linked = Array.from(readme.matchAll(/\]\((?!https?:|#)([^)#]+)/g), ([, path]) => path!)
  expect(linked.filter((path) => !paths.includes(path))).toEqual([])
})

/** The ports on which a process can be reached: TCP that listens, and UDP. */
async function openPorts(pid: number): Promise<{ address: string; port: number }[]> {
  const descriptors = await readdir(`/proc/${pid}/fd`)
  const links = await Promise.all(
    descriptors.map(async (fd) => await readlink(`/proc/${pid}/fd/${fd}`).catch(() => '')),
  )
  const inodes = new Set(links.map((link) => /^socket:\[(\d+)\]$/.exec(link)?.[1]))
  const tables = await Promise.all(
    ['tcp', 'tcp6', 'udp', 'udp6'].map(async (name) => {
      const rows = (await readFile(`/proc/net/${name}`, 'utf8').catch(() => '')).trim().split('\n').slice(1)
      return rows
        .map((row) => row.trim().split(/\s+/))
        .filter(
          ([, , , state, , , , , , inode]) => inodes.has(inode) && (state === '0A' || name.startsWith('udp')),
        )
        .map(([, local]) => readAddress(local!))
    }),
  )
  return tables.flat()
}

/** `0100007F:1F90` of /proc/net: an IPv4 address backwards, and a port. An IPv6 address stays as it is. */
function readAddress(text: string): { address: string; port: number } {
  const [address, port] = text.split(':') as [string, string]
  const octets = address.match(/../g)!.map((octet) => Number.parseInt(octet, 16))
  return {
    address: octets.length === 4 ? octets.reverse().join('.') : address,
    port: Number.parseInt(port, 16),
  }
}
