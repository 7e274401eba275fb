import { readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { childrenOf, startProgram, until, type Program } from '../support/program.js'
import { unitLimits } from '../support/unit.js'
import { watch } from '../support/watcher.js'
import { isAlive } from '../fakes/alive.js'

const limits = unitLimits(readFileSync('systemd/rpi-webrtc.service', 'utf8'))
const leak = fileURLToPath(new URL('../fixtures/leak.mjs', import.meta.url))

const camera = (number: number): string =>
  `[camera${number}]\ndevice = "test:smpte"\nwidth = 640\nheight = 480\nwebrtc-port = $PORT${number}\n`
const tables = `${camera(1)}${camera(2)}[webrtc]\nudp-port = $UDP\n[limits]\noffers-per-second = 100\n`

/** Two cameras, by a Node.js with the flags of the unit, and more. */
const startAsService = async (...flags: string[]): Promise<Program> =>
  await startProgram({
    tables,
    through: ['sh', '-c', `exec "$0" ${[...limits.nodeFlags, ...flags].join(' ')} "$@"`],
  })

const isLive = async (program: Program): Promise<boolean> => (await program.health()).status === 'ok'

async function residentMb(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  return Number(/^VmRSS:\s+(\d+)/m.exec(status)![1]) / 1024
}

test('with the limits of the unit, viewers of two cameras are served, and all of it fits into the smallest machine', async () => {
  await using program = await startAsService()
  await until(async () => await isLive(program), 20_000)
  const cameras = ['camera1', 'camera2', 'camera1', 'camera2', 'camera1', 'camera2']
  const viewers = await Promise.all(cameras.map(async (name) => await watch(program.url, name)))
  onTestFinished(async () => {
    for (const viewer of viewers) await viewer[Symbol.asyncDispose]()
  })
  await until(() => viewers.every((viewer) => viewer.seen().frames >= 30), 30_000)
  const processes = [program.pid, ...(await childrenOf(program.pid))]
  const resident = await Promise.all(processes.map(residentMb))
  const total = resident.reduce((sum, mb) => sum + mb, 0)
  expect(processes).toHaveLength(3)
  expect(total).toBeLessThan(limits.highMb(416))
}, 60_000)

test('a heap that is full ends the program and its capture processes, so that it is started again', async () => {
  await using program = await startAsService('--import', leak)
  await until(async () => await isLive(program), 20_000)
  const captures = await Promise.all([program.capturePid(1), program.capturePid(2)])
  process.kill(program.pid, 'SIGUSR2')
  expect(await program.exit).toEqual({ code: null, signal: 'SIGABRT' })
  expect(program.output()).toContain('JavaScript heap out of memory')
  await until(() => !captures.some(isAlive), 20_000)
}, 60_000)
