import { describe, expect, test } from 'vitest'
import type { CameraList } from './discover.js'
import { ModuleNames } from './module-names.js'

const OLD = '/base/axi/pcie@120000/rp1/i2c@80000/imx708@1a'
const NEW = '/base/axi/pcie@1000120000/rp1/i2c@80000/imx708@1a'
const OTHER = '/base/axi/pcie@1000120000/rp1/i2c@88000/imx219@10'
const listOf = (...devices: string[]): CameraList => ({
  cameras: devices.map((device) => ({ kind: 'libcamera', device, name: device.split('/').at(-1)! })),
  notes: [],
})

/** Names of a machine that lists `lists` one after the other. @param tree whether its device tree has a name. */
function namesOf(lists: CameraList[], tree: (name: string) => boolean | undefined = () => undefined) {
  let calls = 0
  const names = new ModuleNames({
    list: async () => await Promise.resolve(lists[Math.min(calls++, lists.length - 1)]!),
    buses: async () => await Promise.resolve({}),
    inDeviceTree: async (name) => await Promise.resolve(tree(name)),
  })
  return { names, lists: () => calls }
}

describe('an exact name', () => {
  test('is used without a list', async () => {
    const { names, lists } = namesOf([listOf(NEW)])
    expect(await names.find(NEW)).toEqual({ device: NEW, how: 'exact' })
    expect(await names.find('test_camera_1')).toEqual({ device: 'test_camera_1', how: 'exact' })
    expect(await names.find('Virtual0')).toEqual({ device: 'Virtual0', how: 'exact' })
    expect(lists()).toBe(0)
  })

  test('that the device tree does not have is looked up before a start', async () => {
    const { names } = namesOf([listOf(NEW, OTHER)], (name) => name === NEW)
    expect(await names.find(OLD)).toEqual({ device: NEW, how: 'renamed' })
  })

  test('that libcamera does not know is looked up after the start, and from then on', async () => {
    const { names, lists } = namesOf([listOf(NEW, OTHER)])
    expect(await names.find(OLD)).toEqual({ device: OLD, how: 'exact' })
    names.reportUnknown(OLD)
    expect(await names.find(OLD)).toEqual({ device: NEW, how: 'renamed' })
    expect(await names.find(OLD)).toEqual({ device: NEW, how: 'renamed' })
    expect(lists()).toBe(1)
  })

  test('that cannot be looked up is left to libcamera', async () => {
    const { names } = namesOf([{ cameras: [], notes: ['Nothing lists them.'] }], () => false)
    expect(await names.find(OLD)).toEqual({ device: OLD, how: 'exact' })
  })
})

describe('a short name', () => {
  test('is looked up, and the list is kept', async () => {
    const { names, lists } = namesOf([listOf(NEW, OTHER)])
    expect(await names.find('imx708')).toEqual({ device: NEW, how: 'short' })
    expect(await names.find('csi0')).toEqual({ device: OTHER, how: 'short' })
    expect(lists()).toBe(1)
  })

  test('is looked up once for cameras that start together', async () => {
    const { names, lists } = namesOf([listOf(NEW, OTHER)])
    await Promise.all([names.find('imx708'), names.find('imx219')])
    expect(lists()).toBe(1)
  })

  test('that the kept list does not have is looked up again', async () => {
    const { names, lists } = namesOf([listOf(NEW), listOf(NEW, OTHER)])
    await names.find('imx708')
    expect(await names.find('imx219')).toEqual({ device: OTHER, how: 'short' })
    expect(lists()).toBe(2)
  })

  test('without a program that lists cameras is a failure with the command that installs one', async () => {
    const { names } = namesOf([
      { cameras: [], notes: ['Install one with: sudo apt install libcamera-tools'] },
    ])
    expect(await names.find('imx708')).toEqual({
      cause: 'cameras-not-listed',
      message: 'The camera "imx708" cannot be looked up, because the cameras cannot be listed.',
      hint: 'Install one with: sudo apt install libcamera-tools',
    })
  })
})
