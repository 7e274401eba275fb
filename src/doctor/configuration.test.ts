import { expect, test } from 'vitest'
import { exampleSystem } from '../../test/fakes/system.js'
import { defaultConfig, testModeConfig } from '../config/parse.js'
import { checkConfiguration, isWithoutConfiguration } from './configuration.js'

const INSTALLED = '/etc/rpi-webrtc/config.toml'
const installed = exampleSystem({ files: { [INSTALLED]: '' }, closed: [INSTALLED] })

test('the checked file is named', async () =>
  expect(await checkConfiguration({ source: 'a.toml', warnings: [] }, installed)).toMatchObject([
    { status: 'ok', detail: 'a.toml' },
  ]))

test('checking the defaults beside an installed service is a warning', async () => {
  const defaults = { source: 'the defaults', warnings: [] }
  expect(await checkConfiguration(defaults, installed)).toMatchObject([
    { status: 'warning', hint: `sudo rpi-webrtc doctor --config ${INSTALLED}` },
  ])
  expect(await checkConfiguration(defaults, exampleSystem())).toMatchObject([{ status: 'ok' }])
})

test('every warning about the file is reported with its hint', async () => {
  const warnings = [
    { detail: 'any user can change it', hint: 'sudo chmod o-w a.toml' },
    { detail: 'any user can read it', hint: 'sudo chmod 640 a.toml' },
  ]
  const about = { id: 'configuration', status: 'warning', title: 'configuration' }
  expect(await checkConfiguration({ source: 'a.toml', warnings }, installed)).toEqual(
    warnings.map((one) => ({ ...about, ...one })),
  )
})

test('without a file, on a machine without the cameras of the built-in one, there is none', async () => {
  const config = defaultConfig()
  const none = { cameras: [], notes: [] }
  const builtIn = config.cameras.map(({ device }) => ({
    kind: 'libcamera' as const,
    device: device.kind === 'libcamera' ? device.name : '',
    name: 'imx219',
  }))
  expect(isWithoutConfiguration('the defaults', config, none)).toBe(true)
  expect(isWithoutConfiguration('the defaults', config, { cameras: builtIn, notes: [] })).toBe(false)
  expect(isWithoutConfiguration('the defaults', testModeConfig(config), none)).toBe(false)
  expect(isWithoutConfiguration('config.toml', config, none)).toBe(false)
  expect(
    await checkConfiguration({ source: 'the defaults', warnings: [] }, exampleSystem(), true),
  ).toMatchObject([
    { status: 'problem', hint: expect.stringContaining('rpi-webrtc init writes one') as string },
  ])
})
