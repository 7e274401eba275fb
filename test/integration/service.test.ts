import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, onTestFinished, test } from 'vitest'
import { childrenOf, freePorts, until } from '../support/program.js'

const fixture = (name: string): string => fileURLToPath(new URL(`../fixtures/${name}`, import.meta.url))
const main = fileURLToPath(new URL('../../dist/main.js', import.meta.url))

const camera = (number: number, port: number, device = 'test:ball'): string =>
  `[camera${number}]\ndevice = "${device}"\nwidth = 320\nheight = 240\nfps = 15\nwebrtc-port = ${port}\n`

/** A folder with the configuration of one camera that plays and one that is not there. */
async function configured() {
  const folder = mkdtempSync(join(tmpdir(), 'rpi-webrtc-service-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const [webPort, ...ports] = await freePorts(3)
  const config = join(folder, 'config.toml')
  const toml =
    `[server]\nweb-port = ${webPort}\nbind-ip = "127.0.0.1"\n[webrtc]\nudp-port = 0\n` +
    camera(1, ports[0]!) +
    camera(2, ports[1]!, '/dev/video99')
  writeFileSync(config, toml)
  return { folder, config, toml }
}

interface Said {
  event?: 'started' | 'aborted' | 'ended'
  pid?: number
  message?: string[]
  ms: number
}

/** The program below a stand-in for systemd, with a fixture that wedges it at SIGUSR2. */
async function serviceBelow(wedge: string, watchdogS: number, socketOf: (folder: string) => string) {
  const { folder, config, toml } = await configured()
  const args = [process.execPath, '--import', fixture(wedge), main, '--config', config]
  const manager = spawn(
    'python3',
    [fixture('service-manager.py'), socketOf(folder), String(watchdogS), ...args],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  let text = ''
  manager.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()))
  const exit = once(manager, 'exit')
  const stop = async (): Promise<void> => {
    manager.kill('SIGTERM')
    await exit
  }
  onTestFinished(async () => {
    if (manager.exitCode === null && manager.signalCode === null) await stop()
  })
  const json = (): (Said & { level?: string })[] =>
    text
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as Said)
  const said = (): Said[] => json().filter((line) => 'ms' in line)
  const messages = (): string[] => said().flatMap(({ message }) => message ?? [])
  const events = (event: Said['event']): Said[] => said().filter((one) => one.event === event)
  const logged = (): string => text
  return { config, toml, said, messages, events, logged, stop }
}

test('the manager hears that the ports are open, how the cameras do, of reloads and of the end', async () => {
  const { config, toml, messages, events, stop } = await serviceBelow(
    'wedge.mjs',
    30,
    (folder) => `@${folder}`,
  )
  await until(() => messages().includes('READY=1'), 20_000)
  await until(
    () =>
      messages().includes('STATUS=1 of 2 cameras live, 0 viewers; camera2 fails: There is no /dev/video99'),
    20_000,
  )
  expect(messages().filter((message) => message === 'READY=1')).toHaveLength(1)
  writeFileSync(config, toml.replace('/dev/video99', 'test:smpte'))
  await until(() => messages().includes('STATUS=2 cameras live, 0 viewers'), 20_000)
  const about = messages().filter((message) => /^(?:READY|RELOADING)/.test(message))
  expect(about).toEqual(['READY=1', 'RELOADING=1', 'READY=1'])
  await stop()
  expect(messages()).toContain('STOPPING=1')
  expect(events('ended')).toMatchObject([{ code: 0 }])
})

test('a capture process is not told of the manager', async () => {
  const { events, messages } = await serviceBelow('wedge.mjs', 30, (folder) => `@${folder}`)
  await until(() => messages().some((message) => message.startsWith('STATUS=1 of 2')), 20_000)
  const [capture] = await childrenOf(events('started')[0]!.pid!)
  const names = (await readFile(`/proc/${capture}/environ`, 'utf8'))
    .split('\0')
    .map((line) => line.split('=')[0])
  expect(names).toContain('PATH')
  expect(names.filter((name) => /^(?:NOTIFY|WATCHDOG)_/.test(name!))).toEqual([])
})

test('systemd restarts a program with a blocked event loop, but not one with a missing camera', async () => {
  const { said, messages, events } = await serviceBelow('wedge.mjs', 3, (folder) => join(folder, 'notify'))
  await until(() => messages().filter((message) => message === 'WATCHDOG=1').length > 3, 20_000)
  expect(events('aborted')).toEqual([])
  const wedgedAtMs = said().at(-1)!.ms
  process.kill(events('started')[0]!.pid!, 'SIGUSR2')
  await until(() => events('started').length === 2, 20_000)
  const backFrom = events('started')[1]!.ms - wedgedAtMs
  console.log('wedged event loop: started again after ms', Math.round(backFrom))
  expect(events('aborted')).toMatchObject([{ pid: events('started')[0]!.pid! }])
  await until(() => messages().filter((message) => message === 'READY=1').length === 2, 20_000)
})

test('a program whose loop turns while its packets end at the fan-out is ended and started again', async () => {
  const { messages, events, logged } = await serviceBelow('wedge-fanout.mjs', 6, (folder) => `@${folder}`)
  await until(() => messages().some((message) => message.startsWith('STATUS=1 of 2')), 20_000)
  process.kill(events('started')[0]!.pid!, 'SIGUSR2')
  await until(() => events('started').length === 2, 40_000)
  expect(logged()).toContain(
    'media has stalled, no longer notifying the watchdog: camera1: packets arrive but are not forwarded',
  )
}, 60_000)

describe('below a systemd that is real', () => {
  /** The keys of the unit that this is about; the others need the system's own manager. */
  const unitOf = (config: string): string => {
    const wanted = /^(?:Type|NotifyAccess|ExecReload|Restart|KillMode|TimeoutStopSec|TimeoutStartSec)=/
    const keys = readFileSync('systemd/rpi-webrtc.service', 'utf8')
      .split('\n')
      .filter((line) => wanted.test(line))
    const start = `${process.execPath} --import ${fixture('wedge.mjs')} ${main} --config ${config}`
    return ['[Service]', ...keys, 'RestartSec=0.2', 'WatchdogSec=3', `ExecStart=${start}`, ''].join('\n')
  }

  const script = `
show() { systemctl --user show rpi-webrtc -p "$1" --value; }
systemctl --user start rpi-webrtc
for i in $(seq 100); do case "$(show StatusText)" in "1 of 2"*) break;; esac; sleep 0.1; done
echo "status: $(show StatusText)"
systemctl --user reload rpi-webrtc && echo "reloaded: $(show ActiveState)"
sleep 4
echo "restarts of a program that runs: $(show NRestarts)"
kill -USR2 "$(show MainPID)"
for i in $(seq 100); do [ "$(show NRestarts)" = 1 ] && [ "$(show ActiveState)" = active ] && break; sleep 0.1; done
echo "restarts of one that stands still: $(show NRestarts)"
systemctl --user stop rpi-webrtc
echo "stopped: $(show Result)"
`
  const canRun =
    process.getuid?.() === 0 &&
    spawnSync('/lib/systemd/systemd', ['--version']).status === 0 &&
    spawnSync('unshare', ['-m', 'sh', '-c', 'mount --make-rprivate / && umount -R /sys/fs/cgroup']).status ===
      0

  test.skipIf(!canRun)(
    'the watchdog of the unit starts a program again whose event loop stands still',
    async () => {
      const { folder, config } = await configured()
      mkdirSync(join(folder, 'systemd/user'), { recursive: true })
      writeFileSync(join(folder, 'systemd/user/rpi-webrtc.service'), unitOf(config))
      const child = spawn('unshare', ['-m', 'sh', fixture('systemd-user.sh'), folder, 'sh', '-c', script], {
        stdio: ['ignore', 'pipe', 'pipe'],
      })
      let said = ''
      for (const stream of [child.stdout, child.stderr])
        stream.on('data', (chunk: Buffer) => (said += chunk.toString()))
      await once(child, 'close')
      expect(said.trim().split('\n')).toEqual([
        'status: 1 of 2 cameras live, 0 viewers; camera2 fails: There is no /dev/video99',
        expect.stringMatching(/^reloaded: (?:active|reloading)$/),
        'restarts of a program that runs: 0',
        'restarts of one that stands still: 1',
        'stopped: success',
      ])
    },
    60_000,
  )
})
