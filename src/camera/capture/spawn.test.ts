import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { expect, onTestFinished, test, vi } from 'vitest'
import { isAlive } from '../../../test/fakes/alive.js'
import type { Command } from '../gstreamer/command.js'
import { preferForOomKiller } from './oom-score.js'
import { spawnChild, type Child } from './spawn.js'
import { stopChild } from './stop-child.js'

const fixture = (name: string, ...args: string[]): Command => ({
  file: process.execPath,
  args: [`test/fixtures/camera-${name}.mjs`, ...args],
  env: process.env,
})

function start(command: Command, onLine?: (line: string) => void): Child {
  const child = spawnChild(command, onLine)
  onTestFinished(() => child.kill('SIGKILL'))
  return child
}

const ready = async (child: Child) =>
  await vi.waitFor(() => expect(child.stderr()).toContain('ready'), { timeout: 5000, interval: 5 })

test('an exit is reported with its code and the last lines of stderr', async () => {
  const ending = await start(fixture('that-dies')).ended
  expect(ending).toMatchObject({ how: 'exited', code: 255, signal: null })
  expect(ending.stderr.join()).toContain('Could not find any supported camera')
})

test('a program that does not exist is reported, not thrown', async () => {
  const child = start({ file: '/nowhere/program', args: [], env: {} })
  expect(child.pid).toBeUndefined()
  expect(await child.ended).toMatchObject({ how: 'not-started' })
})

test('endless output is read to its end, and little of it is kept', async () => {
  let lines = 0
  const { stderr, code } = await start(fixture('that-spews', '20000'), () => lines++).ended
  expect({ code, lines, kept: stderr.length }).toEqual({ code: 0, lines: 20_000, kept: 40 })
  expect(stderr.at(-1)).toMatch(/^19999 x+$/)
  expect(stderr.every((line) => line.length === 500)).toBe(true)
})

test('the OOM killer prefers a capture process to this one', async () => {
  const scoreOf = (pid: number | 'self') => Number(readFileSync(`/proc/${pid}/oom_score_adj`, 'utf8'))
  const child = start(fixture('that-says-nothing'))
  await ready(child)
  expect(scoreOf(child.pid!)).toBe(Math.min(1000, scoreOf('self') + 500))
})

test('setting the OOM score of a process that is gone is not an error', () =>
  expect(() => preferForOomKiller(2 ** 30)).not.toThrow())

test('a process that obeys SIGINT is gone within the grace period', async () => {
  const child = start(fixture('that-says-nothing'))
  await ready(child)
  expect(await stopChild(child, { graceMs: 5000, killMs: 0 })).toBe('gone')
  expect(await child.ended).toMatchObject({ signal: 'SIGINT' })
})

test('a process that ignores SIGINT is killed after the grace period', async () => {
  const child = start(fixture('that-will-not-stop'))
  await ready(child)
  expect(await stopChild(child, { graceMs: 50, killMs: 5000 })).toBe('gone')
  expect(await child.ended).toMatchObject({ signal: 'SIGKILL' })
})

test('a process that survives SIGKILL is stuck', async () => {
  const kill = vi.fn()
  const inADriver = { ended: new Promise<never>(() => {}), kill }
  expect(await stopChild(inADriver, { graceMs: 10, killMs: 10 })).toBe('stuck')
  expect(kill.mock.calls).toEqual([['SIGINT'], ['SIGKILL']])
})

test('no capture process outlives a parent that was killed', async () => {
  const capture: Command = {
    file: 'setpriv',
    args: ['--pdeathsig', 'KILL', '--', process.execPath, 'test/fixtures/camera-that-will-not-stop.mjs'],
    env: process.env,
  }
  const parent = spawn(
    process.execPath,
    [
      '--import',
      'tsx',
      'test/fixtures/camera-parent.mjs',
      JSON.stringify({ ...capture, env: { PATH: process.env['PATH'] } }),
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  onTestFinished(() => void parent.kill('SIGKILL'))
  const [output] = (await once(parent.stdout, 'data')) as [Buffer]
  const pid = Number(output.toString())
  onTestFinished(() => {
    if (isAlive(pid)) process.kill(pid, 'SIGKILL')
  })
  expect(isAlive(pid)).toBe(true)
  parent.kill('SIGKILL')
  await vi.waitFor(() => expect(isAlive(pid)).toBe(false), { timeout: 2000, interval: 20 })
})

test('a command that the kernel rejects is reported, not thrown', async () => {
  const child = start({ file: 'true', args: ['x'.repeat(200_000)], env: process.env })
  expect(await child.ended).toEqual({ how: 'not-started', stderr: ['spawn E2BIG'] })
})

test('signalling a process that never started does nothing', async () => {
  const child = start({ file: '/nowhere/program', args: [], env: {}, snapshots: true })
  expect(await stopChild(child, { graceMs: 1000, killMs: 0 })).toBe('gone')
  child.kill('SIGINT')
  child.abandon()
})
