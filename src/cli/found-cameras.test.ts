import { describe, expect, test } from 'vitest'
import { exampleMachine } from '../../test/fakes/examples.js'
import type { CameraList } from '../camera/devices/discover.js'
import type { FoundCamera } from '../camera/devices/found-camera.js'
import { parseConfig } from '../config/parse.js'
import { FoundCameras } from './found-cameras.js'

const camera = (name: string, about: Partial<FoundCamera> = {}): FoundCamera => ({
  kind: 'v4l2',
  device: `/dev/v4l/by-id/${name}`,
  name,
  ...about,
})

/** A machine on which cameras come and go. */
function machineWith(...cameras: FoundCamera[]) {
  const list: CameraList = { cameras, notes: [] }
  const found = new FoundCameras({
    probe: async () => await Promise.resolve(exampleMachine({ without: ['v4l2h264enc'] })),
    findCameras: async () => await Promise.resolve(list),
  })
  const configOf = async (rest = '', video = {}) => {
    const { toml, ...about } = await found.tables(video)
    return { ...about, config: parseConfig(rest + toml, 'config.toml') }
  }
  return { list, configOf }
}

test('each camera found is a table, with the codec that suits the machine', async () => {
  const { origin, config } = await machineWith(camera('a'), camera('b')).configOf()
  expect(origin).toBe('found')
  expect(config.cameras).toMatchObject([
    { key: 'camera1', codec: 'vp8', device: { kind: 'v4l2', path: '/dev/v4l/by-id/a' } },
    { key: 'camera2', codec: 'vp8', device: { kind: 'v4l2', path: '/dev/v4l/by-id/b' } },
  ])
})

test('a camera keeps its number while others come and go', async () => {
  const { list, configOf } = machineWith(camera('b'))
  await configOf()
  const devices = async () => (await configOf()).config.cameras.map(({ key, device }) => [key, device])
  list.cameras = [camera('a'), camera('b')]
  const both = await devices()
  expect(both).toMatchObject([
    ['camera1', { path: '/dev/v4l/by-id/b' }],
    ['camera2', { path: '/dev/v4l/by-id/a' }],
  ])
  list.cameras = [camera('a')]
  expect(await devices()).toEqual(both)
})

test('without a camera there is a test picture that says so, until the first is found', async () => {
  const { list, configOf } = machineWith()
  list.notes = ['The cable is loose.']
  const { origin, notes, config } = await configOf()
  expect({ origin, notes }).toEqual({ origin: 'test-picture', notes: ['The cable is loose.'] })
  expect(config.cameras).toMatchObject([
    { device: { kind: 'test' }, onDemand: true, overlay: expect.stringMatching(/^No camera/) as string },
  ])
  list.cameras = [camera('a')]
  expect((await configOf()).config.cameras).toMatchObject([{ key: 'camera1', device: { kind: 'v4l2' } }])
})

describe('the [video] table of the file takes precedence', () => {
  test.each([
    ['codec = "h264"', { codec: 'h264' as const }],
    ['bitrate = 700000', { bitrate: 700_000 }],
    ['encoder = "x264enc"\ncodec = "h264"', { encoder: 'x264enc', codec: 'h264' }],
  ])('%s', async (video, expected) => {
    const keys = Object.fromEntries(video.split('\n').map((line) => [line.split(' = ')[0]!, true] as const))
    const { config } = await machineWith(camera('a')).configOf(`[video]\n${video}\n`, keys)
    expect(config.cameras[0]).toMatchObject(expected)
  })

  test('but not over what a camera can only do its own way', async () => {
    const own = camera('a', { modes: [{ width: 1280, height: 720, rates: [30], format: 'h264' }] })
    const { config } = await machineWith(own).configOf('[video]\nbitrate = 700000\n', { bitrate: 700_000 })
    expect(config.cameras[0]).toMatchObject({ format: 'h264', codec: 'h264' })
  })
})
