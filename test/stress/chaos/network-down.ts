import { execFileSync, spawn } from 'node:child_process'
import { until } from '../../support/program.js'
import { startLoad } from '../../../bench/load/child.js'
import type { Seen } from '../../support/watcher.js'
import { describeSeen, onStage, pause, testCamera } from './stage.js'

/** network-down.ts SECONDS: to be run in a network namespace of its own; prints the outcome as JSON. */
const seconds = Number(process.argv[2])
const SERVER = '192.0.2.1'
const VIEWER = '192.0.2.2'
const ip = (...words: string[]): void => void execFileSync('ip', words)

ip('link', 'set', 'lo', 'up')
// Somebody has to live in a namespace, or it is gone.
const elsewhere = spawn('setpriv', ['--pdeathsig', 'KILL', '--', 'unshare', '--net', 'sleep', '300'], {
  stdio: 'ignore',
})
await until(() => execFileSync('readlink', [`/proc/${elsewhere.pid}/ns/net`]).toString() !== own(), 5000)
ip('link', 'add', 'server', 'type', 'veth', 'peer', 'name', 'viewer', 'netns', String(elsewhere.pid))
ip('addr', 'add', `${SERVER}/24`, 'dev', 'server')
ip('link', 'set', 'server', 'up')
const inside = (...words: string[]): void =>
  void execFileSync('nsenter', ['-t', String(elsewhere.pid), '-n', 'ip', ...words])
inside('addr', 'add', `${VIEWER}/24`, 'dev', 'viewer')
inside('link', 'set', 'viewer', 'up')

const outcome = await onStage(
  { bindIp: '0.0.0.0', tables: testCamera() },
  async ({ program, expect, note }) => {
    const enter = ['nsenter', '-t', String(elsewhere.pid), '-n']
    await using watching = startLoad<Seen>(
      { script: '../../test/stress/chaos/remote-viewer.ts', through: enter },
      `http://${SERVER}:${program.webPort}`,
      VIEWER,
    )
    await until(async () => (await watching.ask()).frames > 30, 15_000)
    const viewersBefore = (await program.health()).cameras['camera1']!.viewers
    ip('link', 'set', 'server', 'down')
    await pause(seconds * 1000)
    const viewersDown = (await program.health()).cameras['camera1']!.viewers
    ip('link', 'set', 'server', 'up')
    const back = performance.now()
    const { frames } = await watching.ask()
    const goesOn = await until(async () => (await watching.ask()).frames > frames + 30, 12_000).then(
      () => true,
      () => false,
    )
    const seen = await watching.ask()
    const lines = program
      .output()
      .split('\n')
      .filter((line) => line.includes('media socket')).length
    note(
      `over there: ${describeSeen(seen)}; ${goesOn ? `plays again ${((performance.now() - back) / 1000 - 1).toFixed(1)} s after the cable, same session` : 'its session is over'}; slots taken ${viewersBefore} → ${viewersDown}; ${lines} lines of log`,
    )
    expect('it is not heard of in every line of the log', lines < 10)
    expect('timestamps only go forward', seen.backward === 0)
    if (seconds < 15) expect('the session goes on by itself', goesOn)
    else {
      expect('its slot is free', viewersDown === viewersBefore - 1)
      await using again = startLoad<Seen>(
        { script: '../../test/stress/chaos/remote-viewer.ts', through: enter },
        `http://${SERVER}:${program.webPort}`,
        VIEWER,
      )
      await until(async () => (await again.ask()).frames > 30, 15_000)
      note('a new session plays at once')
    }
  },
)
elsewhere.kill()
console.log(JSON.stringify(outcome))

function own(): string {
  return execFileSync('readlink', ['/proc/self/ns/net']).toString()
}
