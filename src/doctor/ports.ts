import { preferredIngestPorts } from '../camera/gstreamer/ports.js'
import type { Config } from '../config/types.js'
import { ok, problem, warning, type Check } from './check.js'
import { shownHolder, type Holder, type Processes } from './processes.js'
import type { System } from './system.js'
import { userNamed } from './users.js'

/** A port the program will take. */
export interface WantedPort {
  port: number
  protocol: 'udp' | 'tcp'
  /** The key that sets it. */
  what: string
  host: string
  /** Another one is taken in its place where it is not free. */
  isReplaceable: boolean
}

/** Every port of a configuration, but those that are left to chance. */
export function wantedPorts({ server, webrtc, cameras }: Config): WantedPort[] {
  const media: WantedPort = {
    port: webrtc.udpPort,
    protocol: 'udp',
    what: 'webrtc.udp-port',
    host: webrtc.udpBindIp,
    isReplaceable: false,
  }
  const tcp = (port: number, what: string): WantedPort => ({
    port,
    protocol: 'tcp',
    what,
    host: server.bindIp,
    isReplaceable: false,
  })
  const loopback = { host: '127.0.0.1', protocol: 'udp' } as const
  return [
    tcp(server.webPort, 'server.web-port'),
    media,
    ...cameras.map(({ key, webrtcPort }) => tcp(webrtcPort, `${key}.webrtc-port`)),
    ...cameras.flatMap(({ key, webrtcPort, device }) => {
      if (device.kind === 'rtp')
        return [{ ...loopback, port: device.port, what: `${key}.device`, isReplaceable: false }]
      return Object.values(preferredIngestPorts(webrtcPort) as unknown as Record<string, number>).map(
        (port) => ({
          ...loopback,
          port,
          what: `inner port of ${key}`,
          isReplaceable: true,
        }),
      )
    }),
  ].filter(({ port }) => port !== 0)
}

/** Whether each port can be had, and who has those that cannot. */
export async function checkPorts(config: Config, system: System, processes: Processes): Promise<Check[]> {
  const wanted = wantedPorts(config)
  const found = await Promise.all(
    wanted.map(async (port) => {
      const error = await system.bindError(port.port, port.protocol, port.host)
      return error === undefined ? undefined : await explain(port, error, { config, system, processes })
    }),
  )
  const checks = found.filter((check) => check !== undefined)
  const free = wanted.filter(({ isReplaceable }, i) => found[i] === undefined && !isReplaceable)
  const listed = free.map(({ port, protocol }) => `${port}/${protocol}`).join(', ')
  return free.length === 0
    ? once(checks)
    : [ok('port-free', 'ports', `${listed} can be had`), ...once(checks)]
}

/** A wrong bind-ip is one problem, however many ports it has. */
const once = (checks: readonly Check[]): Check[] =>
  checks.filter(({ detail }, i) => checks.findIndex((other) => other.detail === detail) === i)

async function explain(
  wanted: WantedPort,
  error: string,
  { config, system, processes }: { config: Config; system: System; processes: Processes },
): Promise<Check> {
  const { port, protocol, what, host } = wanted
  const title = `port ${port}/${protocol}`
  if (error === 'EADDRNOTAVAIL')
    return problem(
      'bind-ip',
      protocol === 'tcp' || host === config.server.bindIp ? 'server.bind-ip' : 'webrtc.udp-bind-ip',
      `${host} is not an address of this machine`,
      'Set it to "0.0.0.0", which is every network of this machine, or delete the line',
    )
  if (error === 'EACCES' || error === 'EPERM')
    return warning(
      'port-denied',
      title,
      `this user may not take ${what}`,
      'Set a port above 1023; the service may, with the two lines for it in rpi-webrtc.service',
    )
  if (error !== 'EADDRINUSE') return warning('port-taken', title, `${what} cannot be taken: ${error}`)
  return assessOccupied(wanted, await occupantOf(wanted, system, processes), processes.server)
}

/** Who has a port: its process where this user may know it, else whose it is. */
export type PortOccupant = { holder: Holder } | { user: string } | undefined

/** What a taken port means. @param server the rpi-webrtc that runs, if one does. */
export function assessOccupied(
  { port, protocol, what, isReplaceable }: WantedPort,
  occupant: PortOccupant,
  server: Holder | undefined,
): Check {
  const title = `port ${port}/${protocol}`
  const isOurs =
    occupant !== undefined &&
    ('holder' in occupant ? occupant.holder.isOurs : occupant.user === 'rpi-webrtc' && server !== undefined)
  if (isOurs) return ok('port-own', title, `${what}, in use by the rpi-webrtc that is running`)
  const ask = `sudo ss -${protocol === 'udp' ? 'u' : 't'}lpn sport = :${port} names the program`
  if (occupant === undefined && server !== undefined)
    return warning('port-taken', title, `${what} is in use, probably by ${shownHolder(server)}`, ask)
  const by =
    occupant === undefined
      ? 'another program'
      : 'holder' in occupant
        ? shownHolder(occupant.holder)
        : `a program of the user ${occupant.user}`
  if (isReplaceable)
    return warning('port-taken', title, `${what} is in use by ${by}; another one is taken in its place`)
  const stop = occupant !== undefined && 'holder' in occupant ? `Stop ${occupant.holder.name}` : ask
  return problem('port-taken', title, `${what} is in use by ${by}`, `${stop}, or set another ${what}`)
}

async function occupantOf(
  { port, protocol }: WantedPort,
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

interface Socket {
  port: number
  uid: number
  inode: string
}

/** /proc/net/tcp and its kin: whoever listens, by port, user and inode. TCP that does not listen is left out. */
export function parseSockets(text: string, protocol: 'udp' | 'tcp'): Socket[] {
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
