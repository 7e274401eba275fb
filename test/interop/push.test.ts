import { execFile, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, symlinkSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import { hasJanus, openJanusWhip, startJanus, type Janus } from '../support/janus.js'
import { freePorts, startProgram, until, type Program } from '../support/program.js'

/** Media servers that others wrote, to which the whole program pushes: frames have to be decoded behind each. */

const run = promisify(execFile)
/** Of each picture; 30 frames are sent in each. `PUSH_SECONDS=60` is a run before a release. */
const SECONDS = Number(process.env['PUSH_SECONDS'] ?? 2)
const FRAMES = SECONDS * 30
const LIMIT_MS = 60_000 + SECONDS * 2000
vi.setConfig({ testTimeout: 2 * LIMIT_MS })
const SIZE = 'width = 320\nheight = 240'

/** The RTP that a server forwards, decoded by GStreamer. Resolves when so many frames were. */
async function decoded(codec: 'vp8' | 'h264', port: number, frames = FRAMES): Promise<void> {
  const caps = `application/x-rtp,media=video,clock-rate=90000,encoding-name=${codec.toUpperCase()}`
  const decode =
    codec === 'vp8' ? ['rtpvp8depay', '!', 'vp8dec'] : ['rtph264depay', '!', 'h264parse', '!', h264Decoder()]
  await run(
    'setpriv',
    [
      ...['--pdeathsig', 'KILL', '--', 'gst-launch-1.0'],
      ...[
        '-q',
        'udpsrc',
        `port=${port}`,
        'address=127.0.0.1',
        `caps=${caps}`,
        '!',
        'rtpjitterbuffer',
        '!',
        ...decode,
      ],
      ...['!', 'video/x-raw,width=320,height=240', '!', 'identity', `eos-after=${frames}`, '!', 'fakesink'],
    ],
    { timeout: LIMIT_MS },
  )
}

const hasElement = (name: string): boolean => {
  try {
    execFileSync('gst-inspect-1.0', ['--exists', name])
    return true
  } catch {
    return false
  }
}
const h264Decoder = (): string => (hasElement('avdec_h264') ? 'avdec_h264' : 'openh264dec')

interface Push {
  name: string
  state: string
  cause?: string
  message?: string
  keyframe_requests: number
  reconnects: number
  round_trip_seconds?: number
}

const pushesOf = async (program: Program, camera = 'camera1'): Promise<Push[]> =>
  ((await program.health()).cameras[camera] as unknown as { pushes: Push[] }).pushes

const becomesLive = async (program: Program, camera?: string): Promise<void> => {
  let last: Push | undefined
  await until(async () => {
    ;[last] = await pushesOf(program, camera)
    return last?.state === 'live'
  }, 30_000).catch(() => {
    throw new Error(`the push is not live: ${JSON.stringify(last)}`)
  })
}

/** One camera that is pushed. */
async function startPush(codec: string, push: string): Promise<Program> {
  const program = await startProgram({
    bindIp: '0.0.0.0', // the ICE agents of Janus and aiortc answer no loopback address
    tables: `[camera1]\ndevice = "test:ball"\n${SIZE}\nwebrtc-port = $PORT1\ncodec = "${codec}"
[camera1.push]\n${push}\n[webrtc]\nudp-port = $UDP\n`,
  })
  onTestFinished(async () => await program[Symbol.asyncDispose]())
  return program
}

describe.skipIf(!hasJanus)('Janus', () => {
  let janus: Janus | undefined
  beforeAll(async () => {
    janus = await startJanus()
  })
  afterAll(async () => await janus?.[Symbol.asyncDispose]())

  test.each(['vp8', 'h264'] as const)(
    'decodes %s that its VideoRoom forwards, also after it was restarted',
    async (codec) => {
      const [port] = await freePorts(1)
      await using whip = await openJanusWhip(janus!.api, { '/whip': { codec, port: port! } })
      const program = await startPush(codec, `url = "${whip.origin}/whip"`)
      await becomesLive(program)
      await decoded(codec, port!)
      const [push] = await pushesOf(program)
      expect(push).toMatchObject({ reconnects: 0 })
      expect(push!.round_trip_seconds).toBeGreaterThanOrEqual(0)

      await janus!.restart(2000)
      const startedMs = performance.now()
      await until(async () => (await pushesOf(program))[0]!.reconnects === 1, 60_000)
      await decoded(codec, port!)
      process.stdout.write(
        `Janus, ${codec}: frames ${Math.round((performance.now() - startedMs) / 100) / 10} s after it is back\n`,
      )
    },
  )
})

const PION = '/usr/share/gocode/src/github.com/pion/webrtc'
const hasPion = existsSync(PION) && existsSync('/usr/bin/go')

describe.skipIf(!hasPion)('pion', () => {
  let folder: string
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'pion-'))
    mkdirSync(join(folder, 'go/src/github.com/pion/webrtc'), { recursive: true })
    // Debian has version 3 without the folder that its imports name.
    symlinkSync(PION, join(folder, 'go/src/github.com/pion/webrtc/v3'))
    const source = fileURLToPath(new URL('pion/whip-receiver.go', import.meta.url))
    await run('go', ['build', '-o', join(folder, 'whip-receiver'), source], {
      env: { ...process.env, GO111MODULE: 'off', GOFLAGS: '', GOPATH: `${folder}/go:/usr/share/gocode` },
    })
  }, 300_000)
  afterAll(async () => await rm(folder, { recursive: true, force: true }))

  test.each<['vp8' | 'h264', string[]]>([
    ['vp8', ['-role', 'client']],
    ['vp8', ['-role', 'server']],
    ['h264', ['-role', 'server', '-lite']],
    ['h264', ['-role', 'client', '-lite']],
  ])('decodes %s that it forwards, with %j', async (codec, flags) => {
    const [port, http] = await freePorts(2)
    const child = spawn(
      'setpriv',
      [
        '--pdeathsig',
        'KILL',
        '--',
        join(folder, 'whip-receiver'),
        '-listen',
        `127.0.0.1:${http}`,
        '-forward',
        `127.0.0.1:${port}`,
        ...flags,
      ],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    )
    const exit = once(child, 'exit')
    onTestFinished(async () => {
      child.kill()
      await exit
    })
    await once(child.stdout, 'data')
    const program = await startPush(codec, `url = "http://127.0.0.1:${http}/whip"\ntoken = "pion"`)
    await becomesLive(program)
    await decoded(codec, port!)
  })
})

const hasAiortc = ((): boolean => {
  try {
    execFileSync('/usr/bin/python3', ['-c', 'import aiortc, aiohttp'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
})()

test.skipIf(!hasAiortc).each(['vp8', 'h264'] as const)('aiortc decodes %s', async (codec) => {
  const [port] = await freePorts(1)
  const script = fileURLToPath(new URL('python/whip_receiver.py', import.meta.url))
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', '--', '/usr/bin/python3', script, String(port)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const exit = once(child, 'exit')
  onTestFinished(async () => {
    child.kill()
    await exit
  })
  let said = ''
  child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()))
  await startPush(codec, `url = "http://127.0.0.1:${port}/whip"`)
  await until(() => Number(/frames (\d+) 320 240\n$/.exec(said)?.[1] ?? 0) >= FRAMES, LIMIT_MS)
})
