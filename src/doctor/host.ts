import { dirname } from 'node:path'
import { isAtLeast } from '../camera/gstreamer/machine.js'
import { ok, problem, warning, type Check } from './check.js'
import { checkPower } from './power.js'
import type { System } from './system.js'

/** What the program and two cameras need, with some to spare; the rest of a small Pi has to live too. */
const ENOUGH_MEMORY_MB = 150
/** GStreamer's list of plugins is half a megabyte; less than this is a disk that is about to be full. */
const ENOUGH_DISK_BYTES = 20 * 1024 * 1024

/** The computer, its system and Node.js. @param model of a Raspberry Pi, undefined on other machines. */
export async function checkMachine(
  system: System,
  {
    model,
    cores,
    nodeVersion,
  }: { model: string | undefined; cores: number | undefined; nodeVersion: string },
): Promise<Check[]> {
  const what = model ?? 'no Raspberry Pi'
  return [
    ok('machine', 'machine', cores === undefined ? what : `${what}, ${cores} core${cores === 1 ? '' : 's'}`),
    checkNode(nodeVersion),
    ...assessMemory(await system.readText('/proc/meminfo')),
    ...(await checkDisk(system)),
    ...(await checkClock(system)),
    ...(model === undefined ? [] : await checkPower(system)),
  ]
}

function checkNode(version: string): Check {
  if (isAtLeast(version, '20.19.0')) return ok('node', 'Node.js', version)
  const hint =
    'sudo apt install nodejs on Debian 13 and Raspberry Pi OS Trixie; on older ones a 22.x build from nodejs.org'
  return problem('node', 'Node.js', `${version} is too old: 20.19 is needed`, hint)
}

/** @param meminfo the text of /proc/meminfo. */
export function assessMemory(meminfo: string | undefined): Check[] {
  const kilobytes = /^MemAvailable:\s+(\d+) kB$/m.exec(meminfo ?? '')?.[1]
  if (kilobytes === undefined) return []
  const megabytes = Math.round(Number(kilobytes) / 1024)
  if (megabytes >= ENOUGH_MEMORY_MB) return [ok('memory', 'memory', `${megabytes} MB can be had`)]
  const hint = 'End what is not needed (a desktop takes 300 MB), or serve fewer and smaller cameras'
  return [warning('memory', 'memory', `only ${megabytes} MB can be had`, hint)]
}

/** Without room for its list of plugins GStreamer makes it anew at every start of a camera. */
async function checkDisk(system: System): Promise<Check[]> {
  const wanted = registryFolder(system.env)
  if (wanted === undefined) return []
  let folder = wanted
  let free = await system.freeBytes(folder)
  while (free === undefined && folder !== '/' && folder !== '.') {
    folder = dirname(folder)
    free = await system.freeBytes(folder)
  }
  if (free === undefined) return []
  const hint = 'Without its list of plugins every start of a camera takes a second longer'
  if ((await system.access(folder)) === 'closed')
    return [
      warning(
        'disk',
        'disk',
        `GStreamer may not write to ${folder}`,
        `Set GST_REGISTRY to a file elsewhere. ${hint}`,
      ),
    ]
  const megabytes = Math.round(free / 1024 / 1024)
  if (free >= ENOUGH_DISK_BYTES) return [ok('disk', 'disk', `${megabytes} MB free`)]
  return [warning('disk', 'disk', `${megabytes} MB free at ${folder}`, `Make room: sudo apt clean. ${hint}`)]
}

/** Where GStreamer 1.x writes its registry. */
function registryFolder(env: System['env']): string | undefined {
  const named = env['GST_REGISTRY'] ?? env['GST_REGISTRY_1_0']
  if (named !== undefined && named !== '') return dirname(named)
  if (env['XDG_CACHE_HOME']) return `${env['XDG_CACHE_HOME']}/gstreamer-1.0`
  return env['HOME'] === undefined ? undefined : `${env['HOME']}/.cache/gstreamer-1.0`
}

/** A Pi without a clock of its own wakes up in the past: certificates are not valid yet, sessions are over. */
async function checkClock(system: System): Promise<Check[]> {
  const { code, stdout } = await system.run('timedatectl', [
    'show',
    '--property=NTP',
    '--property=NTPSynchronized',
  ])
  const today = new Date(system.nowMs()).toISOString().slice(0, 10)
  if (code !== 0) return []
  if (/^NTPSynchronized=yes$/m.test(stdout)) return [ok('clock', 'clock', `${today}, synchronised`)]
  const hint = /^NTP=yes$/m.test(stdout)
    ? 'It needs the internet, or a time server in your network: systemctl status systemd-timesyncd'
    : 'sudo timedatectl set-ntp true'
  return [warning('clock', 'clock', `${today}, not synchronised: certificates and logins may fail`, hint)]
}
