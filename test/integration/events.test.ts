import { readFile, writeFile } from 'node:fs/promises'
import { expect, onTestFinished, test } from 'vitest'
import { startProgram, until, type Program } from '../support/program.js'
import { watchFrames } from '../support/staying-viewer.js'

const PASSWORD = 'a-password-for-tests'
const TOKEN = 'a-token-for-tests-0123'
const camera = (number: number): string =>
  `[camera${number}]\nname = "Camera ${number}"\ndevice = "test:ball"\nwidth = 320\nheight = 240\nfps = 15\nwebrtc-port = $PORT${number}\n`
const BASIC = `Basic ${Buffer.from(`admin:${PASSWORD}`).toString('base64')}`

async function start(server = ''): Promise<Program> {
  const program = await startProgram({ tables: server + camera(1) + '[webrtc]\nudp-port = $UDP\n' })
  onTestFinished(async () => await program[Symbol.asyncDispose]())
  return program
}

type Events = Record<string, unknown>

/** Follows the events as a browser does. @returns the newest state of each, and how many of each came. */
async function follow(program: Program, headers: Record<string, string> = {}) {
  const leaving = new AbortController()
  const response = await fetch(`${program.url}/api/events`, { headers, signal: leaving.signal })
  expect(response.status).toBe(200)
  expect(response.headers.get('content-type')).toBe('text/event-stream')
  const newest: Events = {}
  const counts: Record<string, number> = {}
  let ended = false
  const parse = (block: string): void => {
    const name = /^event: (.*)$/m.exec(block)?.[1]
    const data = /^data: (.*)$/m.exec(block)?.[1]
    if (name === undefined || data === undefined) return
    newest[name] = JSON.parse(data)
    counts[name] = (counts[name] ?? 0) + 1
  }
  const reading = (async () => {
    let text = ''
    for await (const chunk of response.body!) {
      const blocks = (text + Buffer.from(chunk).toString()).split('\n\n')
      text = blocks.pop()!
      blocks.forEach(parse)
    }
  })()
    .catch(() => {}) // it left, or was disconnected
    .finally(() => (ended = true))
  onTestFinished(() => leaving.abort())
  return { newest, counts, isOver: () => ended, leave: async () => (leaving.abort(), await reading) }
}

test(
  'a page sees a camera fail and come back, and hears nothing while all is well',
  { timeout: 90_000 },
  async () => {
    const program = await start()
    await until(async () => (await program.health()).status === 'ok', 20_000)
    const { newest, counts } = await follow(program)
    await until(() => newest['config'] !== undefined && newest['cameras'] !== undefined, 10_000)
    expect(newest['config']).toMatchObject({
      cameras: [{ key: 'camera1', name: 'Camera 1', ws: '../camera1/ws' }],
    })
    expect(newest['config']).not.toHaveProperty('ice_servers')
    expect(newest['cameras']).toMatchObject({ camera1: { state: 'live', restarts: 0 } })
    const before = { ...counts }
    await watchFrames(program, 'camera1')
    process.kill(await program.capturePid(1), 'SIGKILL')
    await until(() => (newest['cameras'] as { camera1: { restarts: number } }).camera1.restarts === 1, 20_000)
    await until(() => (newest['cameras'] as { camera1: { state: string } }).camera1.state === 'live', 20_000)
    expect(counts['config']! - before['config']!).toBeLessThanOrEqual(2) // its snapshot went and came
    expect(newest['viewers']).toMatchObject({ viewers: [{ camera: 'camera1', connected: true }] })
  },
)

test(
  'a camera that is added to the file appears, one that is renamed has its new name',
  { timeout: 90_000 },
  async () => {
    const program = await start()
    const { newest } = await follow(program)
    const names = (): string[] =>
      ((newest['config'] as { cameras: { name: string }[] } | undefined)?.cameras ?? []).map(
        ({ name }) => name,
      )
    await until(() => names().join() === 'Camera 1', 10_000)
    const toml = await readFile(program.configPath, 'utf8')
    const second = camera(2).replace('$PORT2', String(program.webrtcPorts[1]))
    await writeFile(program.configPath, toml.replace('"Camera 1"', '"Bird box"') + second)
    await until(() => names().join() === 'Bird box,Camera 2', 20_000)
  },
)

test(
  'the token gets no addresses of viewers, nobody gets events without credentials, and new ones end them',
  { timeout: 90_000 },
  async () => {
    const program = await start(`username = "admin"\npassword = "${PASSWORD}"\ntoken = "${TOKEN}"\n`)
    expect((await fetch(`${program.url}/api/events`)).status).toBe(401)
    const head = await fetch(`${program.url}/api/events?token=${TOKEN}`, { method: 'HEAD' })
    expect(head.status).toBe(200)
    const watcher = await follow(program, { authorization: `Bearer ${TOKEN}` })
    const owner = await follow(program, { authorization: BASIC })
    await until(
      () => watcher.newest['cameras'] !== undefined && owner.newest['controls'] !== undefined,
      10_000,
    )
    expect(Object.keys(watcher.newest).sort()).toEqual(['cameras', 'config'])
    expect(Object.keys(owner.newest).sort()).toEqual(['cameras', 'config', 'controls', 'viewers'])
    const toml = await readFile(program.configPath, 'utf8')
    await writeFile(program.configPath, toml.replace(PASSWORD, `${PASSWORD}-2`))
    await until(() => watcher.isOver() && owner.isOver(), 20_000)
  },
)

test('one network cannot take all places, and leaves them when it goes', { timeout: 90_000 }, async () => {
  const program = await start()
  const followers = []
  for (let i = 0; i < 64; i++) followers.push(await follow(program))
  const refused = await fetch(`${program.url}/api/events`)
  expect(refused.status).toBe(503)
  expect(refused.headers.get('retry-after')).toBe('30')
  expect(await refused.json()).toMatchObject({ error: 'too-many-followers' })
  for (const { leave } of followers) await leave()
  await until(async () => {
    const { status, body } = await fetch(`${program.url}/api/events`)
    await body?.cancel()
    return status === 200
  }, 10_000)
})
