import { execFileSync } from 'node:child_process'
import { copyFile, mkdir, mkdtemp, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { startProgram, until, type Program } from '../support/program.js'
import { ViewerClient } from '../support/viewer-client.js'

const repository = fileURLToPath(new URL('../..', import.meta.url))

/**
 * The package as `npm install --global` lays it out: the files of the tarball under `lib/node_modules`, the command a link to
 * them. Its dependencies are a link to those of the repository, so that the test needs no registry.
 */
async function install(prefix: string): Promise<{ command: string; root: string }> {
  // Without scripts: `prepack` builds again, and other tests run what is built.
  const packed = execFileSync(
    'npm',
    ['pack', '--json', '--ignore-scripts', '--offline', '--pack-destination', prefix],
    { cwd: repository, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] },
  )
  const [{ filename }] = JSON.parse(packed) as [{ filename: string }]
  const root = join(prefix, 'lib/node_modules/rpi-webrtc')
  await mkdir(root, { recursive: true })
  execFileSync('tar', ['-xzf', join(prefix, filename), '-C', root, '--strip-components=1'])
  await symlink(join(repository, 'node_modules'), join(root, 'node_modules'))
  const command = join(prefix, 'bin/rpi-webrtc')
  await mkdir(join(prefix, 'bin'))
  await symlink('../lib/node_modules/rpi-webrtc/dist/main.js', command)
  return { command, root }
}

let prefix: string
let installed: Awaited<ReturnType<typeof install>>
beforeAll(async () => {
  prefix = await mkdtemp(join(tmpdir(), 'rpi-webrtc-prefix-'))
  installed = await install(prefix)
})
afterAll(async () => await rm(prefix, { recursive: true }))

async function start(env: Record<string, string> = {}): Promise<Program> {
  const program = await startProgram({
    tables:
      '[camera1]\ndevice = "/dev/video99"\nwidth = 320\nheight = 240\nwebrtc-port = $PORT1\n[webrtc]\nudp-port = $UDP\n',
    args: ['--test-mode'],
    main: installed.command,
    env,
  })
  onTestFinished(async () => await program[Symbol.asyncDispose]())
  return program
}

test('an installed program serves its cameras and its page', async () => {
  const program = await start()
  await until(async () => (await program.health()).status === 'ok', 20_000)
  expect(await (await fetch(program.url)).text()).toContain('<html')
})

test('a bug of an installed program stops it, also one in the middle of a handshake', async () => {
  const bug = join(installed.root, 'dist/uncaught-errors.mjs')
  await copyFile(join(repository, 'test/fixtures/uncaught-errors.mjs'), bug)
  const program = await start({ NODE_OPTIONS: `--import ${bug}`, UNCAUGHT_ERROR: 'viewer' })
  const client = await ViewerClient.open()
  onTestFinished(async () => await client[Symbol.asyncDispose]())
  const response = await fetch(`${program.url}/camera1/whep`, {
    method: 'POST',
    headers: { 'content-type': 'application/sdp' },
    body: client.offer('vp8'),
  })
  client.acceptAnswer(await response.text())
  await client.checkPath()
  void client.handshake().catch(() => {})
  expect(await program.exit).toEqual({ code: 1, signal: null })
  expect(program.output()).toMatch(/rpi-webrtc has a bug and stops; please report what follows/)
  expect(program.output()).not.toContain('the WebRTC library failed')
})
