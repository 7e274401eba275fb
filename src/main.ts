#!/usr/bin/env node
import { once } from 'node:events'
import { readFile, stat } from 'node:fs/promises'
import { isatty } from 'node:tty'
import { fileURLToPath } from 'node:url'
import { requireEncoders } from './camera/requirements.js'
import { probeMachine } from './camera/probe.js'
import { cameraNamed, loadConfig, readCli, secretsOnShow, type Flags } from './cli.js'
import { cameras, doctor, findCameras, hashPassword, pipeline } from './commands.js'
import { ConfigError, MissingError } from './errors.js'
import { init } from './init-command.js'
import { askSecret } from './lib/ask-hidden.js'
import { createLog, type Log } from './log.js'
import { startServer } from './server.js'
import type { Shell } from './shell.js'

/** Exit codes of sysexits.h: systemd is told not to restart on a configuration that will not get better by itself. */
const EX_UNAVAILABLE = 69
const EX_CONFIG = 78

const packageRoot = new URL('..', import.meta.url)
const stop = new AbortController()
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(name, () => stop.abort(name))
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
  const { config, source } = await loadConfig(request, {
    cwd: process.cwd(),
    readFile: async (path) => await readFile(path),
  })
  if (request.command === 'doctor') {
    const mode = await stat(source).catch(() => undefined)
    const from = { source, onShow: secretsOnShow(config, source, mode?.mode) }
    return await doctor(config, from, shell, request)
  }
  if (request.command === 'pipeline')
    return await pipeline(cameraNamed(config, request.camera), config, shell)
  return await serve({ config, source, version, flags: request })
}

async function serve(options: {
  config: Awaited<ReturnType<typeof loadConfig>>['config']
  source: string
  version: string
  flags: Flags
}): Promise<number> {
  const { config, source, version, flags } = options
  const { debug, testMode } = flags
  const root = createLog({ debug, colours: isatty(1) && process.env['NO_COLOR'] === undefined })
  const log = root.child('main')
  surviveStrayErrors(log)
  log.info(`rpi-webrtc ${version}`, {
    config: source,
    cameras: config.cameras.length,
    testMode,
  })
  const mode = await stat(source).catch(() => undefined)
  const onShow = secretsOnShow(config, source, mode?.mode)
  if (onShow !== undefined) log.warn(onShow)
  const machine = await probeMachine(process.env, log)
  requireEncoders(config, machine)
  await using server = await startServer(config, {
    machine,
    env: process.env,
    debug,
    version,
    residentBytes: () => process.memoryUsage.rss(),
    staticDir: fileURLToPath(new URL('static', packageRoot)),
    log: (part) => root.child(part),
  })
  log.info(`watch at ${server.url}`)
  if (!stop.signal.aborted) await once(stop.signal, 'abort')
  log.info(`stopping: ${String(stop.signal.reason)}`)
  return 0
}

/** What a library throws outside of every call is one viewer's trouble at most; the cameras and the other viewers go on. */
function surviveStrayErrors(log: Log): void {
  const report = (error: unknown): void =>
    log.error('an error reached nobody; please report it', {
      error: error instanceof Error ? error.stack : String(error),
    })
  process.on('unhandledRejection', report)
  process.on('uncaughtException', report)
}

try {
  process.exitCode = await main()
} catch (error) {
  shell.complain(error instanceof Error ? error.message : String(error))
  process.exitCode =
    error instanceof ConfigError ? EX_CONFIG : error instanceof MissingError ? EX_UNAVAILABLE : 1
}
