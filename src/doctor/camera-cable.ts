import type { System } from './system.js'

export interface NoCamera {
  detail: string
  hint: string
}

/** Sensor names of the kernel and the overlays. */
const SENSOR = /^(?:imx\d{3}|ov\d{4}|ov64a40|arducam-[\w-]+)/

/** Finds the cause in the kernel's devices and log and in the firmware's configuration. */
export async function explainNoCamera(system: System, model: string | undefined): Promise<NoCamera> {
  if (model?.startsWith('Raspberry Pi') !== true)
    return {
      detail: 'libcamera finds no camera on this machine, which is not a Raspberry Pi',
      hint: 'Set device to a USB camera: "rpi-webrtc cameras" lists them; or run with --test-mode',
    }
  const silent = (await silentSensor(system)) ?? sensorInLog((await system.run('dmesg', [])).stdout)
  const { path, text } = await bootConfig(system)
  return explain(silent, parseBootConfig(text, model), path, model)
}

/** Why a machine has neither a camera module nor a USB camera, in whole sentences. */
export async function explainNone(system: System, model: string | undefined): Promise<string[]> {
  const usb = 'There is no USB camera either: plug one in; lsusb shows whether the machine detects it.'
  if (model?.startsWith('Raspberry Pi') !== true) return [usb.replace(' either', '')]
  const { detail, hint } = await explainNoCamera(system, model)
  return [`On the ribbon cable: ${detail}. ${hint}.`, usb]
}

/** @param silent a configured sensor that does not respond. */
export function explain(
  silent: string | undefined,
  config: BootConfig,
  path: string,
  model: string,
): NoCamera {
  const cable = `Switch off, check both ends of the ribbon cable (contacts and latch), ${cableAdvice(model)}`
  if (silent !== undefined) return { detail: `the configured sensor ${silent} does not respond`, hint: cable }
  if (config.isLegacy)
    return {
      detail: 'the legacy camera stack is enabled, so libcamera finds no camera',
      hint: `Delete start_x=1 from ${path}, set camera_auto_detect=1, and restart`,
    }
  if (config.overlay === undefined && config.autoDetect === false)
    return {
      detail: 'camera detection is disabled in the firmware configuration',
      hint: `Set camera_auto_detect=1 in ${path} and restart; a third-party sensor needs its dtoverlay line`,
    }
  if (config.overlay !== undefined)
    return {
      detail: `libcamera finds no camera, although dtoverlay=${config.overlay} is set`,
      hint: `If the sensor is another one, delete the line from ${path} and set camera_auto_detect=1. ${cable}`,
    }
  return {
    detail: 'neither libcamera nor the firmware finds a camera',
    hint: `${cable}; a third-party sensor needs its dtoverlay line in ${path}`,
  }
}

const cableAdvice = (model: string): string =>
  /Raspberry Pi (?:5|Zero|Compute)/.test(model)
    ? 'and that it is the narrow one with 22 contacts, which this model needs'
    : 'and that it is in the connector marked CAMERA, not DISPLAY'

export interface BootConfig {
  /** undefined if the file cannot be read. */
  autoDetect: boolean | undefined
  /** The sensor that a dtoverlay names. */
  overlay: string | undefined
  isLegacy: boolean
}

/** config.txt: the last line applies, and lines below a filter such as [pi4] apply to that model only. */
export function parseBootConfig(text: string | undefined, model: string): BootConfig {
  const config: BootConfig = { autoDetect: undefined, overlay: undefined, isLegacy: false }
  if (text === undefined) return config
  // A file without the line disables detection.
  config.autoDetect = false
  let applies = true
  for (const line of text.split('\n').map((text) => text.trim())) {
    const filter = /^\[([^\]]+)\]/.exec(line)?.[1]
    if (filter !== undefined) applies = isFor(filter.toLowerCase(), model)
    if (!applies) continue
    const [, key = '', value = ''] = /^(\w+)=(.*)$/.exec(line) ?? []
    if (key === 'camera_auto_detect') config.autoDetect = value === '1'
    if (key === 'start_x') config.isLegacy = value === '1'
    if (key === 'dtoverlay' && SENSOR.test(value)) config.overlay = value.split(',')[0]
  }
  return config
}

const isFor = (filter: string, model: string): boolean =>
  filter === 'all' || (filter.startsWith('pi') && model.startsWith(`Raspberry Pi ${filter.slice(2)}`))

async function bootConfig(system: System): Promise<{ path: string; text: string | undefined }> {
  for (const path of ['/boot/firmware/config.txt', '/boot/config.txt']) {
    const text = await system.readText(path)
    if (text !== undefined) return { path, text }
  }
  return { path: '/boot/firmware/config.txt', text: undefined }
}

/** A sensor of the device tree without a driver: it did not respond when it was probed. */
async function silentSensor(system: System): Promise<string | undefined> {
  const bus = '/sys/bus/i2c/devices'
  for (const device of await system.list(bus)) {
    const name = ((await system.readText(`${bus}/${device}/name`)) ?? '').trim()
    if (SENSOR.test(name) && (await system.linkTarget(`${bus}/${device}/driver`)) === undefined) return name
  }
  return undefined
}

/** `imx219 10-0010: failed to read chip id 219, with error -5`, and the messages of other drivers. */
export const sensorInLog = (dmesg: string): string | undefined =>
  /\b((?:imx|ov)\d{3,4}\w*) \d+-00\w\w: .*(?:chip id|probe .*failed with error)/i.exec(dmesg)?.[1]
