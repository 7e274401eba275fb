import type { AccessConfig, Config } from '../config/types.js'
import { ok, problem, warning, type Check } from './check.js'
import { findOccupant, isOwnServer } from './port-occupant.js'
import type { Processes } from './processes.js'
import type { System } from './system.js'

/** A camera in `/health`, as far as it is used here. Everything may be missing: another version may be running. */
interface RunningCamera {
  state?: unknown
  cause?: unknown
  message?: unknown
  hint?: unknown
  warnings?: unknown
}

/** What the running server reports of its cameras: the stream of an `rtp://` camera is known only there. */
export async function checkRunningCameras(
  config: Config,
  system: System,
  processes: Processes,
): Promise<Check[]> {
  const cameras = (await runningHealth(config, system, processes))?.['cameras']
  return isObject(cameras)
    ? Object.entries(cameras).flatMap(([key, camera]) => (isObject(camera) ? checksOf(key, camera) : []))
    : []
}

/** `/health` of the running server; undefined if none is running, or the configuration has no credentials for it. */
export async function runningHealth(
  config: Config,
  system: System,
  processes: Processes,
): Promise<Record<string, unknown> | undefined> {
  const { webPort: port, bindIp } = config.server
  if (processes.server === undefined) return undefined
  // Another program on the port would get the credentials.
  const occupant = await findOccupant({ port, protocol: 'tcp' }, system, processes)
  if (!isOwnServer(occupant, processes.server)) return undefined
  const host = bindIp === '0.0.0.0' || bindIp === '::' ? '127.0.0.1' : bindIp
  const health = await system.getJson({
    isTls: config.server.tls !== undefined,
    host,
    port,
    path: '/health',
    ...authorizationOf(config.server.access),
  })
  return isObject(health) ? health : undefined
}

/** None if the password is a hash: doctor does not ask for it. */
function authorizationOf({ token, login }: AccessConfig): { authorization?: string } {
  if (token !== undefined) return { authorization: `Bearer ${token}` }
  if (login?.password.kind !== 'plain') return {}
  const pair = Buffer.from(`${login.username}:${login.password.text}`).toString('base64')
  return { authorization: `Basic ${pair}` }
}

function checksOf(key: string, { state, cause, message, hint, warnings }: RunningCamera): Check[] {
  const title = `${key} now`
  const found = Array.isArray(warnings) ? warnings.filter(isObject) : []
  return [
    state === 'lost'
      ? problem('camera-now', title, `lost (${shown(cause)}): ${shown(message)}`, shown(hint))
      : ok('camera-now', title, shown(state)),
    ...found.map((one) =>
      warning('camera-now', title, `${shown(one['cause'])}: ${shown(one['message'])}`, shown(one['hint'])),
    ),
  ]
}

const MAX_CHARS = 500

const shown = (value: unknown): string =>
  typeof value === 'string' ? value.replaceAll(/\p{Cc}/gu, ' ').slice(0, MAX_CHARS) : 'unknown'

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
