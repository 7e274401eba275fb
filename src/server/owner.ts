import { realpath } from 'node:fs/promises'
import type { Config } from '../config/types.js'
import { AppError, noSuchCamera } from '../errors.js'
import type { OwnerParts } from '../http/routes/owner.js'
import { deadline } from '../lib/deadline.js'
import { createSharedRun } from '../lib/shared-run.js'
import type { WorkQueue } from '../lib/work-queue.js'
import type { Log } from '../log.js'
import { createCameraSettings } from './camera-settings.js'
import { createCameraSizes } from './camera-sizes.js'
import type { CameraPart } from './camera-part.js'
import type { ServerEnvironment } from './environment.js'
import { secretsOf, type LogTail } from './log-tail.js'
import type { CameraOffer, OwnerTools } from './owner-environment.js'

/** A search takes about a second; the page may ask again after "use this one". */
const KEEP_DEVICES_MS = 5000
/** The checks start dozens of programs. */
const KEEP_REPORT_MS = 10_000
/** Of a search, and of the checks. What takes longer goes on, for those who ask again. */
const LIMIT_MS = 60_000

type OwnedCamera = Pick<CameraPart, 'config' | 'deviceInUse'>

export function createOwner(
  { owner, configFile = () => undefined, env, machine }: ServerEnvironment,
  fileWork: WorkQueue,
  config: Config,
  cameras: { inOrder(): readonly OwnedCamera[]; get(key: string): OwnedCamera | undefined },
  log: Log,
): OwnerParts {
  const { tools, logTail } = owner ?? NONE
  const search = createSharedRun(async () => await tools.findCameras(), KEEP_DEVICES_MS)
  const checks = createSharedRun(async () => await tools.diagnose(config), KEEP_REPORT_MS)
  const sizesOf = createCameraSizes({ env, machine })
  const devices = async () => await inTime('the searches for cameras', search())
  const settings = createCameraSettings({
    configFile,
    foundTables: () => owner?.foundTables(),
    findCameras: async () => (await devices()).value.cameras,
    reload: async () => await owner?.reload(),
    fileWork,
    log,
  })
  const whyNotRestarted = async (): Promise<string | undefined> =>
    owner === undefined ? 'This program cannot restart itself.' : await owner.whyNotRestarted()
  return {
    settings: {
      ...settings,
      describe: async () => {
        const why = await whyNotRestarted()
        return {
          ...(await settings.describe()),
          restart: { possible: why === undefined, ...(why !== undefined && { why }) },
        }
      },
    },
    devices: async () => {
      const { cameras: found, notes } = (await devices()).value
      const users = await Promise.all(found.map(async (offer) => await userOf(offer, cameras.inOrder())))
      return {
        cameras: found.map(({ device, name, kind, modes }, i) => {
          const user = users[i]
          return { device, name, kind, modes, ...(user !== undefined && { used_by: user }) }
        }),
        notes,
      }
    },
    sizes: async (key) => {
      const camera = cameras.get(key)
      if (camera === undefined) throw noSuchCamera(key)
      return { camera: key, sizes: await sizesOf(camera) }
    },
    diagnose: async () => {
      const { value, atMs } = await inTime('the checks', checks())
      return { ...value, seconds_ago: Math.round((performance.now() - atMs) / 1000) }
    },
    log: (after) => logTail?.read(after, secretsOf(config)) ?? { lines: [] },
    restart: async () => {
      const why = await whyNotRestarted()
      if (why !== undefined || owner === undefined) throw new AppError('no-supervisor', 409, why ?? '')
      return owner.restart
    },
  }
}

/** @throws AppError `not-in-time`. */
async function inTime<T>(what: string, running: Promise<T>): Promise<T> {
  using limit = deadline(LIMIT_MS, undefined)
  const result = await Promise.race([running, limit.reached])
  if (result !== undefined) return result
  throw new AppError('not-in-time', 503, `${what} take longer than a minute: ask again in a moment`, 10)
}

/** For a server without the program around it, as in tests. */
const NONE: { tools: OwnerTools; logTail: LogTail | undefined } = {
  tools: {
    findCameras: async () => await Promise.resolve({ cameras: [], notes: [] }),
    diagnose: async () => await Promise.resolve({ ok: true, chapters: [] }),
  },
  logTail: undefined,
}

/** The camera of the configuration that has the device, under whatever name. */
async function userOf(
  { device, node }: CameraOffer,
  cameras: readonly OwnedCamera[],
): Promise<string | undefined> {
  for (const { config, deviceInUse } of cameras) {
    const { device: configured, key } = config
    if (configured.kind === 'libcamera' && [configured.name, deviceInUse].includes(device)) return key
    if (configured.kind !== 'v4l2') continue
    if (configured.path === device) return key
    const real = await realpath(configured.path).catch(() => undefined)
    if (real !== undefined && real === (node ?? (await realpath(device).catch(() => device)))) return key
  }
  return undefined
}
