import { readFile, rename, writeFile } from 'node:fs/promises'
import { describe, expect, onTestFinished, test } from 'vitest'
import { openWebSocket } from '../support/listener.js'
import { startProgram, until, type Program } from '../support/program.js'
import { ViewerClient, type ReceivedPacket } from '../support/viewer-client.js'

const TABLES = `[camera1]
device = "test:ball"
width = 320
height = 240
fps = 20
low = "160x120@10"
webrtc-port = $PORT1
[webrtc]
udp-port = $UDP
`

async function start(tables = TABLES): Promise<Program> {
  const program = await startProgram({ tables })
  onTestFinished(async () => await program[Symbol.asyncDispose]())
  await until(async () => (await program.health()).status === 'ok', 20_000)
  return program
}

/** A viewer that reports as a browser does. */
async function connect(program: Program, query = '', codec: 'vp8' | 'h264' = 'vp8'): Promise<ViewerClient> {
  const client = await ViewerClient.open()
  const response = await fetch(`${program.url}/camera1/whep${query}`, {
    method: 'POST',
    headers: { 'content-type': 'application/sdp' },
    body: client.offer(codec),
  })
  await client.connect(await response.text())
  const alive = setInterval(() => {
    client.report()
    client.sendRaw(client.check())
  }, 500)
  onTestFinished(async () => {
    clearInterval(alive)
    await client[Symbol.asyncDispose]()
  })
  return client
}

/** RFC 6386 section 9.1: width and height of a VP8 keyframe, behind a payload descriptor with a 15-bit picture id. */
function sizeOfKeyframe({ payload }: ReceivedPacket): string | undefined {
  if (payload[0] !== 0x90 || (payload[4]! & 1) !== 0 || payload.readUIntBE(7, 3) !== 0x9d012a)
    return undefined
  return `${payload.readUInt16LE(10) & 0x3fff}x${payload.readUInt16LE(12) & 0x3fff}`
}
const sizesOf = (packets: ReceivedPacket[]): string[] =>
  packets.map(sizeOfKeyframe).filter((size) => size !== undefined)

interface ListedViewer {
  size?: string
}
const viewersOf = async (program: Program): Promise<ListedViewer[]> =>
  ((await (await fetch(`${program.url}/api/viewers`)).json()) as { viewers: ListedViewer[] }).viewers

describe('a camera with two sizes', () => {
  test('sends each viewer the one that it asks for, and says which', async () => {
    const program = await start()
    const [large, small] = [await connect(program), await connect(program, '?quality=low')]
    await until(() => sizesOf(large.received).length > 0 && sizesOf(small.received).length > 0, 20_000)
    expect([sizesOf(large.received)[0], sizesOf(small.received)[0]]).toEqual(['320x240', '160x120'])
    expect((await viewersOf(program)).map(({ size }) => size).sort()).toEqual(['high', 'low'])
    expect(await (await fetch(`${program.url}/metrics`)).text()).toContain(
      'rpi_webrtc_camera_viewers_low{camera="camera1"} 1',
    )
  })

  test('changes over for a viewer that asks later, without a break in the stream', async () => {
    const program = await start()
    const client = await ViewerClient.open()
    onTestFinished(async () => await client[Symbol.asyncDispose]())
    const { socket, messages } = await openWebSocket(`${program.url.replace('http', 'ws')}/camera1/ws`)
    const send = (message: object): void => socket.send(JSON.stringify(message))
    send({ offer: { type: 'offer', sdp: client.offer('vp8') } })
    const answer = (): string | undefined =>
      (messages as { answer?: { sdp: string } }[]).find((message) => message.answer !== undefined)?.answer!
        .sdp
    await until(() => answer() !== undefined, 20_000)
    await client.connect(answer()!)
    await until(() => client.received.length > 20, 20_000)
    for (const [quality, size] of [
      ['low', '160x120'],
      ['high', '320x240'],
      ['low', '160x120'],
    ] as const) {
      send({ quality })
      await until(() => sizesOf(client.received).at(-1) === size, 20_000)
      const reached = client.received.length
      await until(() => client.received.length > reached + 15, 20_000)
    }
    const { received } = client
    for (const [i, packet] of received.entries()) {
      const before = received[i - 1]
      if (before === undefined) continue
      expect(packet.sequence).toBe((before.sequence + 1) & 0xffff)
      const ticks = (packet.timestamp - before.timestamp) | 0
      expect(ticks).toBeGreaterThanOrEqual(0)
      expect(ticks).toBeLessThan(90_000)
      const id = packet.payload.readUInt16BE(2) & 0x7fff
      const idBefore = before.payload.readUInt16BE(2) & 0x7fff
      expect((id - idBefore + 0x8000) % 0x8000).toBe(ticks === 0 ? 0 : 1)
    }
    expect(new Set(received.map(({ ssrc }) => ssrc)).size).toBe(1)
  })

  test('goes on after its capture process was killed, in both sizes', async () => {
    const program = await start()
    const [large, small] = [await connect(program), await connect(program, '?quality=low')]
    const goOn = async (): Promise<void> => {
      const before = [large, small].map(({ received }) => received.length)
      await until(() => [large, small].every(({ received }, i) => received.length > before[i]! + 20), 20_000)
    }
    await goOn()
    process.kill(await program.capturePid(1), 'SIGKILL')
    await until(async () => (await program.health()).cameras['camera1']!.restarts === 1, 20_000)
    await goOn()
    const [one, other] = [large.received.at(-1)!.timestamp, small.received.at(-1)!.timestamp]
    expect(Math.abs((one - other) | 0)).toBeLessThan(45_000) // one line of timestamps
    expect(sizesOf(small.received).every((size) => size === '160x120')).toBe(true)
  })

  test('that loses the small one by a change of the configuration sends its viewers the large one', async () => {
    const program = await start()
    const small = await connect(program, '?quality=low')
    await until(() => sizesOf(small.received).length > 0, 20_000)
    const toml = await readFile(program.configPath, 'utf8')
    await writeFile(`${program.configPath}~`, toml.replace('low = "160x120@10"', 'low = false'))
    await rename(`${program.configPath}~`, program.configPath)
    // Until it is sent the other one, it may ask for keyframes of the one that is gone.
    await until(() => {
      small.sendPli()
      return sizesOf(small.received).at(-1) === '320x240'
    }, 20_000)
    expect((await viewersOf(program)).map(({ size }) => size)).toEqual([undefined])
  })
})

test('the parameter sets of H.264 come with the change of size', async () => {
  const program = await start(TABLES.replace('fps = 20', 'fps = 20\ncodec = "h264"'))
  const small = await connect(program, '?quality=low', 'h264')
  const isSps = ({ payload }: ReceivedPacket): boolean =>
    (payload[0]! & 0x1f) === 7 || ((payload[0]! & 0x1f) === 24 && (payload[3]! & 0x1f) === 7)
  await until(() => small.received.some(isSps), 20_000)
  expect(isSps(small.received[0]!)).toBe(true)
})
