import type { Config } from '../config/types.js'
import { canBindIpv6 } from '../lib/bind-address.js'
import { ok, problem, warning, type Check } from './check.js'
import { shownHolder, type Holder, type Processes } from './processes.js'
import type { System } from './system.js'
import { findOccupant, isOwnServer, type PortOccupant } from './port-occupant.js'
import { wantedPorts, type WantedPort } from './wanted-ports.js'

/** Whether each port is free, and which program uses those that are not. */
export async function checkPorts(config: Config, system: System, processes: Processes): Promise<Check[]> {
  const hasIpv6 = await canBindIpv6(async (...port) => await system.bindError(...port))
  const wanted = wantedPorts(config, hasIpv6)
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
    ? distinct(checks)
    : [ok('port-free', 'ports', `${listed} are free`), ...distinct(checks)]
}

/** A wrong bind-ip is one problem, not one for each port. */
const distinct = (checks: readonly Check[]): Check[] =>
  checks.filter(({ detail }, i) => checks.findIndex((other) => other.detail === detail) === i)

async function explain(
  wanted: WantedPort,
  error: string,
  { config, system, processes }: { config: Config; system: System; processes: Processes },
): Promise<Check> {
  const { port, protocol, key, host } = wanted
  const title = `port ${port}/${protocol}`
  if (error === 'EADDRNOTAVAIL')
    return problem(
      'bind-ip',
      protocol === 'tcp' || host === config.server.bindIp ? 'server.bind-ip' : 'webrtc.udp-bind-ip',
      `${host} is not an address of this machine`,
      'Delete the line for every network of this machine',
    )
  if (error === 'EACCES' || error === 'EPERM')
    return warning(
      'port-denied',
      title,
      `this user may not bind ${key}`,
      'Set a port above 1023, or enable the two lines for low ports in rpi-webrtc.service',
    )
  if (error !== 'EADDRINUSE') return warning('port-taken', title, `${key} cannot be bound: ${error}`)
  return assessOccupied(wanted, await findOccupant(wanted, system, processes), processes.server)
}

/** @param server the running rpi-webrtc, if there is one. */
export function assessOccupied(
  { port, protocol, key, isReplaceable }: WantedPort,
  occupant: PortOccupant,
  server: Holder | undefined,
): Check {
  const title = `port ${port}/${protocol}`
  if (isOwnServer(occupant, server)) return ok('port-own', title, `${key}, in use by the running rpi-webrtc`)
  const hint = `sudo ss -${protocol === 'udp' ? 'u' : 't'}lpn sport = :${port} shows the program`
  if (occupant === undefined && server !== undefined)
    return warning('port-taken', title, `${key} is in use, probably by ${shownHolder(server)}`, hint)
  const by =
    occupant === undefined
      ? 'another program'
      : 'holder' in occupant
        ? shownHolder(occupant.holder)
        : `a program of the user ${occupant.user}`
  if (isReplaceable)
    return warning('port-taken', title, `${key} is in use by ${by}; another port is used instead`)
  const stop = occupant !== undefined && 'holder' in occupant ? `Stop ${occupant.holder.name}` : hint
  return problem('port-taken', title, `${key} is in use by ${by}`, `${stop}, or set another ${key}`)
}
