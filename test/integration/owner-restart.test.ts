import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { freePorts } from '../support/program.js'

const fixture = fileURLToPath(new URL('../fixtures/systemd-user.sh', import.meta.url))
const main = fileURLToPath(new URL('../../dist/main.js', import.meta.url))

const canRun =
  process.getuid?.() === 0 &&
  spawnSync('/lib/systemd/systemd', ['--version']).status === 0 &&
  spawnSync('unshare', ['-m', 'sh', '-c', 'mount --make-rprivate / && umount -R /sys/fs/cgroup']).status === 0

/** Asks for a restart, and prints what the program answered and how often systemd started it. */
const scriptFor = (port: number): string => `
show() { systemctl --user show rpi-webrtc -p "$1" --value; }
systemctl --user start rpi-webrtc
cat > "$HOME/ask.mjs" <<'END'
const response = await fetch('http://127.0.0.1:${port}/api/restart', { method: 'POST' })
console.log(response.status, (await response.json()).error ?? 'restarting')
END
${process.execPath} "$HOME/ask.mjs"
for i in $(seq 100); do [ "$(show NRestarts)" != 0 ] && [ "$(show ActiveState)" = active ] && break; [ "$1" = no ] && break; sleep 0.1; done
echo "restarts: $(show NRestarts), $(show ActiveState)"
systemctl --user stop rpi-webrtc
`

async function askBelowSystemd(restart: string): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'owner-restart-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const [webPort, webrtcPort] = await freePorts(2)
  const config = join(folder, 'config.toml')
  writeFileSync(
    config,
    `[server]\nweb-port = ${webPort}\nbind-ip = "127.0.0.1"\n[webrtc]\nudp-port = 0\n[camera1]\ndevice = "test:ball"\nwidth = 320\nheight = 240\nfps = 10\nwebrtc-port = ${webrtcPort}\n`,
  )
  mkdirSync(join(folder, 'systemd/user'), { recursive: true })
  writeFileSync(
    join(folder, 'systemd/user/rpi-webrtc.service'),
    `[Service]\nType=notify\nNotifyAccess=all\nRestart=${restart}\nRestartSec=0.2\nExecStart=${process.execPath} ${main} --config ${config}\n`,
  )
  const words = ['-m', 'sh', fixture, folder, 'sh', '-c', scriptFor(webPort!), 'sh', restart]
  const child = spawn('unshare', words, { stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => (output += chunk.toString()))
  await once(child, 'close')
  return output.trim().split('\n')
}

test.skipIf(!canRun)('a program that systemd starts again restarts on request', async () => {
  expect(await askBelowSystemd('always')).toEqual(['202 restarting', 'restarts: 1, active'])
})

test.skipIf(!canRun)('a program that systemd would not start again goes on', async () => {
  expect(await askBelowSystemd('no')).toEqual(['409 no-supervisor', 'restarts: 0, active'])
})
