import type { CameraConfig } from '../../config/types.js'
import type { CameraFailure } from '../camera-failure.js'
import { knownSensor } from '../sensors/known-sensors.js'
import { libcameraMode } from '../sensors/mode-choice.js'
import { modeText, type Sensor, type SensorMode, type Size } from '../sensors/sensor.js'
import {
  modeOfSize,
  reaches,
  secondStreamSize,
  shareOf,
  showsAsMuch,
  widestMode,
  type Share,
} from '../sensors/view.js'
import type { Machine } from './machine.js'

/**
 * How a sensor mode is requested. `sensor-config`: by name, from libcamera 0.7.1 on. `second-pad`: by a second, larger stream
 * that is thrown away. `plain`: not at all; libcamera selects it by the size of the video.
 */
export const VIEW_STEPS = ['sensor-config', 'second-pad', 'plain'] as const
export type ViewStep = (typeof VIEW_STEPS)[number]

/** What a camera module shows, and how. */
export interface View {
  step: ViewStep
  /** Undefined if the modes of the sensor are not known. */
  mode: SensorMode | undefined
  share: Share | undefined
  /** Size of the second stream. */
  secondPad?: Size
}

/** The listed modes of a camera module; else those of its sensor, if it is a common one. */
export function sensorOf({ device }: Pick<CameraConfig, 'device'>, machine: Machine): Sensor | undefined {
  if (device.kind !== 'libcamera') return undefined
  return listedSensor(device.name, machine.sensors) ?? knownSensor(device.name)
}

/** A name that another kernel gave is found by its tail, `imx219@10`, if no other camera has the same. */
function listedSensor(name: string, sensors: Machine['sensors']): Sensor | undefined {
  const tailOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1)
  const alike = [...sensors].filter(([listed]) => tailOf(listed) === tailOf(name))
  return sensors.get(name) ?? (alike.length === 1 ? alike[0]![1] : undefined)
}

/** The libcamera names of the cameras whose field of view depends on the modes of their sensor. */
export const namesWithModes = (cameras: readonly Pick<CameraConfig, 'device' | 'fieldOfView'>[]): string[] =>
  cameras.flatMap(({ device, fieldOfView }) =>
    device.kind === 'libcamera' && fieldOfView !== 'auto' ? [device.name] : [],
  )

/**
 * The ways to the configured field of view on this machine, best first. The last one is always `plain`; it is the only one if
 * libcamera selects a mode by itself that shows as much. Empty for a camera that is no camera module.
 */
export function viewsOf(camera: CameraConfig, machine: Machine): View[] | CameraFailure {
  if (camera.device.kind !== 'libcamera') return []
  const sensor = sensorOf(camera, machine)
  const isOneMode = typeof camera.fieldOfView === 'object'
  if (sensor === undefined) return isOneMode ? unknownModes(camera) : [plainView(undefined, camera)]
  const plain = plainView(sensor, camera)
  if (camera.fieldOfView === 'auto') return [plain]
  const wanted = isOneMode
    ? modeOfSize(sensor, camera.fieldOfView as Size)
    : widestMode(sensor, camera, camera.fps.max)
  if (wanted === undefined) return isOneMode ? unknownMode(camera, sensor) : [plain]
  const isGoodEnough = isOneMode
    ? (mode: SensorMode): boolean => mode.width === wanted.width && mode.height === wanted.height
    : (mode: SensorMode): boolean =>
        showsAsMuch(shareOf(sensor, mode, camera), shareOf(sensor, wanted, camera)) &&
        (reaches(mode, camera.fps.max) || !reaches(wanted, camera.fps.max) || isSmaller(wanted, camera))
  if (plain.mode !== undefined && isGoodEnough(plain.mode)) return [plain]
  return [
    ...(machine.libcamerasrcProperties.has('sensor-config') ? [namedView(sensor, wanted, camera)] : []),
    ...secondPadView(sensor, camera, isGoodEnough),
    plain,
  ]
}

/** Scaled up, such a mode would lose detail that the video was configured for. */
const isSmaller = (mode: SensorMode, video: Size): boolean =>
  mode.width < video.width && mode.height < video.height

const plainView = (sensor: Sensor | undefined, camera: Size): View => {
  const mode = sensor && libcameraMode(sensor, camera)
  return { step: 'plain', mode, share: mode && shareOf(sensor, mode, camera) }
}

const namedView = (sensor: Sensor, mode: SensorMode, camera: Size): View => ({
  step: 'sensor-config',
  mode,
  share: shareOf(sensor, mode, camera),
})

function secondPadView(sensor: Sensor, camera: Size, isAccepted: (mode: SensorMode) => boolean): View[] {
  const secondPad = secondStreamSize(sensor, camera, isAccepted)
  if (secondPad === undefined) return []
  const mode = libcameraMode(sensor, secondPad)
  return [{ step: 'second-pad', mode, share: mode && shareOf(sensor, mode, camera), secondPad }]
}

/** Exact, or libcamera rejects it: "Invalid sensor configuration". */
export const sensorConfig = ({ step, mode }: View): string[] =>
  step === 'sensor-config' && mode !== undefined
    ? [`sensor-config="sensor/config,width=${mode.width},height=${mode.height},depth=${mode.bitDepth}"`]
    : []

const unknownMode = ({ key, fieldOfView }: CameraConfig, { modes }: Sensor): CameraFailure => ({
  cause: 'unknown-sensor-mode',
  message: `The sensor of ${key} has no mode ${sizeOf(fieldOfView)}.`,
  hint: `Set field-of-view to "full", "auto", or one of its modes: ${[...new Set(modes.map(modeText))].join(', ')}.`,
})

const unknownModes = ({ key, fieldOfView }: CameraConfig): CameraFailure => ({
  cause: 'unknown-sensor-mode',
  message: `The sensor modes of ${key} are not known, so ${sizeOf(fieldOfView)} cannot be selected.`,
  hint: 'Install rpicam-apps-lite, which lists them, or set field-of-view = "auto".',
})

const sizeOf = (view: CameraConfig['fieldOfView']): string =>
  typeof view === 'object' ? `${view.width}x${view.height}` : view
