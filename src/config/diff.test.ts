import { describe, expect, test } from 'vitest'
import { CONFIG_KEYS } from './schema.js'
import { parseConfig, testModeConfig } from './parse.js'
import { LIMITS } from './limits.js'
import { diffConfig } from './diff.js'

const PLAIN = '[camera1]\ndevice = "/dev/video0"\n[camera2]\ndevice = "/dev/video2"\n'
const none = { keys: [], added: [], removed: [], replaced: [], restarted: [] }

const between = (before: string, after: string) =>
  diffConfig(parseConfig(before, 'config.toml'), parseConfig(after, 'config.toml'))

/** The first camera of PLAIN, with further lines. */
const first = (more: string, device = '/dev/video0'): string =>
  PLAIN.replace('device = "/dev/video0"', `device = "${device}"\n${more}`)

test('the same file asks for nothing', () => expect(between(PLAIN, PLAIN)).toEqual(none))

test('a default that is written down asks for nothing', () =>
  expect(between(PLAIN, first('width = 640\nwebrtc-port = 5557'))).toEqual(none))

test('a camera that is new is added, one that is missing is removed', () => {
  const { keys, added, removed, ...others } = between(PLAIN, PLAIN.replace('[camera2]', '[camera7]'))
  expect(keys).toEqual(['camera2', 'camera7'])
  expect(added.map(({ key }) => key)).toEqual(['camera7'])
  expect(removed).toEqual(['camera2'])
  expect(others).toEqual({ replaced: [], restarted: [] })
})

describe('a camera whose settings are others', () => {
  test.each([
    ['width = 320', 'camera1.width'],
    ['height = 240', 'camera1.height'],
    ['fps = 15', 'camera1.fps'],
    ['flip-method = "rotate-180"', 'camera1.flip-method'],
    ['format = "mjpeg"', 'camera1.format'],
    ['bitrate = 1000000', 'camera1.bitrate'],
    ['keyframe-interval = 30', 'camera1.keyframe-interval'],
    ['encoder = "vp8enc"', 'camera1.encoder'],
  ])('is started again for %j, and its viewers stay', (line, key) =>
    expect(between(PLAIN, first(line))).toEqual({ ...none, keys: [key], restarted: ['camera1'] }),
  )

  test('is started again for another device', () =>
    expect(between(PLAIN, first('', '/dev/video4'))).toMatchObject({
      keys: ['camera1.device'],
      restarted: ['camera1'],
    }))

  test.each([
    ['name = "Hall"', 'camera1.name'],
    ['webrtc-port = 6001', 'camera1.webrtc-port'],
    ['on-demand = true', 'camera1.on-demand'],
    ['on-demand-close-after = 30', 'camera1.on-demand-close-after'],
  ])('captures on for %j', (line, key) =>
    expect(between(PLAIN, first(line))).toEqual({ ...none, keys: [key] }),
  )

  test('is started again for a name that its test picture has drawn in', () => {
    const config = (toml: string) => testModeConfig(parseConfig(toml, 'config.toml'))
    expect(diffConfig(config(PLAIN), config(first('name = "Hall"')))).toMatchObject({
      restarted: ['camera1'],
    })
  })

  test.each([
    ['another codec', first('codec = "h264"')],
    ['a device that another program sends', first('', 'rtp://127.0.0.1:5004')],
  ])('is another camera with %s', (_what, after) => {
    expect(between(PLAIN, after)).toMatchObject({ restarted: [], replaced: [{ key: 'camera1' }] })
    expect(between(after, PLAIN)).toMatchObject({ restarted: [], replaced: [{ key: 'camera1' }] })
  })

  test('takes a bitrate in place that another program has to keep to', () =>
    expect(
      between(first('', 'rtp://127.0.0.1:5004'), first('bitrate = 1000000', 'rtp://127.0.0.1:5004')),
    ).toEqual({ ...none, keys: ['camera1.bitrate'] }))
})

test('what holds for every camera is a change of each', () =>
  expect(between(PLAIN, `${PLAIN}[video]\nbitrate = 1000000\n`)).toEqual({
    ...none,
    keys: ['camera1.bitrate', 'camera2.bitrate'],
    restarted: ['camera1', 'camera2'],
  }))

test('every other key is named as the file names it, and no value of it', () => {
  const values: Record<string, string> = {
    'server.web-port': '81',
    'server.bind-ip': '"127.0.0.1"',
    'server.pi-ip': '"10.0.0.1"',
    'server.tls-cert': '"/c.pem"',
    'server.tls-key': '"/k.pem"',
    'server.username': '"anna"',
    'server.password': '"secret"',
    'server.token': '"0123456789abcdef"',
    'server.allow-origins': '["http://a.example"]',
    'server.names': '["a.example"]',
    'webrtc.stun-server': '"stun:a.example"',
    'webrtc.max-clients': '7',
    'webrtc.udp-port': '9000',
    'webrtc.udp-bind-ip': '"127.0.0.2"',
    'webrtc.announce': '["203.0.113.7"]',
  }
  for (const [key, [, least]] of Object.entries(LIMITS)) values[`limits.${key}`] = String(least + 1)
  const known = (['server', 'webrtc', 'limits'] as const).flatMap((table) =>
    CONFIG_KEYS[table].map((key) => `${table}.${key}`),
  )
  expect(Object.keys(values).sort()).toEqual(known.sort())
  const table = (name: string): string =>
    Object.entries(values)
      .filter(([key]) => key.startsWith(name))
      .map(([key, value]) => `${key.slice(name.length + 1)} = ${value}\n`)
      .join('')
  const after = `[server]\n${table('server')}${PLAIN}[webrtc]\n${table('webrtc')}[limits]\n${table('limits')}`
  expect(between(PLAIN, after)).toEqual({ ...none, keys: expect.arrayContaining(known) as string[] })
  expect(between(PLAIN, after).keys).toHaveLength(known.length)
})
