import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { exampleSystem } from '../../test/fakes/system.js'
import { readProcesses, type Processes } from './processes.js'
import { realSystem } from './system.js'

const OURS = { '/opt/rpi-webrtc/package.json': '{\n  "name": "rpi-webrtc",\n' }

/** A machine with these processes, by number: command line, what is open, and the parent. */
async function withProcesses(
  processes: Record<number, { command: string[]; open?: string[]; parent?: number; cwd?: string }>,
  files: Record<string, string> = OURS,
): Promise<Processes> {
  const folders: Record<string, string[]> = { '/proc': ['self', 'net', ...Object.keys(processes)] }
  const links: Record<string, string> = {}
  const texts: Record<string, string> = { ...files }
  for (const [pid, { command, open = [], parent = 1, cwd = '/' }] of Object.entries(processes)) {
    folders[`/proc/${pid}/fd`] = open.map((_, fd) => String(fd))
    for (const [fd, target] of open.entries()) links[`/proc/${pid}/fd/${fd}`] = target
    links[`/proc/${pid}/cwd`] = cwd
    texts[`/proc/${pid}/cmdline`] = command.map((word) => `${word}\0`).join('')
    texts[`/proc/${pid}/stat`] = `${pid} (a (strange) name) S ${parent} ${pid} 0`
  }
  return await readProcesses(exampleSystem({ folders, links, files: texts }))
}

test('the process that uses a device is named', async () => {
  const processes = await withProcesses({
    700: { command: ['/usr/bin/motion', '-b'], open: ['/dev/null', '/dev/video0'] },
    701: { command: ['/usr/bin/python3', '-u', '/home/pi/watch.py'], open: ['/dev/video2'] },
  })
  expect(await processes.holdersOf(['/dev/video0'])).toEqual([{ pid: 700, name: 'motion', isOurs: false }])
  expect(await processes.holdersOf(['/dev/video2'])).toMatchObject([{ name: 'watch.py' }])
  expect(await processes.holdersOf(['/dev/video1'])).toEqual([])
})

test('rpi-webrtc and its capture processes are ours', async () => {
  const processes = await withProcesses({
    800: {
      command: ['/usr/bin/node', '--max-semi-space-size=4', '/opt/rpi-webrtc/dist/main.js', '--config', 'x'],
      open: ['socket:[42]'],
    },
    801: { command: ['gst-launch-1.0', '-q'], open: ['/dev/video0'], parent: 800 },
  })
  expect(processes.server).toEqual({ pid: 800, name: 'rpi-webrtc', isOurs: true })
  expect(await processes.holdersOf(['socket:[42]'])).toEqual([processes.server])
  expect(await processes.holdersOf(['/dev/video0'])).toEqual([
    { pid: 801, name: 'gst-launch-1.0', isOurs: true },
  ])
})

test('it is found by a relative path, too', async () => {
  const files = { '/home/pi/cams/package.json': OURS['/opt/rpi-webrtc/package.json'] }
  const { server } = await withProcesses(
    { 900: { command: ['node', 'dist/main.js', '-t'], cwd: '/home/pi/cams' } },
    files,
  )
  expect(server?.pid).toBe(900)
})

test.each([
  ['another program of that name', ['node', '/srv/shop/dist/main.js']],
  ['a command that only looks', ['node', '/opt/rpi-webrtc/dist/main.js', 'doctor']],
])('%s is no server', async (_what, command) =>
  expect((await withProcesses({ 900: { command } })).server).toBeUndefined(),
)

test('a process of this machine that has a file open is found', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'rpi-webrtc-doctor-'))
  onTestFinished(async () => await rm(folder, { recursive: true }))
  const script = join(folder, 'holds.mjs')
  await writeFile(
    script,
    "import { openSync } from 'node:fs'\nopenSync('/dev/zero', 'r')\nconsole.log('open')\nsetInterval(() => {}, 1000)\n",
  )
  const child = spawn(process.execPath, [script], { stdio: ['ignore', 'pipe', 'inherit'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  await once(child.stdout, 'data')
  const holders = await (await readProcesses(realSystem(process.env))).holdersOf(['/dev/zero'])
  expect(holders).toContainEqual({ pid: child.pid, name: 'holds.mjs', isOurs: false })
})
