import { readFile, writeFile } from 'node:fs/promises'
import { describe, expect, onTestFinished, test } from 'vitest'
import { makeCertificate } from '../support/certificate.js'
import { hasCoturn, startCoturn, type Coturn, type CoturnOptions } from '../support/coturn.js'
import { freePorts, startProgram, until, type Program } from '../support/program.js'
import { watch } from '../support/watcher.js'

/**
 * A camera that is pushed to another program through coturn. No direct path exists: the media port of the camera has IPv6 only, that of the
 * other program IPv4 only.
 */

const TOKEN = 'a-token-of-the-camera'

interface Push {
  state: string
  cause?: string
  message?: string
  relayed?: boolean
  reconnects: number
  sent_packets: number
}

const pushOf = async (program: Program): Promise<Push> =>
  ((await program.health()).cameras['camera1'] as unknown as { pushes: Push[] }).pushes[0]!

async function openCoturn(options: Partial<CoturnOptions> = {}): Promise<Coturn> {
  const [port, tlsPort] = await freePorts(2)
  const coturn = await startCoturn({ port: port!, tlsPort: tlsPort!, ...options })
  onTestFinished(async () => await coturn[Symbol.asyncDispose]())
  return coturn
}

async function startPair(
  codec: 'vp8' | 'h264',
  turn: { servers: string[]; secret: string },
  env: Record<string, string> = {},
): Promise<{ sender: Program; receiver: Program }> {
  const receiver = await startProgram({
    tables: `[camera1]\ndevice = "whip"\nwhip-token = "${TOKEN}"\ncodec = "${codec}"\nwebrtc-port = $PORT1\n[webrtc]\nudp-port = $UDP\n`,
  })
  onTestFinished(async () => await receiver[Symbol.asyncDispose]())
  const sender = await startProgram({
    env,
    tables: `[camera1]\ndevice = "test:ball"\nwidth = 320\nheight = 240\ncodec = "${codec}"\nwebrtc-port = $PORT1
[camera1.push]\nurl = "${receiver.url}/camera1/whip"\ntoken = "${TOKEN}"
[webrtc]\nudp-port = $UDP\nudp-bind-ip = "::1"\ntcp = false\nturn-servers = ${JSON.stringify(turn.servers)}\nturn-secret = "${turn.secret}"\n`,
  })
  onTestFinished(async () => await sender[Symbol.asyncDispose]())
  return { sender, receiver }
}

const becomes = async (program: Program, state: string, limitMs = 40_000): Promise<Push> => {
  let last: Push | undefined
  await until(async () => (last = await pushOf(program)).state === state, limitMs).catch(() => {
    throw new Error(`the push is not ${state}: ${JSON.stringify(last)}\n${program.output().slice(-3000)}`)
  })
  return last!
}

describe.skipIf(!hasCoturn)('coturn', () => {
  test.each([
    ['vp8', 'udp'],
    ['h264', 'udp'],
    ['h264', 'tcp'],
  ] as const)(
    'relays %s over %s, and viewers of the other program get every frame',
    async (codec, transport) => {
      const coturn = await openCoturn()
      const servers = [`turn:127.0.0.1:${coturn.port}?transport=${transport}`]
      const { sender, receiver } = await startPair(codec, { servers, secret: coturn.secret })
      const push = await becomes(sender, 'live')
      expect(push.relayed).toBe(true)
      const watcher = await watch(receiver.url, 'camera1', { codec })
      onTestFinished(async () => await watcher[Symbol.asyncDispose]())
      await until(() => watcher.seen().frames > 30, 30_000)
      watcher.restart()
      await until(() => watcher.seen().frames > 90, 30_000)
      expect(watcher.seen()).toMatchObject({ missing: 0, backward: 0 })
      await sender[Symbol.asyncDispose]()
      await until(() => /refreshed.*lifetime=0/.test(coturn.output()), 10_000)
    },
  )

  test('relays over TLS with a certificate that the machine trusts', async () => {
    await using certificate = await makeCertificate('localhost')
    const coturn = await openCoturn({ certificate })
    const servers = [`turns:localhost:${coturn.tlsPort}?transport=tcp`]
    const secret = coturn.secret
    const { sender } = await startPair(
      'vp8',
      { servers, secret },
      { NODE_EXTRA_CA_CERTS: certificate.certPath },
    )
    expect(await becomes(sender, 'live')).toMatchObject({ relayed: true })
    const { sender: distrustful } = await startPair('vp8', { servers, secret })
    await becomes(distrustful, 'retrying')
    expect((await pushOf(distrustful)).message).toMatch(/a certificate that this machine does not trust/)
  })

  test('a wrong secret is named, and the right one makes the push live without a restart of the camera', async () => {
    const coturn = await openCoturn()
    const servers = [`turn:127.0.0.1:${coturn.port}?transport=udp`]
    const { sender } = await startPair('vp8', { servers, secret: 'wrong' })
    await becomes(sender, 'retrying')
    const push = await pushOf(sender)
    expect(push).toMatchObject({ cause: 'push-ice-failed' })
    expect(push.message).toContain('does not accept the credentials (401)')
    expect(sender.output().match(/does not accept the credentials/g)!.length).toBeLessThanOrEqual(2)
    const file = await readFile(sender.configPath, 'utf8')
    await writeFile(sender.configPath, file.replace('"wrong"', `"${coturn.secret}"`))
    process.kill(sender.pid, 'SIGHUP')
    expect(await becomes(sender, 'live', 60_000)).toMatchObject({ relayed: true })
    expect((await sender.health()).cameras['camera1']).toMatchObject({ state: 'live', restarts: 0 })
  })

  test.each(['udp', 'tcp'])('that is killed and comes back is used again over %s', async (transport) => {
    const coturn = await openCoturn()
    const servers = [`turn:127.0.0.1:${coturn.port}?transport=${transport}`]
    const { sender } = await startPair('vp8', { servers, secret: coturn.secret })
    await becomes(sender, 'live')
    await coturn.restart(1000)
    await until(async () => (await pushOf(sender)).reconnects > 0, 60_000)
    const { sent_packets: before } = await becomes(sender, 'live')
    await until(async () => (await pushOf(sender)).sent_packets > before + 50, 20_000)
  })
})
