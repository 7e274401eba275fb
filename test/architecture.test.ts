import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, posix } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'

/**
 * A room of src (a folder, or a file of the root) -> the rooms that it may import. A room is named by its folder: `viewer/sdp` is not
 * part of `viewer`. `viewer/*` stands for viewer and every room in it.
 */
const ROOMS: Record<string, string[]> = {
  'main.ts': ['*'],
  'errors.ts': [],
  'log.ts': [],
  lib: [],
  config: ['errors.ts', 'lib'],
  udp: ['lib'],
  rtp: ['rtp/inspect', 'rtp/rtcp', 'lib'],
  'rtp/receive': ['rtp', 'rtp/rtcp'],
  'rtp/h264': ['rtp'],
  'rtp/inspect': ['rtp'],
  'rtp/rtcp': ['rtp'],
  mp4: ['rtp/inspect'],
  srtp: ['srtp/simd', 'rtp', 'lib'],
  'srtp/simd': ['srtp', 'lib'],
  camera: [],
  'camera/capture': [
    'camera',
    'camera/failures',
    'camera/sensors',
    'camera/gstreamer',
    'config',
    'log.ts',
    'lib',
  ],
  'camera/controls': ['camera', 'camera/gstreamer', 'config', 'errors.ts', 'log.ts', 'lib'],
  'camera/failures': ['camera/gstreamer'],
  'camera/sensors': [],
  'camera/gstreamer': ['camera', 'camera/sensors', 'config', 'errors.ts', 'log.ts', 'lib'],
  'camera/devices': ['camera', 'camera/sensors', 'camera/gstreamer', 'lib'],
  'camera/snapshots': ['camera', 'camera/capture', 'camera/gstreamer', 'config', 'log.ts', 'lib'],
  // A client of TURN servers: it knows no WebRTC.
  turn: ['lib'],
  viewer: ['viewer/*', 'turn', 'rtp', 'srtp', 'errors.ts', 'log.ts', 'lib'],
  'viewer/sdp': ['errors.ts', 'rtp'],
  'viewer/transport': ['udp', 'log.ts', 'lib'],
  'viewer/connecting': ['viewer/transport', 'log.ts', 'lib'],
  'viewer/werift': ['viewer/connecting', 'viewer/sdp', 'viewer/transport', 'srtp', 'log.ts', 'lib'],
  'viewer/media': ['viewer/transport', 'rtp', 'srtp', 'udp'],
  'viewer/rtcp': ['viewer/media', 'viewer/stats', 'rtp/rtcp', 'lib'],
  // A session without WebRTC: it is admitted, counted and listed as those of viewer/ are.
  'viewer/mse': ['viewer', 'viewer/media', 'viewer/stats', 'mp4', 'rtp', 'rtp/h264', 'errors.ts', 'lib'],
  // As viewer/mse: a session without WebRTC.
  'viewer/rtsp': ['viewer', 'viewer/media', 'srtp', 'rtp', 'rtp/rtcp', 'rtp/h264', 'lib'],
  'viewer/stats': [],
  // A client of media servers: sessions come from viewer/ through an interface.
  push: ['config', 'errors.ts', 'log.ts', 'lib'],
  // The receiving end of a client that publishes: it has the transport of a viewer.
  publisher: [
    'viewer/sdp',
    'viewer/transport',
    'viewer/werift',
    'rtp',
    'rtp/receive',
    'rtp/rtcp',
    'srtp',
    'errors.ts',
    'log.ts',
    'lib',
  ],
  signalling: ['errors.ts', 'log.ts', 'lib'],
  // Another protocol over TCP: it binds its port as those of HTTP are bound, and knows no viewer.
  rtsp: ['http/connection', 'rtp', 'errors.ts', 'lib'],
  'signalling/compat': ['signalling', 'errors.ts', 'log.ts', 'lib'],
  http: ['http/*', 'signalling', 'errors.ts', 'log.ts', 'lib'],
  'http/auth': ['config', 'log.ts', 'lib'],
  'http/connection': ['config', 'errors.ts', 'lib'],
  'http/tls': ['config', 'errors.ts', 'log.ts', 'lib'],
  'http/routes': ['http/auth', 'config', 'errors.ts', 'lib'],
  'http/websocket': ['http/auth', 'http/connection', 'signalling', 'config', 'log.ts', 'lib'],
  systemd: ['log.ts', 'lib'],
  // A certificate authority of one's own and what it signs: the command makes them, the server renews them.
  certificate: ['lib'],
  doctor: [
    'certificate',
    'camera/*',
    'srtp',
    'udp',
    'viewer/transport',
    'http/tls',
    'config',
    'errors.ts',
    'lib',
  ],
  cli: [
    'certificate',
    'doctor',
    'camera',
    'camera/devices',
    'camera/gstreamer',
    'camera/sensors',
    'config',
    'errors.ts',
    'lib',
  ],
  server: [
    'certificate',
    'camera/*',
    'rtp',
    'srtp',
    'udp',
    'viewer/*',
    'turn',
    'push',
    'publisher',
    'signalling/*',
    'rtsp',
    'http/*',
    'systemd',
    'config',
    'errors.ts',
    'log.ts',
    'lib',
  ],
}

/** A package -> the only files that may name it. */
const PACKAGES: Record<string, RegExp> = {
  werift: /^viewer\/werift\//,
  tweetnacl: /^viewer\/werift\/x25519\.ts$/,
  'sdp-transform': /^viewer\/sdp\/sdp\.ts$/,
  'node:child_process':
    /^(?:camera\/capture\/(?:spawn|stop-child|supervisor)|lib\/exec|systemd\/sd-notify)\.ts$/,
  'node:dgram':
    /^(?:rtp\/(?:ingest|loopback-socket)|viewer\/transport\/(?:udp-sockets?|fast-send)|viewer\/media\/warm-up|udp\/(?:udp-batches|self-test|socket-fd)|rtsp\/udp-pair|turn\/link|lib\/probe-port|doctor\/(?:stun|mapping)-probe)\.ts$/,
  'node:process': /^lib\/monotonic-clock\.ts$/,
  'node:ffi': /^udp\/node-ffi\.ts$/,
  koffi: /^udp\/koffi\.ts$/,
  '@peculiar/x509': /^certificate\/issue\.ts$/,
  tslog: /^log\.ts$/,
  hono: /^(?:http\/(?:.*\/)?[\w-]+|server\/(?:app|ports|signalling)|signalling\/(?:whep|whip|http-common|compat\/(?:camera-streamer|go2rtc)))\.ts$/,
  '@hono/node-server': /^http\//,
  ws: /^http\/websocket\/(?:upgrade|heartbeat|signalling-socket)\.ts$/,
  valibot: /^(?:config\/(?:kinds|schema)|signalling\/websocket-messages|signalling\/compat\/messages)\.ts$/,
  uqr: /^http\/routes\/qr-code\.ts$/,
  cac: /^cli\/args\.ts$/,
  '@iarna/toml': /^config\/toml\.ts$/,
}

const MAX_LINES = 300

const withoutComments = (text: string): string =>
  text.replaceAll(/\/\*[^]*?\*\//g, '').replaceAll(/(?<=^|\s)\/\/.*$/gm, '')

/** What a file imports, as it is written there. */
const specifiersOf = (text: string): string[] =>
  Array.from(
    withoutComments(text).matchAll(/\b(?:from|import|require\()\s*\(?\s*(['"])(.+?)\1/g),
    ([, , specifier]) => specifier!,
  )

/** What is wrong with the imports of a file. @param file its path under src, as `camera/spawn.ts`. */
function problemsOf(file: string, text: string): string[] {
  const code = withoutComments(text)
  const imports = specifiersOf(text).map((specifier) =>
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

/** The files of src that a file imports, types included. */
const importsOf = (file: string, text: string): string[] =>
  specifiersOf(text)
    .filter((specifier) => specifier.startsWith('.'))
    .map((specifier) => posix.join(posix.dirname(file), specifier).replace(/\.js$/, '.ts'))

/** Every path of imports that ends where it began, found by depth-first search. */
function circlesIn(graph: ReadonlyMap<string, readonly string[]>): string[] {
  const done = new Set<string>()
  const circles: string[] = []
  const visit = (file: string, path: string[]): void => {
    if (path.includes(file)) circles.push([...path.slice(path.indexOf(file)), file].join(' -> '))
    if (done.has(file) || path.includes(file)) return
    for (const next of graph.get(file) ?? []) visit(next, [...path, file])
    done.add(file)
  }
  for (const file of graph.keys()) visit(file, [])
  return circles
}

function importProblem(from: string, to: string): string | undefined {
  return mayImport(from, to) ? undefined : `${from} may not import ${to}`
}

function mayImport(from: string, to: string): boolean {
  const [room, imported] = [roomOf(from), roomOf(to)]
  if (imported === 'main.ts') return false
  if (imported === room) return true
  return (ROOMS[room] ?? []).some(
    (allowed) =>
      allowed === '*' ||
      allowed === imported ||
      (allowed.endsWith('/*') && `${imported}/`.startsWith(allowed.slice(0, -1))),
  )
}

function packageProblem(file: string, specifier: string): string | undefined {
  const name = /^(?:node:[\w/]+|@[^/]+\/[^/]+|[^/]+)/.exec(specifier)![0]
  const allowed = PACKAGES[name]
  if (allowed === undefined)
    return name.startsWith('node:') ? undefined : `${file} names ${name}, a package of no table`
  return allowed.test(file) ? undefined : `${file} may not name ${name}`
}

const roomOf = (file: string): string => (posix.dirname(file) === '.' ? file : posix.dirname(file))

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

test('every room is in the table, and every room of the table exists', () =>
  expect([...new Set(files.map(({ file }) => roomOf(file)))].sort()).toEqual(Object.keys(ROOMS).sort()))

test('every entry of the table is used', () => {
  const used = new Set(
    files.flatMap(({ file, text }) => importsOf(file, text).map((to) => `${roomOf(file)} -> ${roomOf(to)}`)),
  )
  const idle = Object.entries(ROOMS).flatMap(([room, allowed]) =>
    allowed
      .filter((to) => !to.endsWith('*') && !used.has(`${room} -> ${to}`))
      .map((to) => `${room} -> ${to}`),
  )
  expect(idle).toEqual([])
})

test('no file imports itself in a circle', () => {
  const graph = new Map(files.map(({ file, text }) => [file, importsOf(file, text)]))
  expect(circlesIn(graph)).toEqual([])
})

test('every package the program depends on is in the table', () => {
  const { dependencies, optionalDependencies } = JSON.parse(
    readFileSync(join(dirname(src), 'package.json'), 'utf8'),
  ) as Record<'dependencies' | 'optionalDependencies', Record<string, string>>
  expect(
    Object.keys(PACKAGES)
      .filter((name) => !name.startsWith('node:'))
      .sort(),
  ).toEqual(Object.keys({ ...dependencies, ...optionalDependencies }).sort())
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
      'camera/capture/spawn.ts',
      "import { openIngest } from '../../rtp/ingest.js'",
      'camera/capture/spawn.ts may not import rtp/ingest.ts',
    ],
    [
      'camera/devices/discover.ts',
      "import { spawnChild } from '../capture/spawn.js'",
      'camera/devices/discover.ts may not import camera/capture/spawn.ts',
    ],
    ['lib/scope.ts', "import type { Log } from '../log.js'", 'lib/scope.ts may not import log.ts'],
    ['rtp/ingest.ts', "import { AppError } from '../errors.js'", 'rtp/ingest.ts may not import errors.ts'],
    [
      'rtp/ingest.ts',
      "import '../viewer/werift/peer.js'",
      'rtp/ingest.ts may not import viewer/werift/peer.ts',
    ],
    [
      'viewer/sdp/answer.ts',
      "import { Peer } from '../werift/peer.js'",
      'viewer/sdp/answer.ts may not import viewer/werift/peer.ts',
    ],
    [
      'viewer/media/delivery.ts',
      "import type { Viewer } from '../types.js'",
      'viewer/media/delivery.ts may not import viewer/types.ts',
    ],
    [
      'http/routes/health.ts',
      "import { listen } from '../listen.js'",
      'http/routes/health.ts may not import http/listen.ts',
    ],
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
    [
      'http/app.ts',
      "const { parseArgs } = await import('../cli/args.js')",
      'http/app.ts may not import cli/args.ts',
    ],
    [
      'doctor/diagnose.ts',
      "export * from '../cli/commands.js'",
      'doctor/diagnose.ts may not import cli/commands.ts',
    ],
    [
      'cli/commands.ts',
      "import { startServer } from '../server/server.js'",
      'cli/commands.ts may not import server/server.ts',
    ],
    [
      'config/parse.ts',
      "import { probeMachine } from '../camera/gstreamer/probe.js'",
      'config/parse.ts may not import camera/gstreamer/probe.ts',
    ],
    [
      'viewer/registry.ts',
      "import {\n  RTCPeerConnection,\n} from 'werift'",
      'viewer/registry.ts may not name werift',
    ],
    ['viewer/session.ts', "import { Aes } from 'werift/lib/aes.js'", 'viewer/session.ts may not name werift'],
    [
      'http/routes/health.ts',
      'import { execFile } from "node:child_process"',
      'http/routes/health.ts may not name node:child_process',
    ],
    [
      'rtp/capture-clock.ts',
      "import { env } from 'node:process'",
      'rtp/capture-clock.ts may not name node:process',
    ],
    ['signalling/websocket.ts', "import { Hono } from 'hono'", 'signalling/websocket.ts may not name hono'],
    ['http/app.ts', "import { serve } from 'express'", 'http/app.ts names express, a package of no table'],
    ['server/server.ts', 'const env = process.env', 'server/server.ts touches the process: only main.ts may'],
    ['lib/exec.ts', 'process.exitCode = 1', 'lib/exec.ts touches the process: only main.ts may'],
    ['lib/exec.ts', '\n'.repeat(301), 'lib/exec.ts has 301 lines: split it'],
  ])('%s: %j', (file, text, problem) => expect(problemsOf(file, text)).toEqual([problem]))

  test('a circle is found, and a shared file is none', () =>
    expect(
      circlesIn(
        new Map([
          ['a', ['b', 'd']],
          ['b', ['c', 'd']],
          ['c', ['b']],
          ['d', []],
        ]),
      ),
    ).toEqual(['b -> c -> b']))

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
