import { expect, test } from 'vitest'
import { HELP } from '../src/cli/help.js'
import { parseArgs } from '../src/cli/args.js'
import { CONFIG_KEYS } from '../src/config/keys.js'
import { LIBCAMERA_CONTROL_NAMES } from '../src/config/libcamera-controls.js'
import { parseToml } from '../src/config/toml.js'
import { ConfigError } from '../src/errors.js'
import { codeBlocks, codeSpans, CURRENT_PAGES, filesBelow, readFile, wrongNames } from './support/docs.js'
import { withKeyTables } from './support/key-tables.js'

/** The documentation names the keys, commands and flags that exist, and all of them. */

const configuration = readFile('docs/configuration.md')
const commandLine = readFile('docs/command-line.md')

/** `server.web-port`, `cameraN.device`: every key as the documentation writes it. */
const allKeys = Object.entries(CONFIG_KEYS).flatMap(([table, keys]) =>
  keys.map((key) => `${table === 'camera' ? 'cameraN' : table}.${key}`),
)

test('docs/configuration.md has the tables that follow from src/config/keys.ts', async () => {
  expect(allKeys.filter((key) => !withKeyTables(configuration).includes(`| \`${key}\` |`))).toEqual([])
  await expect(withKeyTables(configuration)).toMatchFileSnapshot('../docs/configuration.md')
})

test('docs/configuration.md explains every word of the column "applies"', () => {
  const chapter = configuration.slice(0, configuration.indexOf('\n## [server]'))
  const words = Array.from(chapter.matchAll(/^\| ([a-z-]+) \| [A-Z]/gm), ([, word]) => word!)
  const used = Array.from(
    withKeyTables(configuration).matchAll(/^\| `\w+\.[\w-]+` \|(?:[^|]*\|){2} ([a-z-]+)/gm),
    ([, word]) => word!,
  )
  expect(used).toHaveLength(allKeys.length)
  expect(words.sort()).toEqual([...new Set(used)].sort())
})

test('no page names a key that does not exist', () => {
  const keysIn = (text: string): string[] =>
    codeSpans(text).flatMap((code) =>
      Array.from(
        code.matchAll(
          /(?<![\w./-])(server|camera(?:N|\d+)|video|webrtc|rtsp|limits)\.(?!(?:ts|js)\b)([a-z][a-z-]*)(?![\w(])/g,
        ),
        ([, table, key]) => `${table!.replace(/\d+$/, 'N')}.${key}`,
      ),
    )
  expect(wrongNames(keysIn, (key) => allKeys.includes(key))).toEqual([])
})

test('no page sets a key that does not exist', () => {
  const names = new Set([...Object.values(CONFIG_KEYS).flat(), ...LIBCAMERA_CONTROL_NAMES])
  const setIn = (text: string): string[] =>
    codeSpans(text).flatMap((code) => /^#?([a-z][a-z-]+) = /.exec(code)?.[1] ?? [])
  expect(wrongNames(setIn, (key) => names.has(key))).toEqual([])
})

test('every TOML example has only tables and keys that exist', () => {
  const keysIn = (text: string): string[] =>
    codeBlocks(text, 'toml').flatMap((code) =>
      Object.entries(parseToml(code, 'example').tables).flatMap(([table, keys]) =>
        Object.keys(keys as object).map((key) => `${table.replace(/\d+$/, 'N')}.${key}`),
      ),
    )
  expect(CURRENT_PAGES.flatMap(({ text }) => keysIn(text)).length).toBeGreaterThan(5)
  expect(wrongNames(keysIn, (key) => allKeys.includes(key))).toEqual([])
})

test('config.example.toml has every key, in effect or commented out', () => {
  const tables = new Map(
    readFile('config.example.toml')
      .split(/^\[/m)
      .map((text) => [text.slice(0, text.indexOf(']')), text]),
  )
  const missing = Object.entries(CONFIG_KEYS).flatMap(([table, keys]) => {
    const text = tables.get(table === 'camera' ? 'camera1' : table) ?? ''
    return keys.filter((key) => !new RegExp(`^#?${key} = `, 'm').test(text)).map((key) => `${table}.${key}`)
  })
  expect(missing).toEqual([])
})

const helpFlags = Array.from(HELP.matchAll(/^ +(?:(-\w), |) *(--[\w-]+)/gm), ([, short, long]) => [
  short,
  long,
])
  .flat()
  .filter((flag) => flag !== undefined)
const helpCommands = Array.from(
  HELP.slice(HELP.indexOf('Commands:'), HELP.indexOf('Flags:')).matchAll(/^ {2}([\w-]+)/gm),
  ([, command]) => command!,
)

test('docs/command-line.md explains every flag and command of the help text', () => {
  expect(helpFlags.length).toBeGreaterThan(8)
  expect(helpFlags.filter((flag) => !new RegExp(`\`${flag}[\` ]`).test(commandLine))).toEqual([])
  expect(helpCommands.length).toBeGreaterThan(2)
  expect(helpCommands.filter((command) => !commandLine.includes(`| \`rpi-webrtc ${command}`))).toEqual([])
})

/** What the parser of the command line reports. */
function problemsOf(...args: string[]): readonly string[] {
  try {
    parseArgs(['node', 'rpi-webrtc', ...args], '1.0.0')
    return []
  } catch (error) {
    if (error instanceof ConfigError) return error.problems
    throw error
  }
}
const isOurFlag = (flag: string): boolean => !problemsOf(flag).some((text) => text.includes('is not a flag'))

test('the parser of the command line accepts every flag of the help text, and no other', () => {
  expect(helpFlags.filter((flag) => !isOurFlag(flag))).toEqual([])
  expect(isOurFlag('--tset-mode')).toBe(false)
})

/** The flags of the scripts, the tests and the benches. */
const scripts = [
  'package.json',
  ...filesBelow('systemd', /\.(?:sh|service)$/),
  ...filesBelow('bench', /\.ts$/),
  ...filesBelow('test', /\.(?:ts|sh|mjs)$/),
]
  .filter((path) => path !== 'test/docs.test.ts')
  .map(readFile)
  .join('\n')
const OF_OTHER_PROGRAMS = ['--network', '--privileged', '--group-add', '--autoplay-policy'] // docker, podman, Chromium

test('no page names a flag that does not exist', () => {
  const flagsIn = (text: string): string[] => {
    const lines = codeBlocks(text, 'sh').flatMap((code) => code.split('\n'))
    return [...codeSpans(text), ...lines]
      .filter((code) => /^(?:-|(?:sudo )?rpi-webrtc |npm start -- )/.test(code))
      .flatMap((code) => code.replace(/#.*$/, '').match(/(?<![\w-])--[a-z][a-z-]*/g) ?? [])
  }
  expect(flagsIn(commandLine).length).toBeGreaterThan(8)
  const isScriptFlag = (flag: string): boolean => new RegExp(`${flag}(?![\\w-])`).test(scripts)
  expect(
    wrongNames(flagsIn, (flag) => isOurFlag(flag) || isScriptFlag(flag) || OF_OTHER_PROGRAMS.includes(flag)),
  ).toEqual([])
})

test('no page names a command that does not exist', () => {
  const commandsIn = (text: string): string[] =>
    [...codeSpans(text), ...codeBlocks(text, 'sh').flatMap((code) => code.split('\n'))].flatMap(
      (code) => /^(?:sudo )?rpi-webrtc ([a-z][\w-]*)/.exec(code)?.[1] ?? [],
    )
  expect(wrongNames(commandsIn, (command) => helpCommands.includes(command))).toEqual([])
})

test('docs/command-line.md and the help text give the same exit codes', () => {
  const codes = Array.from(HELP.matchAll(/^ {2}(\d+) /gm), ([, code]) => code!)
  expect(codes).toEqual(['0', '78', '69', '1'])
  const chapter = commandLine.slice(
    commandLine.indexOf('\n## Exit codes'),
    commandLine.indexOf('\n## doctor'),
  )
  expect(Array.from(chapter.matchAll(/^\| (\d+) \|/gm), ([, code]) => code!)).toEqual(codes)
})
