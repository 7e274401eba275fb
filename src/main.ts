#!/usr/bin/env node
import { once } from 'node:events'
import { closeSync, fstatSync, openSync, readdirSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { isatty } from 'node:tty'
import { fileURLToPath } from 'node:url'
import { getHeapStatistics } from 'node:v8'
import type { Env } from './camera/command.js'
import type { Machine } from './camera/machine.js'
import { requireEncoders } from './camera/requirements.js'
import { probeMachine } from './camera/probe.js'
import { cameraNamed, loadConfig, readCli, type Flags } from './cli.js'
import { cameras, doctor, findCameras, hashPassword, pipeline } from './commands.js'
import type { Config } from './config.js'
import { configExposures } from './config/exposure.js'
import { ConfigError, MissingError } from './errors.js'
import { pemExposures } from './http/pem-access.js'
import { init } from './init-command.js'
import { messageOf } from './lib/error-text.js'
import { exhaustedError, exhaustionIn } from './lib/exhausted.js'
import { askSecret } from './lib/ask-hidden.js'
import { watchEventLoop } from './lib/event-loop-lag.js'
import { createLog, type Log, type LogOptions } from './log.js'
import { realFiles, type Exposure } from './lib/file-access.js'
import { watchFile } from './lib/watch-file.js'
import { createReloader, type Loaded } from './reload.js'
import { startServer } from './server.js'
import { MANAGER_VARIABLES, serviceManager } from './service/service-manager.js'
import type { Shell } from './shell.js'
import { logWarnings, watchStrayErrors } from './stray-errors.js'

/** Exit codes of sysexits.h: systemd is told not to restart on a configuration that will not get better by itself. */
const EX_UNAVAILABLE = 69
const EX_CONFIG = 78

const packageRoot = new URL('..', import.meta.url)
const stop = new AbortController()
for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stop.abort(name))
const hadTerminal = hasTerminal()
/** What SIGHUP asks for while the terminal is there, or where there never was one. */
let onHangUp = (): void => stop.abort('SIGHUP')
process.on('SIGHUP', () => (hadTerminal && !hasTerminal() ? stop.abort('SIGHUP') : onHangUp()))
// Who reads no further (`| head`, a terminal that is gone) is no failure; reporting it would fail the same way, for ever.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})

const shell: Shell = {
  env: process.env,
  nodeVersion: process.versions.node,
  print: (text) => void process.stdout.write(`${text}\n`),
  complain: (text) => void process.stderr.write(`${text}\n`),
}

async function main(): Promise<number> {
  const { version } = JSON.parse(await readFile(new URL('package.json', packageRoot), 'utf8')) as {
    version: string
  }
  const request = readCli(process.argv, version)
  if ('text' in request) {
    shell.print(request.text.trimEnd())
    return 0
  }
  if (request.command === 'cameras') return await cameras(shell, request)
  if (request.command === 'init') {
    const path = request.configPath ?? 'config.toml'
    const examplePath = fileURLToPath(new URL('config.example.toml', packageRoot))
    return await init(
      { ...request, path, examplePath },
      {
        probe: async () => await probeMachine(process.env),
        findCameras: async () => await findCameras(shell),
      },
      shell,
    )
  }
  if (request.command === 'hash-password') {
    const terminal = isatty(0) ? process.stderr : undefined // stdout has the line to paste and nothing else
    const ask = async (question: string) => await askSecret(question, process.stdin, terminal)
    return await hashPassword(ask, terminal !== undefined, shell)
  }
  const files = { cwd: process.cwd(), readFile: async (path: string) => await readFile(path) }
  const load = async (): Promise<Loaded> => await loadConfig(request, files)
  const { config, source } = await load()
  if (request.command === 'doctor') {
    const from = { source, exposures: await exposuresOf({ config, source }) }
    return await doctor(config, from, shell, request)
  }
  if (request.command === 'pipeline')
    return await pipeline(cameraNamed(config, request.camera), config, shell)
  return await serve({ config, source }, load, version, request)
}

async function serve(
  first: Loaded,
  load: () => Promise<Loaded>,
  version: string,
  flags: Flags,
): Promise<number> {
  const { config, source } = first
  const { debug, testMode } = flags
  const env = environment()
  const root = createLog(logOptions(flags))
  const log = root.child('main')
  const stray = watchStrayErrors(process, { log, version, stop: (reason) => stop.abort(reason) })
  logWarnings(process, log)
  log.info(`rpi-webrtc ${version}`, {
    config: source,
    cameras: config.cameras.length,
    testMode,
  })
  await warnOfExposures(first, log)
  const early = { asked: false }
  onHangUp = () => void (early.asked = true)
  using _watching = watchFile(resolve(flags.configPath ?? 'config.toml'), () => onHangUp())
  const probe = async (of: Config): Promise<Machine> => {
    const found = await probeMachine(env, log)
    requireEncoders(of, found)
    return found
  }
  using loop = watchEventLoop()
  await using server = await startServer(config, {
    machine: await probe(config),
    env,
    debug,
    version,
    processMetrics: () => ({ ...processFigures(), eventLoopLag: loop.lag() }),
    staticDir: fileURLToPath(new URL('static', packageRoot)),
    log: (part) => root.child(part),
  })
  log.info(`watch at ${server.url}`)
  const manager = serviceManager({ env: process.env, pid: process.pid, log: root.child('systemd') })
  using _watchdog = manager?.ready(server)
  const reloader = createReloader(
    first,
    {
      load: async () => {
        const loaded = await load()
        await warnOfExposures(loaded, log)
        return loaded
      },
      probe,
      putInForce: async (next, machine) => {
        const before = server.url
        await server.reload(next, machine)
        if (server.url !== before) log.info(`watch at ${server.url}`)
      },
      onBegin: () => manager?.reloading(),
      onEnd: () => manager?.reloaded(),
    },
    log,
  )
  onHangUp = () => void reloader.request()
  if (early.asked) onHangUp()
  if (!stop.signal.aborted) await once(stop.signal, 'abort')
  onHangUp = () => {}
  log.info(`stopping: ${String(stop.signal.reason)}`)
  manager?.stopping()
  return stray.exitCode
}

function processFigures() {
  const { user, system } = process.cpuUsage()
  const cpuSeconds = (user + system) / 1e6
  return {
    residentBytes: residentBytes(),
    heapUsedBytes: getHeapStatistics().used_heap_size,
    cpuSeconds,
    openFileDescriptors: openFileDescriptors(),
  }
}

/** Undefined while no descriptor is left to read /proc/self/stat with. */
function residentBytes(): number | undefined {
  try {
    return process.memoryUsage.rss()
  } catch {
    return undefined
  }
}

function openFileDescriptors(): number | undefined {
  try {
    return readdirSync('/proc/self/fd').length - 1 // one is for looking
  } catch {
    return undefined
  }
}

/** What children are given: none of them is to speak for this program to the service manager. */
const environment = (): Env =>
  Object.fromEntries(Object.entries(process.env).filter(([name]) => !MANAGER_VARIABLES.includes(name)))

const exposuresOf = async ({ config, source }: Loaded): Promise<Exposure[]> =>
  await configExposures(config, source, realFiles, process.getegid?.())

async function warnOfExposures(loaded: Loaded, log: Log): Promise<void> {
  const { tls } = loaded.config.server
  const ofPem = tls === undefined ? [] : await pemExposures(tls, realFiles)
  for (const { detail, mend } of [...(await exposuresOf(loaded)), ...ofPem]) log.warn(`${detail}: ${mend}`)
}

/** Whether this process has a controlling terminal (tty(4)); one that hung up is nobody's any more. */
function hasTerminal(): boolean {
  try {
    closeSync(openSync('/dev/tty', 'r'))
    return true
  } catch (error) {
    return exhaustionIn(error) !== undefined // then it is not known, and nothing ends for it
  }
}

function logOptions({ debug, logFormat }: Flags): LogOptions {
  const format = logFormat === 'auto' ? (isatty(1) ? 'pretty' : 'json') : logFormat
  const colours = isatty(1) && process.env['NO_COLOR'] === undefined
  return { debug, format, colours, journal: isJournal(1, process.env['JOURNAL_STREAM']) }
}

/** Whether a file descriptor is the journal's: programs further down inherit the variable, and may write elsewhere. */
function isJournal(fd: number, journalStream: string | undefined): boolean {
  const { dev, ino } = fstatSync(fd)
  return journalStream === `${dev}:${ino}`
}

try {
  process.exitCode = await main()
} catch (error) {
  shell.complain(exhaustedError('rpi-webrtc cannot run', error)?.message ?? messageOf(error))
  process.exitCode =
    error instanceof ConfigError ? EX_CONFIG : error instanceof MissingError ? EX_UNAVAILABLE : 1
}
