import { ok, warning, type Check } from './check.js'
import type { Processes } from './processes.js'
import type { System } from './system.js'
import { findUser, gidOf, type User } from './users.js'

/** As systemd orders them: of install.sh or the administrator, then of the Debian package. */
const UNITS = ['/etc/systemd/system/rpi-webrtc.service', '/usr/lib/systemd/system/rpi-webrtc.service']

const readUnit = async (system: System): Promise<string | undefined> => {
  const [own, packaged] = await Promise.all(UNITS.map(async (path) => await system.readText(path)))
  return own ?? packaged
}

/** The user of the installed service; undefined if none is installed or the user does not exist. */
export async function serviceUser(system: System): Promise<User | undefined> {
  const name = /^User=(\S+)/m.exec((await readUnit(system)) ?? '')?.[1]
  return name === undefined ? undefined : await findUser(system, name)
}

/** Whether rpi-webrtc runs, and whether its service may open cameras. */
export async function checkService(system: System, { server }: Processes): Promise<Check[]> {
  const running =
    server === undefined ? [] : [ok('service', 'rpi-webrtc', `is running (process ${server.pid})`)]
  const unit = await readUnit(system)
  if (unit === undefined) return running
  const name = /^User=(\S+)/m.exec(unit)?.[1] ?? 'root'
  const user = await findUser(system, name)
  if (user === undefined)
    return [
      ...running,
      warning('service', 'service', `its user ${name} does not exist`, 'Install rpi-webrtc again'),
    ]
  if (!(await lacksGroup(system, unit, user, 'video'))) return running
  const hint = `sudo usermod -aG video ${name}; sudo systemctl restart rpi-webrtc`
  return [...running, warning('service', 'service', `its user ${name} is not in the group video`, hint)]
}

async function lacksGroup(system: System, unit: string, user: User, group: string): Promise<boolean> {
  const gid = await gidOf(system, group)
  const isInUnit = new RegExp(`^SupplementaryGroups=.*\\b${group}\\b`, 'm').test(unit)
  return user.name !== 'root' && !isInUnit && (gid === undefined || !user.gids.includes(gid))
}

/** The user of the installed service, if neither the user nor the unit has the group. */
export async function serviceLacksGroup(system: System, group: string): Promise<string | undefined> {
  const [unit, user] = [await readUnit(system), await serviceUser(system)]
  if (unit === undefined || user === undefined) return undefined
  return (await lacksGroup(system, unit, user, group)) ? user.name : undefined
}

/** Whether the unit limits devices, and has no sound devices among them: 116 is ALSA. */
export async function forbidsSound(system: System): Promise<boolean> {
  const unit = (await readUnit(system)) ?? ''
  return /^DevicePolicy=(?:closed|strict)/m.test(unit) && !/^DeviceAllow=char-(?:116|alsa)\b/m.test(unit)
}
