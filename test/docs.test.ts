import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { HELP } from '../src/cli-help.js'
import { CONFIG_KEYS, defaultConfig } from '../src/config.js'

const read = (name: string): string => readFileSync(new URL(`../${name}`, import.meta.url), 'utf8')
const readme = read('README.md')
const example = read('config.example.toml')

/** The text of a chapter of README.md, from its heading to the next. */
function chapter(title: string): string {
  const start = readme.indexOf(`\n## ${title}\n`)
  if (start === -1) throw new Error(`README.md has no chapter "${title}"`)
  const end = readme.indexOf('\n## ', start + 1)
  return readme.slice(start, end === -1 ? undefined : end)
}

/** `server.web-port`, `cameraN.device`: every key as README.md writes it. */
const allKeys = Object.entries(CONFIG_KEYS).flatMap(([table, keys]) =>
  keys.map((key) => `${table === 'camera' ? 'cameraN' : table}.${key}`),
)

test('README.md explains every key of the configuration', () => {
  const text = chapter('Configuration')
  const perCamera = /^(.*)can also stand in a camera's own table/m.exec(text)?.[1] ?? ''
  const missing = allKeys.filter((key) => {
    const [table, name] = key.split('.') as [string, string]
    const isVideoKey = table === 'cameraN' && CONFIG_KEYS.video.includes(name)
    return isVideoKey ? !perCamera.includes(`\`${name}\``) : !text.includes(`\`${key}\``)
  })
  expect(missing).toEqual([])
})

test('README.md explains no key that does not exist', () => {
  const written = Array.from(
    chapter('Configuration').matchAll(/`((?:server|cameraN|video|webrtc|limits)\.[\w-]+)`/g),
    ([, key]) => key!,
  )
  expect(written.filter((key) => !allKeys.includes(key))).toEqual([])
})

test('config.example.toml has every key, in force or commented out', () => {
  const tables = new Map(example.split(/^\[/m).map((text) => [text.slice(0, text.indexOf(']')), text]))
  const missing = Object.entries(CONFIG_KEYS).flatMap(([table, keys]) => {
    const text = tables.get(table === 'camera' ? 'camera1' : table) ?? ''
    return keys.filter((key) => !new RegExp(`^#?${key} = `, 'm').test(text)).map((key) => `${table}.${key}`)
  })
  expect(missing).toEqual([])
})

test.each([
  ['server.web-port', defaultConfig().server.webPort],
  ['server.bind-ip', `"${defaultConfig().server.bindIp}"`],
  ['video.codec', `"${defaultConfig().cameras[0]!.codec}"`],
  ['video.bitrate', defaultConfig().cameras[0]!.bitrate],
  ['video.keyframe-interval', defaultConfig().cameras[0]!.keyframeInterval],
  ['webrtc.max-clients', defaultConfig().webrtc.maxClients],
  ['webrtc.udp-port', defaultConfig().webrtc.udpPort],
])('README.md gives the default of %s as it is: %s', (key, value) =>
  expect(chapter('Configuration')).toMatch(new RegExp(`^\\| \`${key}\` \\| \`?${value}\`? \\|`, 'm')),
)

test('README.md explains every flag and command of the help text', () => {
  const text = chapter('The command')
  const flags = Array.from(HELP.matchAll(/^ +(?:(-\w), |) *(--[\w-]+)/gm), ([, short, long]) => [short, long])
    .flat()
    .filter((flag) => flag !== undefined)
  expect(flags.length).toBeGreaterThan(8)
  expect(flags.filter((flag) => !new RegExp(`\`${flag}[\` ]`).test(text))).toEqual([])
  const commands = Array.from(
    HELP.slice(HELP.indexOf('Commands:'), HELP.indexOf('Flags:')).matchAll(/^ {2}(\w+)/gm),
    ([, command]) => command!,
  )
  expect(commands.length).toBeGreaterThan(2)
  expect(commands.filter((command) => !text.includes(`rpi-webrtc ${command}`))).toEqual([])
})

test('README.md and the help text give the same exit codes', () => {
  const codes = Array.from(HELP.matchAll(/^ {2}(\d+) /gm), ([, code]) => code!)
  expect(codes).toEqual(['0', '78', '69', '1'])
  const sentence = chapter('The command').slice(chapter('The command').indexOf('Exit codes'))
  for (const code of codes) expect(sentence).toMatch(new RegExp(`\\b${code} `))
})

test('every file that README.md points to is there', () => {
  const links = Array.from(readme.matchAll(/(?:\]\(|src=")(?!https?:|#)([^)"]+)/g), ([, path]) => path!)
  expect(links.length).toBeGreaterThan(1)
  for (const path of links) expect(() => read(path), path).not.toThrow()
})
