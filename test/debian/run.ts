import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { ARCHITECTURES, ownArchitecture, registerEmulator, ruleFile } from './emulator.js'
import { extractBase, makeBase, openRoot } from './root.js'
import { timed, tryPackage, tryProgram } from './trial.js'

const USAGE = `npm run debian -- [--arch amd64|arm64|armhf] [--no-recommends] [--screenshot FILE]

Installs the Debian package in a bare Debian 13, upgrades it over an older one with a changed configuration, watches it in Chromium, removes
and purges it. For another architecture than this machine's, its files are unpacked beside Node.js and GStreamer of that Debian, run in qemu,
and watched. Prints how long each step took; exit code 1 if one fails.

  --no-recommends    without the packages that it recommends
  --screenshot FILE  the page, as Chromium shows it

Needs root, debootstrap and chromium, for another architecture mmdebstrap and qemu-user-static. The bare Debian is kept in
$XDG_CACHE_HOME/rpi-webrtc-debian (300 MB; 900 MB with another architecture): delete it to get a newer one.`

const { values } = parseArgs({
  options: {
    arch: { type: 'string', default: ownArchitecture() },
    'no-recommends': { type: 'boolean', default: false },
    screenshot: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
})
const { arch } = values
const checkout = fileURLToPath(new URL('../..', import.meta.url))
const cache = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'rpi-webrtc-debian')
const isEmulated = arch !== ownArchitecture()

const obstacle = obstacleOf()
if (values.help) console.log(USAGE)
else if (obstacle !== undefined) {
  console.error(`${obstacle}\n\n${USAGE}`)
  process.exitCode = 2
} else if (process.env['RPI_WEBRTC_MOUNTS'] === undefined) process.exitCode = runInNamespace()
else await tryAll()

function obstacleOf(): string | undefined {
  if (!Object.hasOwn(ARCHITECTURES, arch))
    return `--arch ${arch} is unknown: write one of ${Object.keys(ARCHITECTURES).join(', ')}`
  if (process.getuid?.() !== 0) return 'This needs root.'
  const needed = isEmulated
    ? { '/usr/bin/mmdebstrap': 'mmdebstrap', [ruleFile(arch)]: 'qemu-user-static' }
    : { '/usr/sbin/debootstrap': 'debootstrap' }
  const missing = Object.entries(needed).filter(([path]) => !existsSync(path))
  if (missing.length > 0) return `Missing: sudo apt-get install ${missing.map(([, name]) => name).join(' ')}`
  return existsSync(join(checkout, 'dist/main.js')) ? undefined : 'dist is missing: npm run build'
}

/** Mounts of a namespace end with it, whatever happens. */
function runInNamespace(): number {
  using _emulator = registerEmulator(arch)
  const again = [
    process.execPath,
    '--import',
    'tsx',
    fileURLToPath(import.meta.url),
    ...process.argv.slice(2),
  ]
  const env = { ...process.env, RPI_WEBRTC_MOUNTS: '1' }
  const options = ['--mount', '--propagation', 'private']
  return spawnSync('unshare', [...options, ...again], { stdio: 'inherit', env }).status ?? 1
}

async function tryAll(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'rpi-webrtc-debian-'))
  const about = { folder, checkout, screenshot: values.screenshot ?? join(folder, 'page.png') }
  try {
    if (isEmulated) {
      const base = timed('unpack Debian 13', () => extractBase(arch, dependencies(), cache))
      // An emulated Node.js is some twenty times as slow.
      await tryProgram({ ...about, root: openRoot(base, folder), limitS: 600, frames: 5 })
    } else {
      const base = timed('bare Debian 13', () => makeBase(arch, cache))
      await tryPackage(
        { ...about, root: openRoot(base, folder), limitS: 60, frames: 60 },
        !values['no-recommends'],
      )
    }
  } finally {
    spawnSync('umount', ['--recursive', '--lazy', join(folder, 'root')])
    rmSync(folder, { recursive: true, force: true })
  }
}

/** The names of the packages that ours depends on. */
function dependencies(): string[] {
  const control = execFileSync('sed', ['-n', 's/^Depends: //p', join(checkout, 'packaging/control')])
  return control
    .toString()
    .trim()
    .split(', ')
    .map((one) => one.replace(/ .*/, ''))
}
