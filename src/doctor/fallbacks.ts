import { fallbackPath, parseFallbacks, type FallbackEntry } from '../camera/capture/fallback-file.js'
import { sizeText } from '../camera/sensors/sensor.js'
import type { CameraConfig } from '../config/types.js'
import { warning, type Check } from './check.js'
import type { System } from './system.js'

/** The service's, whatever the environment of this command is. */
const SERVICE_PATH = '/var/lib/rpi-webrtc/fallbacks.json'

/** Cameras that delivered only without some of their settings, and how to try these again. */
export async function checkFallbacks({ key, device }: CameraConfig, system: System): Promise<Check[]> {
  const name = nameOf(device)
  const paths = new Set([SERVICE_PATH, fallbackPath(system.env)])
  const found: Check[] = []
  for (const path of paths) {
    if (path === undefined) continue
    const entry = parseFallbacks((await system.readText(path)) ?? '').find(({ camera }) => camera === name)
    if (entry === undefined) continue
    const detail = `delivers since ${new Date(entry.sinceMs).toISOString().slice(0, 10)} only with ${givenUp(entry)} (${entry.because})`
    const hint = `To try all settings again, delete ${path} and restart rpi-webrtc`
    found.push(warning('camera-fallback', `${key} settings`, detail, hint))
  }
  return found
}

function nameOf(device: CameraConfig['device']): string | undefined {
  switch (device.kind) {
    case 'libcamera':
      return device.name
    case 'v4l2':
      return device.path
    case 'test':
    case 'rtp':
    case 'whip':
      return undefined
  }
}

/** What is in use; the entry does not say what was configured. */
const givenUp = ({ rung: { view, hardware, size, low } }: FallbackEntry): string =>
  [
    ...(view === undefined ? [] : [`field of view by ${view}`]),
    ...(hardware ? [] : ['a software encoder']),
    ...(size === undefined ? [] : [sizeText(size)]),
    ...(low === 'off' ? ['one size'] : low === 'scaler' ? ['a small size by software'] : []),
  ].join(', ') || 'copied frames'
