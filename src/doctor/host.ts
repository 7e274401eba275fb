import { dirname } from 'node:path'
import { isAtLeast } from '../camera/gstreamer/machine.js'
import { ok, problem, warning, type Check } from './check.js'
import { AES128_CM_HMAC_SHA1_80 } from '../srtp/profile.js'
import { checkPower } from './power.js'
import type { System } from './system.js'

/** The program with two cameras, and a reserve for the rest of a small Pi. */
const MIN_MEMORY_MB = 150
/** GStreamer's registry has half a megabyte; a disk with less than this is nearly full. */
const MIN_DISK_BYTES = 20 * 1024 * 1024

/** The computer, its system and Node.js. @param model of a Raspberry Pi, undefined on other machines. */
export async function checkMachine(
  system: System,
  {
    model,
    cores,
    nodeVersion,
  }: { model: string | undefined; cores: number | undefined; nodeVersion: string },
): Promise<Check[]> {
  const name = model ?? 'not a Raspberry Pi'
  return [
    ok('machine', 'machine', cores === undefined ? name : `${name}, ${cores} core${cores === 1 ? '' : 's'}`),
    checkNode(nodeVersion),
    await checkSrtp(system),
    await checkUdp(system),
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
  return problem('node', 'Node.js', `${version} is too old: 20.19 or newer is needed`, hint)
}

/** Every way works, so it is no warning. */
async function checkSrtp(system: System): Promise<Check> {
  const { implementation, aes, profiles, costs } = await system.srtpChoice()
  const by = aes === 'simd' ? 'WebAssembly' : 'OpenSSL'
  const profile = profiles[0] === AES128_CM_HMAC_SHA1_80 ? 'AES-CM' : 'AES-GCM'
  const { openssl, simd: webAssembly } = { ...costs }
  const figures =
    openssl === undefined || webAssembly === undefined
      ? ''
      : ` (keystream of a packet: ${openssl.toFixed(1)} us by OpenSSL, ${webAssembly.toFixed(1)} us by WebAssembly)`
  const simd = implementation === 'simd' ? '' : ', one packet at a time: this CPU has no WebAssembly SIMD'
  return ok('srtp', 'encryption', `${profile}, AES by ${by}${simd}${figures}`)
}

/** One system call per packet works, so it is no warning. */
async function checkUdp(system: System): Promise<Check> {
  const { via, unusable } = await system.udpLibrary()
  if (via !== undefined) return ok('udp', 'UDP packets', `several per system call, through ${via}`)
  const reasons = Object.entries(unusable).map(([library, why]) => `${library}: ${why}`)
  return ok(
    'udp',
    'UDP packets',
    `one system call for each, which costs more CPU time (${reasons.join('; ')})`,
  )
}

/** @param meminfo the text of /proc/meminfo. */
export function assessMemory(meminfo: string | undefined): Check[] {
  const kilobytes = /^MemAvailable:\s+(\d+) kB$/m.exec(meminfo ?? '')?.[1]
  if (kilobytes === undefined) return []
  const megabytes = Math.round(Number(kilobytes) / 1024)
  if (megabytes >= MIN_MEMORY_MB) return [ok('memory', 'memory', `${megabytes} MB available`)]
  const hint = 'Stop unneeded programs (a desktop uses 300 MB), or configure fewer cameras or smaller sizes'
  return [warning('memory', 'memory', `only ${megabytes} MB available`, hint)]
}

/** Without its registry file GStreamer scans all plugins at every start of a camera. */
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
  const hint = 'Without its plugin registry every start of a camera takes a second longer'
  if ((await system.access(folder)) === 'closed')
    return [
      warning(
        'disk',
        'disk',
        `GStreamer may not write to ${folder}`,
        `Set GST_REGISTRY to a writable file. ${hint}`,
      ),
    ]
  const megabytes = Math.round(free / 1024 / 1024)
  if (free >= MIN_DISK_BYTES) return [ok('disk', 'disk', `${megabytes} MB free`)]
  return [warning('disk', 'disk', `${megabytes} MB free at ${folder}`, `Free space: sudo apt clean. ${hint}`)]
}

/** Where GStreamer 1.x writes its registry. */
function registryFolder(env: System['env']): string | undefined {
  const named = env['GST_REGISTRY'] ?? env['GST_REGISTRY_1_0']
  if (named !== undefined && named !== '') return dirname(named)
  if (env['XDG_CACHE_HOME']) return `${env['XDG_CACHE_HOME']}/gstreamer-1.0`
  return env['HOME'] === undefined ? undefined : `${env['HOME']}/.cache/gstreamer-1.0`
}

/** A Pi without a real-time clock starts with an old date, at which certificates and sessions are not valid. */
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
    ? 'It needs the internet or a local time server: systemctl status systemd-timesyncd'
    : 'sudo timedatectl set-ntp true'
  return [warning('clock', 'clock', `${today}, not synchronised: certificates and logins may fail`, hint)]
}
