import { once } from 'node:events'
import { fstatSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { isatty } from 'node:tty'
import { fileURLToPath } from 'node:url'
import type { Env } from '../lib/env.js'
import type { Machine } from '../camera/gstreamer/machine.js'
import { machineWithoutGStreamer, probeMachine } from '../camera/gstreamer/probe.js'
import { sensorsFor } from '../camera/devices/sensor-list.js'
import { namesWithModes } from '../camera/gstreamer/field-of-view.js'
import { fallbackPath } from '../camera/capture/fallback-file.js'
import { openFallbackMemory } from '../camera/capture/fallback-memory.js'
import { requireEncoders } from '../camera/gstreamer/requirements.js'
import { isExternal } from '../config/device.js'
import type { Config } from '../config/types.js'
import { MissingError } from '../errors.js'
import { NO_FILE } from '../config/source.js'
import { configExposures } from '../config/exposure.js'
import { pemExposures } from '../http/tls/pem-access.js'
import { watchEventLoop } from '../lib/event-loop-lag.js'
import { realFiles } from '../lib/file-access.js'
import { WorkQueue } from '../lib/work-queue.js'
import { createLog, type Log, type LogFormat, type LogOptions } from '../log.js'
import { processStats, type MeasuredProcess } from './process-stats.js'
import { LogTail } from './log-tail.js'
import type { OwnerTools } from './owner-environment.js'
import { createReloader, type Loaded, type Reloader } from './reloader.js'
import type { ReloadRequests } from './reload-requests.js'
import { startServer } from './server.js'
import { whyNotRestarted } from '../systemd/restart-policy.js'
import { MANAGER_VARIABLES, serviceManager } from '../systemd/service-manager.js'
import {
  logWarnings,
  handleUncaughtErrors,
  type UncaughtErrorSource,
  type WarningSource,
} from './uncaught-errors.js'

export interface ServeFlags {
  testMode: boolean
  debug: boolean
  logFormat: LogFormat | 'auto'
}

export interface ServeOptions {
  flags: ServeFlags
  version: string
  /** The folder of package.json, as a URL that ends with a slash. */
  packageRoot: URL
  /** @throws ConfigError */
  load: () => Promise<Loaded>
  reloads: ReloadRequests
  /** Stops the server when aborted. */
  stop: AbortController
  host: Host
  /** What the commands know of this machine. */
  ownerTools: OwnerTools
}

export type Host = Pick<NodeJS.Process, 'env' | 'pid' | 'getegid'> &
  MeasuredProcess &
  UncaughtErrorSource &
  WarningSource

/** Serves the cameras until `stop` is aborted. @returns the exit code. */
export async function serve(first: Loaded, options: ServeOptions): Promise<number> {
  const { flags, version, packageRoot, reloads, stop, host } = options
  const env = childEnvironment(host.env)
  const logTail = new LogTail()
  const root = createLog({ ...logOptions(flags, host.env), onEntry: logTail.add })
  const log = root.child('main')
  const uncaughtErrors = handleUncaughtErrors(host, {
    log,
    version,
    packageRoot,
    stop: (reason) => stop.abort(reason),
  })
  logWarnings(host, log)
  log.info(`rpi-webrtc ${version}`, {
    config: first.source,
    cameras: first.config.cameras.length,
    testMode: flags.testMode,
  })
  const egid = host.getegid?.()
  const fileWork = new WorkQueue()
  let { source, foundTables } = first
  let reloadNow: Reloader['reloadNow'] = async () =>
    await Promise.reject(new Error('the program is starting'))
  await warnOfConfig(first, egid, log)
  // Listed once: a running camera cannot be listed.
  let sensors: Machine['sensors'] = new Map()
  const probe = async (config: Config): Promise<Machine> => {
    // At the same time: listing takes about a second.
    const [probed, listed] = await Promise.all([
      probeMachine(env, log).catch((error: unknown) => {
        if (!isExternalOnly(config) || !(error instanceof MissingError)) throw error
        log.info('GStreamer is not installed, and no camera needs it')
        return machineWithoutGStreamer()
      }),
      sensorsFor(sensors, namesWithModes(config.cameras), env),
    ])
    sensors = listed
    const machine: Machine = { ...probed, sensors }
    requireEncoders(config, machine)
    return machine
  }
  using loop = watchEventLoop()
  await using server = await startServer(first.config, {
    machine: await probe(first.config),
    fallbacks: await openFallbackMemory(fallbackPath(host.env), log),
    env,
    debug: flags.debug,
    version,
    owner: {
      tools: options.ownerTools,
      logTail,
      foundTables: () => foundTables,
      reload: async () => await reloadNow(),
      whyNotRestarted: async () => await whyNotRestarted({ env: host.env }),
      restart: () => stop.abort('a restart was requested on the page of the owner'),
    },
    processMetrics: () => ({ ...processStats(host), eventLoopLag: loop.lag() }),
    configFile: () => (source === NO_FILE ? undefined : resolve(source)),
    fileWork,
    openApi: await readFile(new URL('docs/openapi.json', packageRoot), 'utf8').catch(() => undefined),
    staticDir: fileURLToPath(new URL('static', packageRoot)),
    log: (part) => root.child(part),
  })
  log.info(`watch at ${server.url}`)
  const manager = serviceManager({ env: host.env, pid: host.pid, log: root.child('systemd') })
  using _watchdog = manager?.ready(server)
  const reloader = createReloader(
    first,
    {
      load: async () => {
        const loaded = await options.load()
        ;({ source, foundTables } = loaded)
        await warnOfConfig(loaded, egid, log)
        return loaded
      },
      probe,
      apply: async (next, machine) => {
        const before = server.url
        await server.reload(next, machine)
        if (server.url !== before) log.info(`watch at ${server.url}`)
      },
      inForce: () => server.config,
      queue: fileWork,
      onBegin: () => manager?.reloading(),
      onEnd: () => manager?.reloaded(),
    },
    log,
  )
  ;({ reloadNow } = reloader)
  reloads.handle(() => {
    if (!stop.signal.aborted) void reloader.request()
  })
  if (!stop.signal.aborted) await once(stop.signal, 'abort')
  log.info(`stopping: ${String(stop.signal.reason)}`)
  manager?.stopping()
  return uncaughtErrors.exitCode
}

const isExternalOnly = ({ cameras }: Config): boolean => cameras.every(({ device }) => isExternal(device))

/** Only this process may notify the service manager, so its children do not get the variables for it. */
const childEnvironment = (env: Env): Env =>
  Object.fromEntries(Object.entries(env).filter(([name]) => !MANAGER_VARIABLES.includes(name)))

async function warnOfConfig(
  { config, source, warnings }: Loaded,
  egid: number | undefined,
  log: Log,
): Promise<void> {
  const { tls } = config.server
  const all = [
    ...warnings,
    ...(await configExposures(config, source, realFiles, egid)),
    ...(tls === undefined ? [] : await pemExposures(tls, realFiles)),
  ]
  for (const { detail, hint } of all) log.warn(`${detail}: ${hint}`)
}

function logOptions({ debug, logFormat }: ServeFlags, env: Env): LogOptions {
  const format = logFormat === 'auto' ? (isatty(1) ? 'pretty' : 'json') : logFormat
  const colours = isatty(1) && env['NO_COLOR'] === undefined
  return { debug, format, colours, journal: isJournal(1, env['JOURNAL_STREAM']) }
}

/** Children inherit JOURNAL_STREAM and may write elsewhere, so it is compared with the descriptor (systemd.exec(5)). */
function isJournal(fd: number, journalStream: string | undefined): boolean {
  const { dev, ino } = fstatSync(fd)
  return journalStream === `${dev}:${ino}`
}
