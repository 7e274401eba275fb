import { readFile, writeFile } from 'node:fs/promises'
import { expect, onTestFinished, test } from 'vitest'
import { startProgram, until, type Program } from '../support/program.js'
import { openWhipServer } from '../support/whip-server.js'

/** The whole program, and servers of the test. */

const TOKEN = 's3cret-t0ken'
const KEY_IN_URL = 'k3y-in-the-url'

async function start(pushes: string): Promise<Program> {
  const program = await startProgram({
    tables: `username = "anna"\npassword = "correct horse"
[camera1]\ndevice = "test:ball"\nwidth = 320\nheight = 240\nwebrtc-port = $PORT1\n[webrtc]\nudp-port = $UDP\n${pushes}`,
  })
  onTestFinished(async () => await program[Symbol.asyncDispose]())
  return program
}

const authorization = `Basic ${Buffer.from('anna:correct horse').toString('base64')}`
const ask = async ({ url }: Program, path: string): Promise<{ status: number; text: string }> => {
  const response = await fetch(url + path, { headers: { authorization } })
  return { status: response.status, text: await response.text() }
}
const pushesOf = async (program: Program): Promise<Record<string, unknown>[]> => {
  const { text } = await ask(program, '/api/cameras/camera1')
  return (JSON.parse(text) as { pushes?: Record<string, unknown>[] }).pushes ?? []
}
const become = async (program: Program, states: string[]): Promise<void> =>
  await until(
    async () =>
      JSON.stringify((await pushesOf(program)).map(({ state }) => state)) === JSON.stringify(states),
    40_000,
  )

test('pushes follow the file while the program runs, and the end of the program ends them at the server', async () => {
  const [one, two] = [await openWhipServer(), await openWhipServer()]
  const pushTo = (origin: string): string => `[[camera1.push]]\nurl = "${origin}/whip"\ntoken = "${TOKEN}"\n`
  const program = await start(pushTo(one.origin))
  await until(() => (one.sessions[0]?.packets.length ?? 0) > 20, 40_000)
  const before = await readFile(program.configPath, 'utf8')

  await writeFile(program.configPath, before + pushTo(two.origin))
  process.kill(program.pid, 'SIGHUP')
  await until(() => (two.sessions[0]?.packets.length ?? 0) > 20, 40_000)
  await become(program, ['live', 'live'])
  expect(one.requests).toHaveLength(1)

  await writeFile(program.configPath, before)
  process.kill(program.pid, 'SIGHUP')
  await until(() => two.requests.map(({ method }) => method).join() === 'POST,DELETE', 20_000)
  await become(program, ['live'])
  const packets = one.sessions[0]!.packets.length
  await until(() => one.sessions[0]!.packets.length > packets, 20_000)
  expect(program.output()).not.toMatch(/restarts=[1-9]/)

  await program[Symbol.asyncDispose]()
  expect(one.requests.map(({ method }) => method)).toEqual(['POST', 'DELETE'])
})

test('a required push that is refused degrades /health, and nothing shows its secrets', async () => {
  const server = await openWhipServer({ instead: () => ({ status: 403, body: `not ${TOKEN}` }) })
  const push = (extra: string): string =>
    `[[camera1.push]]\nname = "Hall"\nurl = "${server.origin}/${KEY_IN_URL}"\ntoken = "${TOKEN}"\n${extra}`
  const program = await start(push('required = true\n'))
  await become(program, ['retrying'])
  const health = await ask(program, '/health')
  expect(health.status).toBe(503)
  expect(JSON.parse(health.text)).toMatchObject({
    status: 'degraded',
    cameras: {
      camera1: {
        state: 'live',
        viewers: 0,
        pushes: [{ name: 'Hall', state: 'retrying', cause: 'push-forbidden', required: true }],
      },
    },
  })
  const metrics = await ask(program, '/metrics')
  expect(metrics.text).toContain('rpi_webrtc_push_state{camera="camera1",name="Hall",state="retrying"} 1')
  const shown = await Promise.all(
    ['/health', '/metrics', '/api/cameras', '/api/config', '/api/log', '/api/settings', '/api/doctor'].map(
      async (path) => (await ask(program, path)).text,
    ),
  )
  for (const text of [...shown, program.output()]) {
    expect(text).not.toContain(TOKEN)
    expect(text).not.toContain(KEY_IN_URL)
  }
  expect(program.output().match(/forbids to publish/g)).toHaveLength(1)

  const file = await readFile(program.configPath, 'utf8')
  await writeFile(program.configPath, file.replace('required = true\n', ''))
  process.kill(program.pid, 'SIGHUP')
  await until(async () => (await ask(program, '/health')).status === 200, 20_000)
})
