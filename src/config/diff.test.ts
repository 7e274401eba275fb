import { describe, expect, test } from 'vitest'
import { propertyOf } from './key.js'
import { rowsOf } from './keys.js'
import { parseConfig, testModeConfig } from './parse.js'
import { diffConfig } from './diff.js'

const PLAIN = '[camera1]\ndevice = "/dev/video0"\n[camera2]\ndevice = "/dev/video2"\n'
const none = { keys: [], added: [], removed: [], replaced: [], restarted: [] }

const between = (before: string, after: string) =>
  diffConfig(parseConfig(before, 'config.toml'), parseConfig(after, 'config.toml'))

/** The first camera of PLAIN, with further lines. */
const first = (more: string, device = '/dev/video0'): string =>
  PLAIN.replace('device = "/dev/video0"', `device = "${device}"\n${more}`)

test('the same file has no difference', () => expect(between(PLAIN, PLAIN)).toEqual(none))

test('a default that is written out is no difference', () =>
  expect(between(PLAIN, first('width = 640\nwebrtc-port = 5557'))).toEqual(none))

test('a new camera is added, a missing one is removed', () => {
  const { keys, added, removed, ...others } = between(PLAIN, PLAIN.replace('[camera2]', '[camera7]'))
  expect(keys).toEqual(['camera2', 'camera7'])
  expect(added.map(({ key }) => key)).toEqual(['camera7'])
  expect(removed).toEqual(['camera2'])
  expect(others).toEqual({ replaced: [], restarted: [] })
})

describe('a camera with other settings', () => {
  test.each([
    ['width = 320', 'camera1.width'],
    ['height = 240', 'camera1.height'],
    ['fps = 15', 'camera1.fps'],
    ['flip-method = "rotate-180"', 'camera1.flip-method'],
    ['format = "mjpeg"', 'camera1.format'],
    ['bitrate = 1000000', 'camera1.bitrate'],
    ['keyframe-interval = 30', 'camera1.keyframe-interval'],
    ['encoder = "vp8enc"', 'camera1.encoder'],
  ])('restarts its capture process for %j, and keeps its viewers', (line, key) =>
    expect(between(PLAIN, first(line))).toEqual({ ...none, keys: [key], restarted: ['camera1'] }),
  )

  test('restarts its capture process for another device', () =>
    expect(between(PLAIN, first('', '/dev/video4'))).toMatchObject({
      keys: ['camera1.device'],
      restarted: ['camera1'],
    }))

  test.each([
    ['name = "Hall"', 'camera1.name'],
    ['webrtc-port = 6001', 'camera1.webrtc-port'],
    ['on-demand = true', 'camera1.on-demand'],
    ['on-demand-close-after = 30', 'camera1.on-demand-close-after'],
  ])('continues to capture for %j', (line, key) =>
    expect(between(PLAIN, first(line))).toEqual({ ...none, keys: [key] }),
  )

  test('restarts its capture process for a name that is drawn into the test picture', () => {
    const config = (toml: string) => testModeConfig(parseConfig(toml, 'config.toml'))
    expect(diffConfig(config(PLAIN), config(first('name = "Hall"')))).toMatchObject({
      restarted: ['camera1'],
    })
  })

  test.each([
    ['another codec', first('codec = "h264"')],
    ['a device to which another program sends', first('', 'rtp://127.0.0.1:5004')],
  ])('is replaced for %s', (_what, after) => {
    expect(between(PLAIN, after)).toMatchObject({ restarted: [], replaced: [{ key: 'camera1' }] })
    expect(between(after, PLAIN)).toMatchObject({ restarted: [], replaced: [{ key: 'camera1' }] })
  })

  test('applies a bitrate in place if another program encodes', () =>
    expect(
      between(first('', 'rtp://127.0.0.1:5004'), first('bitrate = 1000000', 'rtp://127.0.0.1:5004')),
    ).toEqual({ ...none, keys: ['camera1.bitrate'] }))
})

test('a change of [video] is a change of every camera', () =>
  expect(between(PLAIN, `${PLAIN}[video]\nbitrate = 1000000\n`)).toEqual({
    ...none,
    keys: ['camera1.bitrate', 'camera2.bitrate'],
    restarted: ['camera1', 'camera2'],
  }))

test('every key of [server] is named as the file names it, without its value', () => {
  const values = {
    'web-port': '81',
    'bind-ip': '"127.0.0.1"',
    'pi-ip': '"10.0.0.1"',
    'tls-cert': '"/c.pem"',
    'tls-key': '"/k.pem"',
    username: '"anna"',
    password: '"secret"',
    token: '"0123456789abcdef"',
    'allow-origins': '["http://a.example"]',
    names: '["a.example"]',
  }
  const lines = Object.entries(values).map(([key, value]) => `${key} = ${value}\n`)
  const after = `[server]\n${lines.join('')}${PLAIN}[webrtc]\nudp-bind-ip = "::"\n`
  expect(between(PLAIN, after)).toEqual({ ...none, keys: Object.keys(values).map((key) => `server.${key}`) })
})

test('a port that follows server.bind-ip is named too', () =>
  expect(between(PLAIN, `[server]\nbind-ip = "127.0.0.1"\n${PLAIN}`).keys).toEqual([
    'server.bind-ip',
    'webrtc.udp-bind-ip',
  ]))

describe.each(['webrtc', 'rtsp', 'limits'] as const)('every key of [%s]', (table) => {
  test.each(Object.entries(rowsOf(table)))('%s is named as the file names it', (name, row) => {
    const config = parseConfig(PLAIN, 'config.toml')
    const after = { ...config, [table]: { ...config[table], [propertyOf(name, row)]: 'another value' } }
    expect(diffConfig(config, after)).toEqual({ ...none, keys: [`${table}.${name}`] })
  })
})
