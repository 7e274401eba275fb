import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import { openWebSocket } from '../support/listener.js'
import { readParts } from '../support/mjpeg.js'
import { childrenOf, startProgram, until, type Program, type ProgramOptions } from '../support/program.js'
import { ViewerClient } from '../support/viewer-client.js'
import { withStandIns } from '../fakes/examples.js'
import { areClose, barsOf, decodeJpeg, SMPTE_BARS } from '../fakes/jpeg.js'

const camera = (number: number, more = ''): string =>
  `[camera${number}]\ndevice = "test:smpte"\nwebrtc-port = $PORT${number}\n${more}\n`

async function start(tables: string, about: Partial<ProgramOptions> = {}): Promise<Program> {
  const program = await startProgram({ ...about, tables: `${tables}[webrtc]\nudp-port = $UDP\n` })
  onTestFinished(async () => await program[Symbol.asyncDispose]())
  return program
}

async function startLive(tables: string): Promise<Program> {
  const program = await start(tables)
  await until(async () => (await program.health()).status === 'ok', 20_000)
  return program
}

const stateOf = async (program: Program): Promise<string> =>
  (await program.health()).cameras['camera1']!.state

async function pictureOf(
  program: Program,
  path: string,
): Promise<{ jpeg: Uint8Array; capturedAtMs: number }> {
  const response = await fetch(program.url + path)
  expect([path, response.status]).toEqual([path, 200])
  const jpeg = new Uint8Array(await response.arrayBuffer())
  return { jpeg, capturedAtMs: 1000 * Number(response.headers.get('x-timestamp')) }
}

describe('pictures over plain HTTP', () => {
  test('show what the camera shows, were captured after the request, and differ from one to the next', async () => {
    const program = await startLive(camera(1) + camera(2, 'flip-method = "horizontal-flip"'))
    const first = decodeJpeg((await pictureOf(program, '/camera1/snapshot.jpg')).jpeg)
    expect(areClose(barsOf(first), SMPTE_BARS)).toBe(true)
    const second = decodeJpeg((await pictureOf(program, '/camera2/?action=snapshot')).jpeg)
    expect(areClose(barsOf(second), [...SMPTE_BARS].reverse())).toBe(true)
    const seen = new Set<string>()
    for (let i = 0; i < 10; i++) {
      const askedAtMs = Date.now()
      const { jpeg, capturedAtMs } = await pictureOf(program, '/snapshot?max_delay=0')
      expect(capturedAtMs).toBeGreaterThan(askedAtMs - 2) // two clocks, read one after the other
      expect(capturedAtMs).toBeLessThanOrEqual(Date.now() + 2)
      seen.add(Buffer.from(jpeg).toString('base64'))
    }
    expect(seen.size).toBe(10) // the clock in the picture moves
  })

  test('are shared by all requests that arrive at once', async () => {
    const program = await startLive(camera(1))
    const beganMs = performance.now()
    const asked = await Promise.all(
      Array.from({ length: 100 }, async () => await pictureOf(program, '/snapshot?max_delay=0')),
    )
    const different = new Set(asked.map(({ jpeg }) => Buffer.from(jpeg).toString('base64')))
    const framesMeanwhile = (performance.now() - beganMs) / (1000 / 30)
    expect(different.size).toBeLessThan(framesMeanwhile + 2)
  })

  test('follow each other as MJPEG, in the order of capture', async () => {
    const program = await startLive(camera(1))
    const parts = await readParts(await fetch(`${program.url}/camera1/stream.mjpg`), 30)
    const times = parts.map(({ headers }) => Number(headers['x-timestamp']))
    expect(times).toEqual([...times].sort((a, b) => a - b))
    expect(areClose(barsOf(decodeJpeg(parts.at(-1)!.body)), SMPTE_BARS)).toBe(true)
    await until(async () => (await fetch(`${program.url}/camera1/snapshot`)).ok, 20_000)
  })

  test('are refused with cause and hint while the camera is lost', async () => {
    const program = await start('[camera1]\ndevice = "/dev/video99"\nwebrtc-port = $PORT1\n')
    for (const path of ['/snapshot', '/stream.mjpg']) {
      const response = await fetch(program.url + path)
      expect([response.status, await response.json()]).toEqual([
        503,
        expect.objectContaining({
          error: 'no-picture',
          cause: 'no-device',
          message: 'There is no /dev/video99.',
          hint: expect.stringContaining('Plug the camera in') as string,
        }),
      ])
    }
  })

  test('cannot be had of a camera that another program sends', async () => {
    const program = await start('[camera1]\ndevice = "rtp://127.0.0.1:$PORT2"\nwebrtc-port = $PORT1\n')
    const response = await fetch(`${program.url}/snapshot`)
    expect([response.status, await response.json()]).toEqual([
      501,
      expect.objectContaining({ cause: 'sent-by-another-program' }),
    ])
  })

  test('are refused when the camera dies while one is made, and come again when it does', async () => {
    const program = await startLive(camera(1))
    const pid = await program.capturePid(1)
    process.kill(pid, 'SIGSTOP')
    const asking = fetch(`${program.url}/snapshot?max_delay=0`)
    const stream = readParts(await fetch(`${program.url}/stream?max_delay=60000`), 40)
    process.kill(pid, 'SIGKILL')
    const response = await asking
    expect([response.status, await response.json()]).toEqual([
      503,
      expect.objectContaining({ error: 'no-picture', cause: 'crashed' }),
    ])
    expect(await stream).toHaveLength(40)
    expect((await fetch(`${program.url}/snapshot?max_delay=0`)).status).toBe(200)
  })

  test('cost no memory for a reader that does not read, and other readers get theirs', async () => {
    const program = await startLive(camera(1, 'width = 1280\nheight = 720\nfps = 30'))
    const residentBytes = async (): Promise<number> => {
      const status = await readFile(`/proc/${program.pid}/status`, 'utf8')
      return 1024 * Number(/^VmRSS:\s+(\d+)/m.exec(status)![1])
    }
    await readParts(await fetch(`${program.url}/stream`), 60) // what a stream needs at all is there from now on
    const before = await residentBytes()
    for (let i = 0; i < 3; i++) {
      const socket = connect({ port: program.webPort, host: '127.0.0.1' })
      onTestFinished(() => void socket.destroy())
      await once(socket, 'connect')
      socket.pause()
      socket.write('GET /stream HTTP/1.1\r\nHost: localhost\r\n\r\n')
    }
    const parts = await readParts(await fetch(`${program.url}/stream`), 200)
    expect(parts).toHaveLength(200)
    expect((await residentBytes()) - before).toBeLessThan(40_000_000)
  })
})

describe('a camera on demand', () => {
  const onDemand = `${camera(1)}[video]\non-demand = true\non-demand-close-after = 1\n`

  async function startIdle(): Promise<Program> {
    const program = await start(onDemand)
    expect(await childrenOf(program.pid)).toEqual([])
    const health = await fetch(`${program.url}/health`)
    expect([health.status, await stateOf(program)]).toEqual([200, 'idle'])
    return program
  }
  const sleeps = async (program: Program): Promise<void> => {
    await until(async () => (await childrenOf(program.pid)).length === 0, 20_000)
    await until(async () => (await stateOf(program)) === 'idle', 20_000)
  }

  test('has a process from its first viewer until after its last', async () => {
    const program = await startIdle()
    const client = await ViewerClient.open()
    onTestFinished(async () => await client[Symbol.asyncDispose]())
    const answer = await fetch(`${program.url}/camera1/whep`, {
      method: 'POST',
      headers: { 'content-type': 'application/sdp' },
      body: client.offer('vp8'),
    })
    await client.connect(await answer.text())
    await until(() => client.received.length > 0, 20_000)
    expect(await childrenOf(program.pid)).toHaveLength(1)
    await fetch(new URL(answer.headers.get('location')!, answer.url), { method: 'DELETE' })
    await sleeps(program)
    expect((await program.health()).cameras['camera1']!.restarts).toBe(0)
  })

  test('tells a client on its WebSocket what it is doing', async () => {
    const program = await startIdle()
    const { messages } = await openWebSocket(`ws://127.0.0.1:${program.webPort}/camera1/ws`)
    const states = () =>
      messages.map((message) => (message as { camera?: { state: string } }).camera?.state).filter(Boolean)
    await until(() => states().length === 1, 20_000)
    await pictureOf(program, '/snapshot')
    await sleeps(program)
    await until(() => states().length === 4, 20_000)
    expect(states()).toEqual(['idle', 'starting', 'live', 'idle'])
  })

  test('is woken by a request for a picture, and by a stream for as long as that is read', async () => {
    const program = await startIdle()
    const { jpeg } = await pictureOf(program, '/snapshot.jpg')
    expect(areClose(barsOf(decodeJpeg(jpeg)), SMPTE_BARS)).toBe(true)
    await sleeps(program)
    expect(await readParts(await fetch(`${program.url}/stream`), 60)).toHaveLength(60) // 2 s: longer than it is kept on
    await sleeps(program)
  })

  test('that crashes while it has a viewer is restarted', async () => {
    const program = await startIdle()
    const stream = readParts(await fetch(`${program.url}/stream`), 60)
    process.kill(await program.capturePid(1), 'SIGKILL')
    expect(await stream).toHaveLength(60)
    expect((await program.health()).cameras['camera1']!.restarts).toBe(1)
  })

  test('ends with the program, watched or not', async () => {
    const program = await startIdle()
    await pictureOf(program, '/snapshot')
    process.kill(program.pid, 'SIGTERM')
    expect(await program.exit).toEqual({ code: 0, signal: null })
  })
})

describe('size=full', () => {
  const MODULE = '/base/soc/i2c0mux/i2c@1/imx219@10'

  /** A camera module whose sensor has 1640x1232 pixels, as rpicam-hello lists it. */
  async function startModule(server = ''): Promise<Program> {
    const folder = await mkdtemp(join(tmpdir(), 'full-size-'))
    onTestFinished(async () => await rm(folder, { recursive: true }))
    const list = `0 : imx219 [1640x1232 10-bit RGGB] (${MODULE})
    Modes: 'SRGGB10_CSI2P' : 640x480 [58.92 fps - (1000, 752)/1280x960 crop]
                             1640x1232 [20.85 fps - (0, 0)/3280x2464 crop]`
    await writeFile(
      join(folder, 'rpicam-hello'),
      `#!/bin/sh\ncat <<'END'\nAvailable cameras\n${list}\nEND\n`,
      {
        mode: 0o755,
      },
    )
    const program = await start(
      `${server}[camera1]\ndevice = "${MODULE}"\nwebrtc-port = $PORT1\n[video]\ncodec = "vp8"\n`,
      {
        env: { ...withStandIns({}, join(folder, 'registry.bin')), PATH: `${folder}:${process.env['PATH']}` },
      },
    )
    await until(async () => (await program.health()).status === 'ok', 40_000)
    return program
  }

  test('is the whole sensor, and a connected viewer goes on', async () => {
    const program = await startModule()
    const client = await ViewerClient.open()
    onTestFinished(async () => await client[Symbol.asyncDispose]())
    const answer = await fetch(`${program.url}/camera1/whep`, {
      method: 'POST',
      headers: { 'content-type': 'application/sdp' },
      body: client.offer('vp8'),
    })
    await client.connect(await answer.text())
    await until(() => client.received.length > 0, 20_000)
    const { jpeg } = await pictureOf(program, '/camera1/snapshot.jpg?size=full')
    const full = decodeJpeg(jpeg)
    expect([full.width, full.height]).toEqual([1640, 1232])
    expect(areClose(barsOf(full), SMPTE_BARS)).toBe(true)
    const received = client.received.length
    await until(() => client.received.length > received + 30, 20_000)
    const usual = decodeJpeg((await pictureOf(program, '/camera1/snapshot.jpg')).jpeg)
    expect([usual.width, usual.height]).toEqual([640, 480])
    const { viewers, restarts_by_cause } = (await program.health()).cameras['camera1']!
    expect([viewers, restarts_by_cause]).toEqual([1, { 'full-size-snapshot': 1 }])
    expect((await fetch(`${program.url}/camera1/snapshot.jpg?size=full`)).status).toBe(429)
    expect(await childrenOf(program.pid)).toHaveLength(1)
  })

  test('of a test picture is its size, without a pause', async () => {
    const program = await startLive(camera(1))
    const { jpeg } = await pictureOf(program, '/camera1/snapshot.jpg?size=full')
    expect(decodeJpeg(jpeg).width).toBe(640)
    expect((await program.health()).cameras['camera1']!.restarts).toBe(0)
  })
})
