import { expect, onTestFinished, test } from 'vitest'
import { openWebSocket } from '../support/listener.js'
import { readParts } from '../support/mjpeg.js'
import { startProgram, until } from '../support/program.js'

const SNAPSHOTS = 40
const WEBSOCKETS = 20
const MJPEG_READERS = 20

test('a crowd of clients on one camera is served without a warning', async () => {
  const camera = (number: number): string =>
    `[camera${number}]\ndevice = "test:ball"\nwidth = 320\nheight = 240\nfps = 15\nwebrtc-port = $PORT${number}\n`
  const program = await startProgram({
    tables: `${camera(1)}on-demand = true\non-demand-close-after = 1\n${camera(2)}[webrtc]\nudp-port = $UDP\nmax-clients = ${MJPEG_READERS}\n`,
  })
  onTestFinished(async () => await program[Symbol.asyncDispose]())
  await until(async () => (await program.health()).status === 'ok', 20_000)

  const inCrowd = async <T>(count: number, each: () => Promise<T>): Promise<T[]> =>
    await Promise.all(Array.from({ length: count }, each))
  const snapshot = (key: string) => async (): Promise<number> => {
    const response = await fetch(`${program.url}/${key}/snapshot.jpg?max_delay=0`)
    await response.arrayBuffer()
    return response.status
  }
  for (const key of ['camera1', 'camera2']) {
    const sockets = inCrowd(
      WEBSOCKETS,
      async () => await openWebSocket(`ws://127.0.0.1:${program.webPort}/${key}/ws`),
    )
    const readers = inCrowd(
      MJPEG_READERS,
      async () => await readParts(await fetch(`${program.url}/${key}/stream.mjpg`), 3),
    )
    expect(await inCrowd(SNAPSHOTS, snapshot(key))).toEqual(Array(SNAPSHOTS).fill(200))
    expect(await sockets).toHaveLength(WEBSOCKETS)
    expect(await readers).toHaveLength(MJPEG_READERS)
  }
  process.kill(program.pid, 'SIGTERM')
  expect(await program.exit).toEqual({ code: 0, signal: null })
  expect(program.output()).not.toMatch(/Warning|WARN/)
}, 60_000)
