import { createSocket } from 'node:dgram'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { childrenOf, freePorts, startProgram, until, type Program } from '../support/program.js'
import { ViewerClient } from '../support/viewer-client.js'
import { rtpPacket, vp8Key } from '../support/rtp.js'
import { isAlive } from '../fakes/alive.js'

const fixture = fileURLToPath(new URL('../fixtures/uncaught-errors.mjs', import.meta.url))

/** A program in which the fixture throws `error`. */
async function start(
  error: string,
  camera = 'device = "test:ball"\nwidth = 320\nheight = 240',
): Promise<Program> {
  const program = await startProgram({
    tables: `[camera1]\n${camera}\nwebrtc-port = $PORT1\n[webrtc]\nudp-port = $UDP\n`,
    env: { NODE_OPTIONS: `--import ${fixture}`, UNCAUGHT_ERROR: error },
  })
  onTestFinished(async () => await program[Symbol.asyncDispose]())
  return program
}

test.each([
  ['an exception', 'ours', 'Cannot read properties of undefined'],
  ['a rejected promise', 'rejection', 'nothing awaits this'],
  ['an exception after which the clean-up hangs', 'hanging', 'Cannot read properties of undefined'],
])(
  '%s of our code stops the program with exit code 1 and a report, and no capture process remains',
  async (_what, error, message) => {
    const program = await start(error)
    await until(async () => (await program.health()).status === 'ok', 20_000)
    const captures = await childrenOf(program.pid)
    expect(captures).toHaveLength(1)
    process.kill(program.pid, 'SIGUSR2')
    expect(await program.exit).toEqual({ code: 1, signal: null })
    expect(program.output()).toMatch(/rpi-webrtc has a bug and stops; please report what follows version=\d/)
    expect(program.output()).toContain(message)
    expect(program.output()).toContain('uncaught-errors.mjs:') // where it was thrown
    await until(() => !captures.some(isAlive), 20_000)
  },
)

async function connect(program: Program): Promise<ViewerClient> {
  const client = await ViewerClient.open()
  onTestFinished(async () => await client[Symbol.asyncDispose]())
  const response = await fetch(`${program.url}/camera1/whep`, {
    method: 'POST',
    headers: { 'content-type': 'application/sdp' },
    body: client.offer('vp8'),
  })
  client.acceptAnswer(await response.text())
  await client.checkPath()
  return client
}

test.each(['timer', 'promise'])(
  'an error that werift throws in a %s ends its own viewer only',
  async (error) => {
    const [rtpPort] = await freePorts(1)
    const source = createSocket('udp4')
    let sequence = 0
    const sending = setInterval(() => {
      sequence++
      source.send(
        rtpPacket({ sequence, timestamp: sequence * 3000, marker: true, payload: vp8Key }),
        rtpPort,
        '127.0.0.1',
      )
    }, 20)
    onTestFinished(() => {
      clearInterval(sending)
      source.close()
    })
    const program = await start(error, `device = "rtp://127.0.0.1:${rtpPort}"`)
    const first = await connect(program)
    void first.handshake().catch(() => {})
    await until(() => /viewer left.* reason=failed viewers=0/.test(program.output()), 20_000)
    const second = await connect(program)
    await second.handshake()
    await until(() => second.received.length > 10, 20_000)
    expect(program.output()).toMatch(
      /the WebRTC library failed, which ends one viewer camera=camera1 via=whep/,
    )
    expect(program.output()).not.toContain('has a bug')
    process.kill(program.pid, 'SIGTERM')
    expect(await program.exit).toEqual({ code: 0, signal: null })
  },
)

test('an error of werift outside of every viewer is logged, and the program continues', async () => {
  const program = await start('library')
  process.kill(program.pid, 'SIGUSR2')
  await until(() => program.output().includes('the WebRTC library failed; no viewer is affected'), 20_000)
  expect((await program.health()).cameras).toHaveProperty('camera1')
})

test('a warning of Node.js is logged as one line', async () => {
  const program = await start('warning')
  process.kill(program.pid, 'SIGUSR2')
  await until(() => program.output().includes('Node.js warning'), 20_000)
  expect(program.output()).toMatch(
    /^\S+ \S+ WARN main: Node.js warning; please report it warning="OddWarning: this is\\nodd"$/m,
  )
  expect(program.output()).not.toContain('(node:')
})
