import { expect, test } from 'vitest'
import { exampleCamera } from '../../test/fakes/examples.js'
import { exampleSystem } from '../../test/fakes/system.js'
import { renderFallbacks, type FallbackEntry } from '../camera/capture/fallback-file.js'
import { checkFallbacks } from './fallbacks.js'

const NAME = '/base/soc/i2c0mux/i2c@1/imx219@10'
const PATH = '/var/lib/rpi-webrtc/fallbacks.json'
const camera = exampleCamera({ device: { kind: 'libcamera', name: NAME } })

const entry = (about: Partial<FallbackEntry> = {}): FallbackEntry => ({
  camera: NAME,
  libcamera: '0.7.1',
  gstreamer: '1.26.2',
  settings: '640x480@30',
  rung: { view: 'second-pad', dmabufImport: false, hardware: true },
  because: 'not-negotiated',
  sinceMs: Date.parse('2026-06-01T10:00:00Z'),
  ...about,
})

test('a camera that delivers without a setting is named, and how to try it again', async () => {
  const system = exampleSystem({ files: { [PATH]: renderFallbacks([entry()]) } })
  expect(await checkFallbacks(camera, system)).toEqual([
    {
      id: 'camera-fallback',
      status: 'warning',
      title: 'camera1 settings',
      detail: 'delivers since 2026-06-01 only with field of view by second-pad (not-negotiated)',
      hint: `To try all settings again, delete ${PATH} and restart rpi-webrtc`,
    },
  ])
})

test('the file of the user is read, too', async () => {
  const path = '/home/pi/.local/state/rpi-webrtc/fallbacks.json'
  const software = entry({ rung: { view: undefined, dmabufImport: false, hardware: false } })
  const system = exampleSystem({
    files: { [path]: renderFallbacks([software]) },
    about: { env: { HOME: '/home/pi' } },
  })
  expect(await checkFallbacks(camera, system)).toMatchObject([
    {
      detail: expect.stringContaining('a software encoder') as string,
      hint: expect.stringContaining(path) as string,
    },
  ])
})

test('nothing is said of other cameras, or without the file', async () => {
  const others = renderFallbacks([entry({ camera: '/dev/video0' })])
  expect(await checkFallbacks(camera, exampleSystem({ files: { [PATH]: others } }))).toEqual([])
  expect(await checkFallbacks(camera, exampleSystem())).toEqual([])
  expect(await checkFallbacks(exampleCamera(), exampleSystem({ files: { [PATH]: others } }))).toEqual([])
})
