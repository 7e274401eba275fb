import { spawnSync } from 'node:child_process'
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import type {
  AppliedAnswer,
  DevicesAnswer,
  DoctorAnswer,
  LogAnswer,
  PreviewAnswer,
  SettingsAnswer,
  SettingsChange,
  SizesAnswer,
} from '../../src/http/routes/owner-answer.js'
import { withStandIns } from '../fakes/examples.js'
import { decodeJpeg } from '../fakes/jpeg.js'
import { startProgram, until, type Program } from '../support/program.js'
import { gaps, watchFrames } from '../support/staying-viewer.js'
import { watch } from '../support/watcher.js'

const MODULE = '/base/soc/i2c0mux/i2c@1/imx708@1a'
const CAMERA =
  '[camera1] # mine\ndevice = "test:smpte"\nwidth = 320\nheight = 240\nfps = 15\nwebrtc-port = $PORT1\n[webrtc]\nudp-port = $UDP\n'

async function folderForTest(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'owner-'))
  onTestFinished(async () => await rm(folder, { recursive: true, force: true }))
  return folder
}

/** A folder for PATH with a program of this text. */
async function folderWith(name: string, script: string): Promise<string> {
  const folder = await folderForTest()
  await writeFile(join(folder, name), `#!/bin/sh\n${script}\n`)
  await chmod(join(folder, name), 0o755)
  return folder
}

const pathWith = (folder: string): string => `${folder}:${process.env['PATH'] ?? ''}`

async function start(tables: string, env: Record<string, string> = {}): Promise<Program> {
  const program = await startProgram({ tables, env })
  onTestFinished(async () => await program[Symbol.asyncDispose]())
  await until(async () => (await program.health()).status === 'ok', 60_000)
  return program
}

type Answered<T> = T & { status: number; error?: string; message?: string }

async function get<T>(program: Program, path: string): Promise<Answered<T>> {
  const response = await fetch(`${program.url}/api/${path}`)
  return { ...((await response.json()) as T), status: response.status }
}

async function post<T>(program: Program, path: string, body?: object): Promise<Answered<T>> {
  const response = await fetch(`${program.url}/api/${path}`, {
    method: 'POST',
    ...(body && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  })
  return { ...((await response.json()) as T), status: response.status }
}

async function change(program: Program, wanted: SettingsChange): Promise<Answered<AppliedAnswer>> {
  const { preview } = await post<PreviewAnswer>(program, 'settings/preview', wanted)
  return await post<AppliedAnswer>(program, 'settings', { ...wanted, preview })
}

/** Of a new picture; without one while the camera restarts. */
async function sizeOf(program: Program): Promise<string | undefined> {
  const response = await fetch(`${program.url}/camera1/snapshot.jpg?max_delay=0`)
  if (!response.ok) return undefined
  const { width, height } = decodeJpeg(new Uint8Array(await response.arrayBuffer()))
  return `${width}x${height}`
}

test('another size is in the pictures, the viewer stays, and undo brings the first one back', async () => {
  const program = await start(CAMERA)
  const client = await watchFrames(program, 'camera1')
  const file = await readFile(program.configPath, 'utf8')
  expect(await sizeOf(program)).toBe('320x240')

  const changed = await change(program, { camera: 'camera1', values: { width: 480, height: 360 } })
  expect(changed).toMatchObject({ status: 200, backup: `${program.configPath}.bak` })
  expect(await readFile(program.configPath, 'utf8')).toBe(file.replace('320', '480').replace('240', '360'))
  await until(async () => (await program.health()).status === 'ok', 20_000)
  await until(async () => (await sizeOf(program)) === '480x360', 20_000)
  const received = client.received.length
  await until(() => client.received.length > received + 20, 20_000)
  expect(gaps(client)).toBe(0)

  expect((await get<SettingsAnswer>(program, 'settings')).undo).toBeDefined()
  expect((await post(program, 'settings/undo')).status).toBe(200)
  expect(await readFile(program.configPath, 'utf8')).toBe(file)
  await until(async () => (await sizeOf(program)) === '320x240', 20_000)
  expect(await post(program, 'settings/undo')).toMatchObject({ status: 409, error: 'nothing-to-undo' })
})

test('a found camera is added to the file and plays', async () => {
  const folder = await folderWith('cam', `echo "1: 'imx708' (${MODULE})"`)
  const standIns = withStandIns(
    { STANDIN_CAMERAS: MODULE, PATH: pathWith(folder) },
    join(folder, 'registry.bin'),
  )
  const program = await start(CAMERA, standIns)
  const found = await get<DevicesAnswer>(program, 'devices')
  expect(found.cameras).toMatchObject([{ device: MODULE, name: 'imx708', kind: 'libcamera' }])
  expect(found.cameras[0]!.used_by).toBeUndefined()
  expect(await post(program, 'settings/preview', { add: '/dev/video0' })).toMatchObject({
    status: 404,
    error: 'no-such-device',
  })

  const preview = await post<PreviewAnswer>(program, 'settings/preview', { add: MODULE })
  expect(preview).toMatchObject({ camera: 'camera2', applies: 'added' })
  expect(preview.lines.map(({ text }) => text)).toContain(`device = "${MODULE}"`)
  // webrtc-port 5558 is the default of camera2, and another test may have it.
  await post(program, 'settings', { add: MODULE, preview: preview.preview })
  await until(async () => (await program.health()).cameras['camera2']?.state === 'live', 30_000)
  const codec = preview.lines.some(({ text }) => text === 'codec = "h264"') ? 'h264' : 'vp8'
  await using watcher = await watch(program.url, 'camera2', { codec })
  await until(() => watcher.seen().frames > 20, 20_000)
  const again = await get<DevicesAnswer>(program, 'devices')
  expect(again.cameras[0]).toMatchObject({ device: MODULE, used_by: 'camera2' })
  const { cameras } = await get<SettingsAnswer>(program, 'settings')
  expect(cameras.map(({ key, device }) => `${key} ${device}`)).toEqual([
    'camera1 test:smpte',
    `camera2 ${MODULE}`,
  ])
})

test('the sizes of a USB camera are those of its driver, and one of them is in the pictures', async () => {
  const fakes = fileURLToPath(new URL('../fakes/v4l2', import.meta.url))
  const usb = CAMERA.replace('test:smpte', '/dev/video9')
  const program = await start(usb, { FAKE_V4L2: await folderForTest(), PATH: pathWith(fakes) })
  const { status, camera, sizes } = await get<SizesAnswer>(program, 'cameras/camera1/sizes')
  expect({ status, camera, sizes }).toEqual({
    status: 200,
    camera: 'camera1',
    sizes: [
      { width: 320, height: 240, rates: [30, 15] },
      { width: 640, height: 480, rates: [25, 10] },
    ],
  })
  const { width, height, rates } = sizes[1]!
  await change(program, { camera: 'camera1', values: { width, height, fps: rates[1]! } })
  await until(async () => (await sizeOf(program)) === '640x480', 20_000)
  expect(await get(program, 'cameras/camera9/sizes')).toMatchObject({ status: 404, error: 'no-such-camera' })
})

test('a change that cannot be loaded puts the file back and says why', async () => {
  const folder = await folderWith(
    'gst-inspect-1.0',
    'if [ -e "$0.off" ]; then exit 0; fi; PATH=${PATH#*:} exec gst-inspect-1.0 "$@"',
  )
  const program = await start(CAMERA, { PATH: pathWith(folder) })
  const file = await readFile(program.configPath, 'utf8')
  await writeFile(join(folder, 'gst-inspect-1.0.off'), '') // as if its plugins had been removed
  const answer = await change(program, { camera: 'camera1', values: { width: 640 } })
  expect(answer).toMatchObject({ status: 409, error: 'change-rejected' })
  expect(answer.message).toContain(`${program.configPath} is as it was: GStreamer lacks`)
  expect(answer.message).toContain('apt install')
  expect(await readFile(program.configPath, 'utf8')).toBe(file)
  expect(await sizeOf(program)).toBe('320x240')
  expect((await program.health()).status).toBe('ok')
})

const canMount =
  process.getuid?.() === 0 &&
  spawnSync('unshare', ['--mount', 'sh', '-c', 'mount --bind /tmp /tmp && mount -o remount,ro,bind /tmp'])
    .status === 0
/** The folder of the configuration, which is the last argument, becomes read-only, as systemd's ProtectSystem=strict makes it. */
const READ_ONLY =
  'for last; do :; done; folder=$(dirname "$last"); mount --bind "$folder" "$folder" && mount -o remount,ro,bind "$folder" && exec "$@"'

test.skipIf(!canMount)('a read-only file is not changed, and the answer says what to do', async () => {
  const through = ['unshare', '--mount', 'sh', '-c', READ_ONLY, 'sh']
  const program = await startProgram({ tables: CAMERA, through })
  onTestFinished(async () => await program[Symbol.asyncDispose]())
  const settings = await get<SettingsAnswer>(program, 'settings')
  expect(settings.why).toMatchObject({ error: 'not-writable' })
  expect(settings.why!.message).toContain('docs/operations.md (saving controls)')
  expect(settings.cameras).toHaveLength(1)
  const file = await readFile(program.configPath, 'utf8')
  const answer = await change(program, { camera: 'camera1', values: { width: 640 } })
  expect(answer).toMatchObject({ status: 409, error: 'not-writable', message: settings.why!.message })
  expect(await readFile(program.configPath, 'utf8')).toBe(file)
})

test('an ended viewer gets no further packet, and is gone from the list', async () => {
  const program = await start(CAMERA)
  const client = await watchFrames(program, 'camera1')
  const { viewers } = await get<{ viewers: { id: number }[] }>(program, 'viewers')
  expect(viewers).toHaveLength(1)
  const ended = await fetch(`${program.url}/api/viewers/${viewers[0]!.id}`, { method: 'DELETE' })
  expect(ended.status).toBe(204)
  await until(async () => (await get<{ viewers: object[] }>(program, 'viewers')).viewers.length === 0, 10_000)
  const other = await watchFrames(program, 'camera1')
  const last = client.received.length
  const received = other.received.length
  await until(() => other.received.length > received + 30, 20_000)
  expect(client.received.length).toBe(last)
})

test('doctor runs once for all who ask, and the event loop goes on meanwhile', async () => {
  const program = await start(CAMERA)
  const asked = Array.from({ length: 5 }, async () => await get<DoctorAnswer>(program, 'doctor'))
  let answered = 0
  let health = 0
  for (const one of asked) void one.then(() => answered++)
  while (answered === 0) {
    await program.health()
    health++
  }
  const reports = await Promise.all(asked)
  expect(health).toBeGreaterThan(2)
  expect(new Set(reports.map(({ chapters }) => JSON.stringify(chapters))).size).toBe(1)
  const titles = reports[0]!.chapters.map(({ title }) => title)
  expect(titles).toEqual(['This machine', 'GStreamer', 'Cameras', 'Network'])
  expect(reports[0]!.chapters.flatMap(({ checks }) => checks).every(({ detail }) => detail !== '')).toBe(true)
})

test('the log shows what the program writes, and no credentials', async () => {
  const secrets = ['hunter2hunter2', '0123456789abcdef-token']
  const login = `username = "anna"\npassword = "${secrets[0]}"\ntoken = "${secrets[1]}"\n`
  const program = await startProgram({ tables: login + CAMERA })
  onTestFinished(async () => await program[Symbol.asyncDispose]())
  const headers = { authorization: `Basic ${Buffer.from(`anna:${secrets[0]}`).toString('base64')}` }
  await fetch(`${program.url}/api/settings/preview?token=${secrets[1]}`, {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/json' },
    body: JSON.stringify({ camera: 'camera1', values: { name: secrets[0] } }),
  })
  const response = await fetch(`${program.url}/api/log`, { headers })
  const text = await response.text()
  const { lines } = JSON.parse(text) as LogAnswer
  expect(lines.map(({ message }) => message)).toContainEqual(expect.stringContaining('watch at http'))
  for (const secret of secrets) expect(text).not.toContain(secret)
  const later = await fetch(`${program.url}/api/log?after=${lines.at(-1)!.number}`, { headers })
  expect(((await later.json()) as LogAnswer).lines.length).toBeLessThan(lines.length)
  const watching = await fetch(`${program.url}/api/log?token=${secrets[1]}`)
  expect(watching.status).toBe(403)
})

test('the program restarts only where systemd starts it again', async () => {
  const program = await start(CAMERA)
  expect((await get<SettingsAnswer>(program, 'settings')).restart).toMatchObject({ possible: false })
  expect(await post(program, 'restart')).toMatchObject({ status: 409, error: 'no-supervisor' })
  expect((await program.health()).status).toBe('ok')
})

test('a request that a page of another origin could send changes nothing', async () => {
  const program = await start(CAMERA)
  const body = JSON.stringify({ camera: 'camera1', values: { width: 640 }, preview: '' })
  const send = async (headers: Record<string, string>): Promise<number> =>
    (await fetch(`${program.url}/api/settings`, { method: 'POST', headers, body })).status
  expect(await send({ 'content-type': 'text/plain' })).toBe(415)
  expect(await send({ 'content-type': 'application/json', origin: 'http://evil.example' })).toBe(403)
  const undo = await fetch(`${program.url}/api/settings/undo`, {
    method: 'POST',
    headers: { origin: 'http://evil.example' },
  })
  expect(undo.status).toBe(403)
  const page = await fetch(`${program.url}/owner`)
  expect(page.headers.get('content-security-policy')).toContain("frame-ancestors 'self'")
})
