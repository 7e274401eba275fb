import { readFile, stat } from 'node:fs/promises'
import type { Env } from '../../lib/env.js'

/** How the C library of a capture process finds the owner's time zone. */
export interface LocalTime {
  /** TZ for the process; undefined if it finds the zone without. */
  tz?: string
  /** The owner's zone, if its data are not installed: the process shows UTC. */
  unknownZone?: string
}

interface Files {
  exists(path: string): Promise<boolean>
  read(path: string): Promise<string>
}

const FILES: Files = {
  // A link to a zone that is not installed does not exist.
  exists: async (path) => (await stat(path).catch(() => undefined)) !== undefined,
  read: async (path) => await readFile(path, 'utf8').catch(() => ''),
}

/**
 * glibc reads TZ, else /etc/localtime, else it uses UTC. Containers often have only /etc/timezone, and no data of zones;
 * a systemd service has no TZ, and the /etc/localtime of the machine.
 */
export async function probeTimeZone(env: Env, files: Files = FILES): Promise<LocalTime> {
  const fromEnv = (env['TZ'] ?? '').replace(/^:/, '')
  if (fromEnv !== '') return (await isKnown(fromEnv, files)) ? {} : { unknownZone: fromEnv }
  if (await files.exists('/etc/localtime')) return {}
  const name = (await files.read('/etc/timezone')).trim()
  if (!/^[\w+/-]{1,64}$/.test(name) || /^(?:Etc\/)?(?:UTC|UCT|GMT)$/.test(name)) return {}
  return (await isKnown(name, files)) ? { tz: name } : { unknownZone: name }
}

/** A zone without a file, such as CET-1CEST,M3.5.0,M10.5.0/3, carries its own rules. */
const isKnown = async (zone: string, files: Files): Promise<boolean> =>
  /^(?:<[^>]+>|[A-Za-z]{3,})[+-]?\d/.test(zone) ||
  /^(?:UTC|GMT)$/.test(zone) ||
  (await files.exists(zone.startsWith('/') ? zone : `/usr/share/zoneinfo/${zone}`))
