#!/usr/bin/env -S node --max-semi-space-size=4 --max-old-space-size=96
import { closeSync, openSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { isatty } from 'node:tty'
import { fileURLToPath } from 'node:url'
import { parseArgs } from './cli/args.js'
import { ConfigError, MissingError, textOf } from './errors.js'
import { exhaustedError, exhaustionIn } from './lib/exhausted.js'
import { Scope } from './lib/scope.js'
import type { Loaded } from './server/reloader.js'
import { createReloadRequests } from './server/reload-requests.js'
import type { CommandIO } from './cli/command-io.js'
import type { FoundCameras } from './cli/found-cameras.js'
import type { InitMachine } from './cli/init.js'
import type { LoadedConfig } from './cli/load-config.js'
import type { OwnerTools } from './server/owner-environment.js'

// Commands import their code when they run: werift alone costs `--version` 300 ms, and seconds on a Pi Zero.

/** Exit codes of sysexits.h. systemd does not restart after them: another start would fail the same way. */
const EX_UNAVAILABLE = 69
const EX_CONFIG = 78

const packageRoot = new URL('..', import.meta.url)
const stop = new AbortController()
const reloads = createReloadRequests()
const startedOnTerminal = hasTerminal()

for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stop.abort(name))
process.on('SIGHUP', () => {
  const isHangUp = startedOnTerminal && !hasTerminal()
  if (isHangUp) stop.abort('SIGHUP')
  else reloads.request()
})
// A reader that closes its end (`| head`) is no failure, and reporting it would fail the same way again.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})

const shell: CommandIO = {
  env: process.env,
  nodeVersion: process.versions.node,
  print: (text) => void process.stdout.write(`${text}\n`),
  printError: (text) => void process.stderr.write(`${text}\n`),
}

async function main(): Promise<number> {
  const manifest = await readFile(new URL('package.json', packageRoot), 'utf8')
  const { version } = JSON.parse(manifest) as { version: string }
  const request = parseArgs(process.argv, version)
  if ('text' in request) {
    shell.print(request.text.trimEnd())
    return 0
  }
  let found: FoundCameras | undefined
  let loaded: LoadedConfig | undefined
  const load = async (configPath = request.configPath): Promise<LoadedConfig> => {
    const { loadConfig, CONFIG_PLACES } = await import('./cli/load-config.js')
    const files = {
      cwd: process.cwd(),
      places: CONFIG_PLACES,
      readFile: async (path: string) => await readFile(path),
    }
    loaded = await loadConfig({ ...request, configPath }, files, async (video) => {
      const { FoundCameras } = await import('./cli/found-cameras.js')
      found ??= new FoundCameras(await initMachine())
      return await found.tables(video)
    })
    return loaded
  }
  switch (request.command) {
    case 'cameras': {
      const { cameras } = await import('./cli/commands.js')
      return await cameras(shell, request)
    }
    case 'init': {
      const { init } = await import('./cli/init.js')
      const path = request.configPath ?? 'config.toml'
      const examplePath = fileURLToPath(new URL('config.example.toml', packageRoot))
      return await init({ ...request, path, examplePath }, await initMachine(), shell)
    }
    case 'hash-password': {
      const { hashPassword } = await import('./cli/commands.js')
      const { promptPassword: askSecret } = await import('./lib/prompt-password.js')
      const terminal = isatty(0) ? process.stderr : undefined // stdout is for the line to paste
      const ask = async (question: string) => await askSecret(question, process.stdin, terminal)
      return await hashPassword(ask, terminal !== undefined, shell)
    }
    case 'certificate': {
      const { config, source } = await load()
      const { certificate } = await import('./cli/certificate.js')
      const configPath = source === 'the defaults' ? undefined : resolve(source)
      const user = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 }
      return await certificate(request, { config, configPath, user, nowMs: Date.now() }, shell)
    }
    case 'doctor': {
      const { config, source, warnings, origin } = await load()
      const { configExposures } = await import('./config/exposure.js')
      const { realFiles } = await import('./lib/file-access.js')
      const { doctor } = await import('./cli/commands.js')
      const exposures = await configExposures(config, source, realFiles, process.getegid?.())
      return await doctor(config, { source, origin, warnings: [...warnings, ...exposures] }, shell, request)
    }
    case 'pipeline': {
      const { config } = await load()
      const { cameraNamed } = await import('./cli/load-config.js')
      const camera = cameraNamed(config, request.camera)
      const { pipeline } = await import('./cli/commands.js')
      return await pipeline(camera, config, shell)
    }
    case 'serve': {
      const { watchNodes } = await import('./camera/devices/watch-nodes.js')
      // Before the search, so that a camera plugged in meanwhile is not missed.
      using nodes = await watchNodes('/dev', reloads.request)
      const first = await load()
      if (first.origin === 'file') nodes[Symbol.dispose]()
      const { NO_FILE } = await import('./config/source.js')
      const { CONFIG_PLACES } = await import('./cli/load-config.js')
      const { watchFile } = await import('./lib/watch-file.js')
      const file = first.source === NO_FILE ? undefined : first.source
      await using watching = new Scope()
      for (const path of file === undefined ? CONFIG_PLACES : [file])
        watching.use(watchFile(resolve(path), reloads.request))
      const { serve } = await import('./server/serve.js')
      // A file that was read once stays the file: another place has no say after it was deleted.
      const again = async (): Promise<Loaded> => await load(file)
      return await serve(first, {
        flags: request,
        version,
        packageRoot,
        load: again,
        reloads,
        stop,
        host: process,
        ownerTools: ownerTools(() => loaded ?? first),
      })
    }
    default:
      return request satisfies never
  }
}

/** How `init`, and a start without a configured camera, learn what this machine has. */
async function initMachine(): Promise<InitMachine> {
  const { findCameras } = await import('./cli/commands.js')
  const { probeMachine } = await import('./camera/gstreamer/probe.js')
  const { listMicrophones } = await import('./camera/devices/microphones.js')
  const { microphonesOf } = await import('./camera/devices/choose-microphone.js')
  return {
    probe: async () => await probeMachine(process.env),
    findCameras: async () => await findCameras(shell),
    findMicrophones: async (cameras) => await microphonesOf(cameras, await listMicrophones()),
  }
}

/** The commands of the owner's page: their code costs memory only where it is used. */
const ownerTools = (from: () => LoadedConfig): OwnerTools => ({
  findCameras: async () => await (await import('./cli/owner-tools.js')).offerCameras(await initMachine()),
  diagnose: async (config) => await (await import('./cli/owner-tools.js')).report(config, from(), shell),
})

/** Whether this process has a controlling terminal (tty(4)); one that hung up no longer counts. */
function hasTerminal(): boolean {
  try {
    closeSync(openSync('/dev/tty', 'r'))
    return true
  } catch (error) {
    return exhaustionIn(error) !== undefined // without a free descriptor it is unknown: assume that there is one
  }
}

try {
  process.exitCode = await main()
} catch (error) {
  const shown = exhaustedError('rpi-webrtc cannot run', error) ?? error
  shell.printError(shown instanceof Error ? textOf(shown) : String(shown))
  process.exitCode =
    error instanceof ConfigError ? EX_CONFIG : error instanceof MissingError ? EX_UNAVAILABLE : 1
}
