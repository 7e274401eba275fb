import { describe, expect, test } from 'vitest'
import { readConnectorBuses, SYMBOLS, type ConnectorBuses } from './connectors.js'
import { aboutName, findModule } from './find-module.js'
import type { FoundCamera } from './found-camera.js'

const PI5 = '/base/axi/pcie@1000120000/rp1'
const PI4 = '/base/soc/i2c0mux'
const module = (device: string, name: string): FoundCamera => ({ kind: 'libcamera', device, name })
const WIDE = module(`${PI5}/i2c@80000/imx708@1a`, 'imx708_wide')
const SECOND = module(`${PI5}/i2c@88000/imx219@10`, 'imx219')
const ONLY = module(`${PI4}/i2c@1/imx219@10`, 'Internal front camera imx219')
const VIMC = module('platform/vimc.0 Sensor B', 'External camera Sensor B')
const USB: FoundCamera = { kind: 'v4l2', device: '/dev/video0', name: 'imx708' }
/** A CM5 on the carrier of a CM4: the bus that is csi0 of a Pi 5. */
const CARRIER: ConnectorBuses = { csi0: `${PI5}/i2c@70000`, csi1: `${PI5}/i2c@88000` }

const find = (name: string, cameras: FoundCamera[], buses: ConnectorBuses = {}) => {
  const found = findModule(name, cameras, buses)
  return 'cause' in found ? found.cause : [found.how, found.device]
}

describe('a name', () => {
  test.each<[string, FoundCamera[], string, FoundCamera]>([
    [WIDE.device, [SECOND, WIDE], 'exact', WIDE],
    ['/base/axi/pcie@120000/rp1/i2c@80000/imx708@1a', [SECOND, WIDE, USB], 'renamed', WIDE],
    ['/base/soc/i2c@1/imx219@10', [ONLY], 'renamed', ONLY],
    ['i2c@80000/imx708@1a', [SECOND, WIDE], 'renamed', WIDE],
    ['imx708', [SECOND, WIDE, USB], 'short', WIDE],
    ['IMX708', [SECOND, WIDE], 'short', WIDE],
    ['imx708_wide', [SECOND, WIDE], 'short', WIDE],
    ['imx708@1a', [SECOND, WIDE], 'short', WIDE],
    ['imx219', [ONLY], 'short', ONLY],
    ['csi0', [WIDE, SECOND], 'short', SECOND],
    ['csi1', [WIDE, SECOND], 'short', WIDE],
    ['csi1', [ONLY], 'short', ONLY],
    ['csi0', [ONLY], 'order', ONLY],
    ['csi0', [VIMC], 'order', VIMC],
  ])('%s is found', (name, cameras, how, camera) => expect(find(name, cameras)).toEqual([how, camera.device]))

  test.each<[string, FoundCamera[], string]>([
    ['imx708', [], 'no-camera'],
    ['imx708', [USB], 'no-camera'],
    ['imx477', [WIDE], 'unknown-camera'],
    ['imx70', [WIDE], 'unknown-camera'],
    ['/base/axi/pcie@120000/rp1/i2c@88000/imx708@1a', [WIDE], 'unknown-camera'],
    ['imx219', [SECOND, ONLY], 'ambiguous-camera'],
    ['csi0', [WIDE], 'unknown-camera'],
    ['csi1', [VIMC], 'unknown-camera'],
  ])('%s is a failure', (name, cameras, cause) => expect(find(name, cameras)).toBe(cause))

  test('that two cameras end with is not decided', () => {
    const twin = module('/base/axi/pcie@2/rp1/i2c@80000/imx708@1a', 'imx708')
    expect(find('/base/axi/pcie@120000/rp1/i2c@80000/imx708@1a', [WIDE, twin])).toBe('ambiguous-camera')
  })

  test('means the connector that the device tree labels', () => {
    expect(find('csi1', [WIDE, SECOND], CARRIER)).toEqual(['short', SECOND.device])
    expect(find('csi0', [SECOND], CARRIER)).toBe('unknown-camera')
  })
})

describe('the text', () => {
  test('about a renamed camera has the line to write', () =>
    expect(aboutName('/base/old', { device: '/base/new', how: 'renamed' })).toBe(
      'the camera /base/old is now called /base/new: write device = "/base/new"',
    ))

  test('about a connector that is guessed says so', () =>
    expect(aboutName('csi0', { device: VIMC.device, how: 'order' })).toContain(
      'by the order of the list, because no camera is known to be on that connector',
    ))

  test('about an unknown name has the names that exist', () =>
    expect(findModule('imx477', [WIDE, SECOND], {})).toMatchObject({
      hint: `Set device to "${WIDE.device}" or "${SECOND.device}", which it finds.`,
    }))

  test('about an empty connector names the other one', () =>
    expect(findModule('csi0', [WIDE], {})).toEqual({
      cause: 'unknown-camera',
      message: 'No camera is connected to csi0.',
      hint: 'The imx708_wide is on csi1. Set device to that, or check the ribbon cable of csi0.',
    }))
})

test('the connectors are the labels of the device tree', async () => {
  const files: Record<string, string> = {
    [`${SYMBOLS}/i2c_csi_dsi0`]: '/soc/i2c0mux/i2c@0\0',
    [`${SYMBOLS}/i2c_csi_dsi`]: '/soc/i2c0mux/i2c@1\0',
  }
  expect(await readConnectorBuses(async (path) => await Promise.resolve(files[path]))).toEqual({
    csi0: '/base/soc/i2c0mux/i2c@0',
    csi1: '/base/soc/i2c0mux/i2c@1',
  })
  expect(await readConnectorBuses(async () => await Promise.resolve(undefined))).toEqual({})
})
