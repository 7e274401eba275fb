import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, posix } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'

/** A folder -> the folders it may import, beside itself and the open files. */
const FOLDERS: Record<string, string[]> = {
  lib: [],
  rtp: ['lib'],
  srtp: ['lib'],
  camera: ['lib'],
  config: ['lib'],
  viewer: ['rtp', 'srtp', 'lib'],
  signalling: ['lib'],
  http: ['signalling', 'lib'],
  service: ['lib'],
  doctor: ['camera', 'viewer', 'http', 'lib'],
}

/** Files of the root that every folder may import, except lib and rtp, which import nothing of ours but lib. */
const OPEN_TO_ALL = /^(?:config|errors|log)\.ts$/
const IMPORT_NO_ROOT_FILE = ['lib', 'rtp']

/** A file of the root -> what it may import beside the open files. What is not here imports only those. */
const ROOT_FILES: Record<string, RegExp> = {
  'main.ts': /./,
  'serve.ts':
    /^(?:server|reload|reload-requests|process-figures|stray-errors|cli)\.ts$|^(?:camera|config|http|service|lib)\//,
  'load-config.ts': /^(?:cli\.ts|config\/toml\.ts|lib\/.*)$/,
  'commands.ts': /^(?:shell\.ts$|(?:camera|doctor|lib)\/)/,
  'init-command.ts': /^(?:shell\.ts$|(?:camera|lib)\/)/,
  'shell.ts': /^camera\/command\.ts$/,
  'server.ts':
    /^(?:camera-(?:part|set)\.ts$|server-parts\.ts$|config\/changes\.ts$|(?:camera|rtp|viewer|signalling|http|service|lib)\/)/,
  'camera-set.ts': /^(?:camera-part\.ts$|(?:camera|lib)\/)/,
  'server-parts.ts': /^(?:viewer|http|lib)\//,
  'camera-part.ts': /^(?:camera|rtp|viewer|signalling|http|service|lib)\//,
  'reload.ts': /^(?:config\/changes\.ts$|lib\/)/,
  'stray-errors.ts': /^lib\//,
  'cli-commands.ts': /^lib\//,
  'cli.ts': /^(?:cli-(?:help|commands)\.ts|lib\/.*)$/,
}
/** What config.ts and its folder may import: pure parts only, for a file is read before anything is there. */
const CONFIG_MAY_IMPORT = /^(?:config\/.*|camera\/device\.ts|camera\/flip\.ts|lib\/.*)$/
/** What only the entry may import: main, what it loads to serve, and what reads the configuration for it. */
const ENTRY = /^(?:main|serve|load-config)\.ts$/
const IMPORTED_BY_ENTRY_ONLY =
  /^(?:main|serve|server|cli|load-config|commands|init-command|stray-errors|process-figures|reload-requests)\.ts$/

/** A package -> the only files that may name it. */
const PACKAGES: Record<string, RegExp> = {
  werift: /^viewer\/(?:peer|first-handshake|prepare-werift)\.ts$/,
  tweetnacl: /^viewer\/native-curve\.ts$/,
  'sdp-transform': /^viewer\/sdp\.ts$/,
  'node:child_process': /^(?:camera\/|service\/notifier\.ts$)/,
  'node:dgram':
    /^(?:rtp\/ingest|viewer\/(?:udp-mux|direct-send|warm-up)|lib\/bind-error|doctor\/ask-stun)\.ts$/,
  tslog: /^log\.ts$/,
  hono: /^(?:http\/.*|signalling\/(?:whep|camera-streamer|go2rtc|http-dialect)\.ts)$/,
  '@hono/node-server': /^http\//,
  ws: /^http\/websockets\.ts$/,
  valibot: /^(?:config|signalling\/(?:messages|bodies))\.ts$/,
  cac: /^cli\.ts$/,
  '@iarna/toml': /^config\/(?:toml|iarna-toml\.d)\.ts$/,
}

const MAX_LINES = 300

/** What is wrong with the imports of a file. @param file its path under src, as `camera/spawn.ts`. */
function problemsOf(file: string, text: string): string[] {
  const code = text.replaceAll(/\/\*[^]*?\*\//g, '').replaceAll(/(?<=^|\s)\/\/.*$/gm, '')
  const specifiers = Array.from(
    code.matchAll(/\b(?:from|import|require\()\s*\(?\s*(['"])(.+?)\1/g),
    ([, , specifier]) => specifier!,
  )
  const imports = specifiers.map((specifier) =>
    specifier.startsWith('.')
      ? importProblem(file, posix.join(posix.dirname(file), specifier).replace(/\.js$/, '.ts'))
      : packageProblem(file, specifier),
  )
  const lines = text.split('\n').length - 1
  return [
    ...imports.filter((problem) => problem !== undefined),
    ...(file !== 'main.ts' && /(?<![\w.'"-])process\.(?!env\b.*\?:)\w/.test(code)
      ? [`${file} touches the process: only main.ts may`]
      : []),
    ...(lines > MAX_LINES ? [`${file} has ${lines} lines: split it`] : []),
  ]
}

function importProblem(from: string, to: string): string | undefined {
  return mayImport(from, to) ? undefined : `${from} may not import ${to}`
}

function mayImport(from: string, to: string): boolean {
  const [folder, imported] = [folderOf(from), folderOf(to)]
  if (IMPORTED_BY_ENTRY_ONLY.test(to)) return ENTRY.test(from) && ROOT_FILES[from]!.test(to)
  if ((from === 'config.ts' || folder === 'config') && CONFIG_MAY_IMPORT.test(to)) return true
  if (folder === '') return OPEN_TO_ALL.test(to) || ROOT_FILES[from]?.test(to) === true
  if (imported === '') return OPEN_TO_ALL.test(to) && !IMPORT_NO_ROOT_FILE.includes(folder)
  return imported === folder || FOLDERS[folder]?.includes(imported) === true
}

function packageProblem(file: string, specifier: string): string | undefined {
  const name = /^(?:node:[\w/]+|@[^/]+\/[^/]+|[^/]+)/.exec(specifier)![0]
  const allowed = PACKAGES[name]
  if (allowed === undefined)
    return name.startsWith('node:') ? undefined : `${file} names ${name}, a package of no table`
  return allowed.test(file) ? undefined : `${file} may not name ${name}`
}

const folderOf = (file: string): string => (file.includes('/') ? file.slice(0, file.indexOf('/')) : '')

/** The first lines of what is marked HOT and waits: a body ends where its indentation does. */
function slowHotFunctions(text: string): string[] {
  const hot = text.matchAll(/^( *)\/\*\*\s*(?:\*\s*)?HOT\b[^]*?\*\/\n((.*)\n(?:\1 +.*\n|\n)*)/gm)
  return Array.from(hot)
    .filter(([, , all]) => /\basync\b|\bawait\b/.test(all!))
    .map(([, , , head]) => head!.trim())
}

const src = fileURLToPath(new URL('../src', import.meta.url))
const files = readdirSync(src, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
  .map((file) => ({ file, text: readFileSync(join(src, file), 'utf8') }))

test('every file imports only what its folder may, names only its packages and is short enough to read', () => {
  expect(files.length).toBeGreaterThan(50)
  expect(files.flatMap(({ file, text }) => problemsOf(file, text))).toEqual([])
})

test('every folder is in the table, and every folder of the table is there', () =>
  expect([...new Set(files.map(({ file }) => folderOf(file)).filter(Boolean))].sort()).toEqual(
    Object.keys(FOLDERS).sort(),
  ))

test('every package the program depends on is in the table', () => {
  const { dependencies } = JSON.parse(readFileSync(join(dirname(src), 'package.json'), 'utf8')) as {
    dependencies: Record<string, string>
  }
  expect(
    Object.keys(PACKAGES)
      .filter((name) => !name.startsWith('node:'))
      .sort(),
  ).toEqual(Object.keys(dependencies).sort())
})

test('what is marked HOT waits for nothing', () => {
  const hot = files.filter(({ text }) => /\/\*\*\s*(?:\*\s*)?HOT\b/.test(text))
  expect(hot.length).toBeGreaterThan(2)
  expect(hot.flatMap(({ file, text }) => slowHotFunctions(text).map((name) => `${file}: ${name}`))).toEqual(
    [],
  )
})

describe('the checks find what they are for', () => {
  test.each([
    [
      'camera/spawn.ts',
      "import { openIngest } from '../rtp/ingest.js'",
      'camera/spawn.ts may not import rtp/ingest.ts',
    ],
    ['lib/scope.ts', "import type { Log } from '../log.js'", 'lib/scope.ts may not import log.ts'],
    ['rtp/ingest.ts', "import { AppError } from '../errors.js'", 'rtp/ingest.ts may not import errors.ts'],
    ['rtp/ingest.ts', "import '../viewer/peer.js'", 'rtp/ingest.ts may not import viewer/peer.ts'],
    [
      'signalling/whep.ts',
      "import type { Viewer } from '../viewer/registry.js'",
      'signalling/whep.ts may not import viewer/registry.ts',
    ],
    [
      'signalling/whep.ts',
      "import { buildApp } from '../http/app.js'",
      'signalling/whep.ts may not import http/app.ts',
    ],
    ['http/app.ts', "import { shell } from '../main.js'", 'http/app.ts may not import main.ts'],
    ['http/app.ts', "const { cli } = await import('../cli.js')", 'http/app.ts may not import cli.ts'],
    ['doctor/diagnose.ts', "export * from '../commands.js'", 'doctor/diagnose.ts may not import commands.ts'],
    ['commands.ts', "import { startServer } from './server.js'", 'commands.ts may not import server.ts'],
    [
      'config.ts',
      "import { probeMachine } from './camera/probe.js'",
      'config.ts may not import camera/probe.ts',
    ],
    [
      'viewer/registry.ts',
      "import {\n  RTCPeerConnection,\n} from 'werift'",
      'viewer/registry.ts may not name werift',
    ],
    ['viewer/session.ts', "import { Aes } from 'werift/lib/aes.js'", 'viewer/session.ts may not name werift'],
    [
      'http/health.ts',
      'import { execFile } from "node:child_process"',
      'http/health.ts may not name node:child_process',
    ],
    ['signalling/websocket.ts', "import { Hono } from 'hono'", 'signalling/websocket.ts may not name hono'],
    ['http/app.ts', "import { serve } from 'express'", 'http/app.ts names express, a package of no table'],
    ['server.ts', 'const env = process.env', 'server.ts touches the process: only main.ts may'],
    ['camera/run.ts', 'process.exitCode = 1', 'camera/run.ts touches the process: only main.ts may'],
    ['camera/run.ts', '\n'.repeat(301), 'camera/run.ts has 301 lines: split it'],
  ])('%s: %j', (file, text, problem) => expect(problemsOf(file, text)).toEqual([problem]))

  test('what a comment speaks of is not an import', () =>
    expect(problemsOf('lib/a.ts', "// import 'werift'\n/** from '../main.js', process.exit() */\n")).toEqual(
      [],
    ))

  test('a hot function that waits is found', () =>
    expect(
      slowHotFunctions(
        ' /** HOT: per packet. */\n send = (p) => {\n  await p\n }\n\n /** HOT. */\n b() {\n }\n await c\n',
      ),
    ).toEqual(['send = (p) => {']))
})
