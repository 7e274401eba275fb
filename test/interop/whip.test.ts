import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { startProgram, until } from '../support/program.js'

/** Programs that others wrote publish, and another one that others wrote decodes what our viewers get. */
const TOKEN = 'a-token-of-the-camera'
const FRAMES = 45
const run = promisify(execFile)
const scriptOf = (name: string): string => fileURLToPath(new URL(`python/${name}.py`, import.meta.url))

test.each([
  ['gstreamer_whip', 'vp8', '320x240'],
  ['gstreamer_whip', 'h264', '320x240'],
  ['aiortc_whip', 'vp8', '640x480'],
  ['aiortc_whip', 'h264', '640x480'],
])('%s publishes %s, and aiortc decodes it', async (publisher, codec, size) => {
  await using program = await startProgram({
    tables: `[camera1]\ndevice = "whip"\nwhip-token = "${TOKEN}"\nwebrtc-port = $PORT1\ncodec = "${codec}"\n[webrtc]\nudp-port = $UDP\n`,
  })
  const stateIs = async (state: string): Promise<void> =>
    await until(async () => (await program.health()).cameras['camera1']!.state === state, 30_000)
  const child = spawn(
    'setpriv',
    [
      '--pdeathsig',
      'KILL',
      '--',
      '/usr/bin/python3',
      scriptOf(publisher),
      `${program.url}/camera1/whip`,
      TOKEN,
      codec,
    ],
    { stdio: ['pipe', 'ignore', 'pipe'] },
  )
  onTestFinished(() => void child.kill('SIGKILL'))
  let said = ''
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()))
  await Promise.race([
    stateIs('live'),
    once(child, 'close').then(() => Promise.reject(new Error(`the publisher ended: ${said}`))),
  ])
  const { stdout } = await run('/usr/bin/python3', [
    scriptOf('aiortc_whep'),
    `${program.url}/camera1/whep`,
    `${FRAMES}`,
  ])
  const decoded = JSON.parse(stdout) as { frames: number; size?: string; sound: number; failed?: string }
  expect(decoded).toMatchObject({ frames: FRAMES, size, sound: 0 })
  // It takes leave by DELETE.
  child.stdin.end()
  await stateIs('lost')
  expect(program.output()).toContain('asked-to-leave')
})
