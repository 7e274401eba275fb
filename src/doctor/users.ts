import type { FileOwner } from '../lib/file-access.js'
import type { System } from './system.js'

/** A user with all its groups. */
export interface User {
  name: string
  uid: number
  gids: number[]
}

export async function userNamed(system: System, uid: number): Promise<string> {
  return (await passwd(system)).find((user) => user.uid === uid)?.name ?? String(uid)
}

/** A user of /etc/passwd with its groups of /etc/group. */
export async function findUser(system: System, name: string): Promise<User | undefined> {
  const user = (await passwd(system)).find((entry) => entry.name === name)
  if (user === undefined) return undefined
  const groups = (await groupsOf(system))
    .filter(({ members }) => members.includes(name))
    .map(({ gid }) => gid)
  return { name, uid: user.uid, gids: [user.gid, ...groups] }
}

/** The user of this process with its effective groups, which change only at login. */
export async function currentUser(system: System): Promise<User> {
  const status = (await system.readText('/proc/self/status')) ?? ''
  const numbers = (key: string): number[] =>
    (new RegExp(`^${key}:\\s*(.*)$`, 'm').exec(status)?.[1] ?? '').split(/\s+/).filter(Boolean).map(Number)
  const uid = numbers('Uid')[1] ?? 0
  return {
    name: await userNamed(system, uid),
    uid,
    gids: [...numbers('Gid').slice(1, 2), ...numbers('Groups')],
  }
}

export const gidOf = async (system: System, group: string): Promise<number | undefined> =>
  (await groupsOf(system)).find(({ name }) => name === group)?.gid

/** Whether a user may read a file (4), or search a folder (1). */
export function mayUse(file: FileOwner, { uid, gids }: User, bit: 4 | 1): boolean {
  if (uid === 0) return true
  const shift = file.uid === uid ? 6 : gids.includes(file.gid) ? 3 : 0
  return ((file.mode >> shift) & bit) !== 0
}

async function passwd(system: System): Promise<{ name: string; uid: number; gid: number }[]> {
  const rows = await table(system, '/etc/passwd')
  return rows.map(([name = '', , uid, gid]) => ({ name, uid: Number(uid), gid: Number(gid) }))
}

async function groupsOf(system: System): Promise<{ name: string; gid: number; members: string[] }[]> {
  const rows = await table(system, '/etc/group')
  return rows.map(([name = '', , gid, members = '']) => ({
    name,
    gid: Number(gid),
    members: members.split(','),
  }))
}

const table = async (system: System, path: string): Promise<string[][]> =>
  ((await system.readText(path)) ?? '')
    .split('\n')
    .filter((line) => line.includes(':'))
    .map((line) => line.split(':'))
