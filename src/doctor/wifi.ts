import { ok, warning, type Check } from './check.js'
import type { System } from './system.js'

/** Power saving and signal of every Wi-Fi interface. */
export async function checkWifi(system: System): Promise<Check[]> {
  const names = await system.list('/sys/class/net')
  const isWifi = await Promise.all(
    names.map(async (name) => (await system.resolve(`/sys/class/net/${name}/phy80211`)) !== undefined),
  )
  const levels = parseWireless((await system.readText('/proc/net/wireless')) ?? '')
  const checks = await Promise.all(
    names
      .filter((_, i) => isWifi[i])
      .map(async (name) => [await checkPowerSave(name, system), ...assessSignal(name, levels.get(name))]),
  )
  return checks.flat()
}

/** A radio that sleeps between beacons delays packets by 100 ms and more, and drops some. */
async function checkPowerSave(name: string, system: System): Promise<Check> {
  const { code, stdout } = await system.run('iw', ['dev', name, 'get', 'power_save'])
  const state = code === 0 ? /^Power save: (on|off)/m.exec(stdout)?.[1] : undefined
  if (state === 'off') return ok('wifi-power-save', name, 'Wi-Fi, power saving is off')
  if (state === undefined)
    return warning(
      'wifi-power-save',
      name,
      'Wi-Fi, and its power saving could not be read',
      code === undefined ? 'sudo apt install iw, then run this again' : `iw dev ${name} get power_save`,
    )
  const { code: hasNmcli } = await system.run('nmcli', ['--version'])
  const permanently =
    hasNmcli === 0
      ? `; permanently: sudo nmcli connection modify "$(nmcli -g GENERAL.CONNECTION device show ${name})" 802-11-wireless.powersave 2`
      : ', which lasts until the next restart'
  return warning(
    'wifi-power-save',
    name,
    'Wi-Fi with power saving: video stutters and is delayed',
    `sudo iw dev ${name} set power_save off${permanently}`,
  )
}

/** Parses /proc/net/wireless: signal level of each interface in dBm. */
export function parseWireless(text: string): Map<string, number> {
  const rows = Array.from(text.matchAll(/^\s*(\S+):\s+\S+\s+\S+\s+(-?\d+)/gm), ([, name, level]) => ({
    name,
    level,
  }))
  return new Map(rows.map(({ name, level }) => [name!, Number(level)]))
}

const WEAK_DBM = -75

function assessSignal(name: string, dbm: number | undefined): Check[] {
  if (dbm === undefined || dbm >= WEAK_DBM || dbm < -120) return []
  const hint = 'Move it or the access point, use a network cable, or lower the bitrate'
  return [warning('wifi-signal', name, `the Wi-Fi signal is weak (${dbm} dBm)`, hint)]
}
