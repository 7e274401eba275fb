import type { Holder, Processes } from './processes.js'
import type { System } from './system.js'
import { userNamed } from './users.js'
import type { WantedPort } from './wanted-ports.js'

/** The process that uses a port if this user may see it, otherwise the user it runs as. */
export type PortOccupant = { holder: Holder } | { user: string } | undefined

/** Whether the running server uses the port. A user who is not root sees no processes of others, only their user. */
export const isOwnServer = (occupant: PortOccupant, server: Holder | undefined): boolean =>
  occupant !== undefined &&
  ('holder' in occupant ? occupant.holder.isOurs : occupant.user === 'rpi-webrtc' && server !== undefined)

export async function findOccupant(
  { port, protocol }: Pick<WantedPort, 'port' | 'protocol'>,
  system: System,
  processes: Processes,
): Promise<PortOccupant> {
  const tables = await Promise.all(
    [protocol, `${protocol}6`].map(async (name) => await system.readText(`/proc/net/${name}`)),
  )
  const sockets = tables.flatMap((text) => parseSockets(text ?? '', protocol)).filter((s) => s.port === port)
  const [holder] = await processes.holdersOf(sockets.map(({ inode }) => `socket:[${inode}]`))
  if (holder !== undefined) return { holder }
  const [socket] = sockets
  return socket === undefined ? undefined : { user: await userNamed(system, socket.uid) }
}

interface OpenSocket {
  port: number
  uid: number
  inode: string
}

/** Parses /proc/net/udp, or the listening sockets of /proc/net/tcp. */
export function parseSockets(text: string, protocol: 'udp' | 'tcp'): OpenSocket[] {
  return text
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    .filter((columns) => protocol === 'udp' || columns[3] === '0A')
    .map((columns) => ({
      port: Number.parseInt(columns[1]?.split(':')[1] ?? '', 16),
      uid: Number(columns[7]),
      inode: columns[9] ?? '',
    }))
}
