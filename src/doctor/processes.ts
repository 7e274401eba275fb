import { dirname, join, resolve } from 'node:path'
import type { System } from './system.js'

/** A process that has a device or socket open. */
export interface Holder {
  pid: number
  /** Program name, such as `motion`. */
  name: string
  /** Whether it is rpi-webrtc or one of its capture processes. */
  isOurs: boolean
}

/** The running processes. Open files of other users' processes are visible to root only. */
export interface Processes {
  /** @param targets paths of devices, or `socket:[INODE]`. */
  holdersOf(targets: readonly string[]): Promise<Holder[]>
  /** The first running server. */
  server: Holder | undefined
}

/** Reads /proc once. */
export async function readProcesses(system: System): Promise<Processes> {
  const pids = (await system.list('/proc')).filter((name) => /^\d+$/.test(name)).map(Number)
  const open = await Promise.all(pids.map(async (pid) => ({ pid, targets: await openFiles(system, pid) })))
  const commands = new Map(
    await Promise.all(pids.map(async (pid) => [pid, await commandOf(system, pid)] as const)),
  )
  const serves = await Promise.all(
    pids.map(async (pid) => await isServer(system, pid, commands.get(pid) ?? [])),
  )
  const servers = pids.filter((_, i) => serves[i])
  const describe = async (pid: number): Promise<Holder> => ({
    pid,
    name: servers.includes(pid) ? 'rpi-webrtc' : nameOf(commands.get(pid) ?? [], pid),
    isOurs: servers.includes(pid) || servers.includes((await parentOf(system, pid)) ?? -1),
  })
  return {
    holdersOf: async (targets) => {
      const holders = open.filter((files) => targets.some((target) => files.targets.has(target)))
      return await Promise.all(holders.map(async ({ pid }) => await describe(pid)))
    },
    server: servers[0] === undefined ? undefined : await describe(servers[0]),
  }
}

/** `motion (process 1234)` */
export const shownHolder = ({ name, pid }: Holder): string => `${name} (process ${pid})`

async function openFiles(system: System, pid: number): Promise<Set<string>> {
  const folder = `/proc/${pid}/fd`
  const links = await Promise.all(
    (await system.list(folder)).map(async (fd) => await system.linkTarget(`${folder}/${fd}`)),
  )
  return new Set(links.filter((link) => link !== undefined && /^(?:\/dev\/|socket:)/.test(link)) as string[])
}

const commandOf = async (system: System, pid: number): Promise<string[]> =>
  ((await system.readText(`/proc/${pid}/cmdline`)) ?? '').split('\0').filter((word) => word !== '')

/** The other commands of rpi-webrtc are not servers, and other programs have a dist/main.js too. */
async function isServer(system: System, pid: number, command: readonly string[]): Promise<boolean> {
  const at = command.findIndex((word) => /(?:^|\/)dist\/main\.js$|\/rpi-webrtc$/.test(word))
  if (at === -1 || command.slice(at + 1).some((word) => COMMANDS.test(word))) return false
  const folder = (await system.linkTarget(`/proc/${pid}/cwd`)) ?? '/'
  const script = resolve(folder, command[at]!)
  const program = (await system.resolve(script)) ?? script
  const manifest = (await system.readText(join(dirname(program), '..', 'package.json'))) ?? ''
  return /"name": *"rpi-webrtc"/.test(manifest)
}

const COMMANDS = /^(?:doctor|cameras|init|pipeline|hash-password)$/

/** The script of an interpreter rather than the interpreter. */
function nameOf(command: readonly string[], pid: number): string {
  const base = (path: string): string => path.slice(path.lastIndexOf('/') + 1)
  const program = base(command[0] ?? '')
  const script = command.slice(1).find((word) => !word.startsWith('-'))
  if (/^(?:python|node|perl|ruby|sh$|bash$)/.test(program) && script !== undefined) return base(script)
  return program === '' ? `process ${pid}` : program
}

/** proc(5), /proc/PID/stat: the fourth field. The name before it may contain spaces and brackets. */
async function parentOf(system: System, pid: number): Promise<number | undefined> {
  const text = (await system.readText(`/proc/${pid}/stat`)) ?? ''
  const parent = /^ \S (\d+)/.exec(text.slice(text.lastIndexOf(')') + 1))?.[1]
  return parent === undefined ? undefined : Number(parent)
}
