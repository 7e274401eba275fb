import { ENCODERS, HARDWARE_LIMITS, type EncoderElement } from '../../config/encoders.js'
import type { CameraConfig } from '../../config/types.js'
import type { CameraFailure } from '../camera-failure.js'
import { isAtLeast, type Machine } from './machine.js'
import { aptInstall } from './packages.js'
import { isPassthrough } from './passthrough.js'

export interface Encoder {
  /** `passthrough`: the camera encodes. */
  element: EncoderElement | 'passthrough'
  /** Whether a PLI yields a keyframe. If not, a new viewer waits for the next regular one. */
  keyframesOnDemand: boolean
  /** Frames between keyframes: as configured, or less if PLI is ignored. */
  keyframeInterval: number
  notes: string[]
}

/** `auto` selects hardware if it can encode this camera, else the cheapest software encoder. */
export function chooseEncoder(camera: CameraConfig, machine: Machine): Encoder | CameraFailure {
  if (isPassthrough(camera)) return passthrough(camera)
  const suited: readonly EncoderElement[] = ENCODERS[camera.codec]
  if (camera.encoder !== 'auto') {
    if (!suited.includes(camera.encoder)) return wrongCodec(camera, camera.encoder, suited)
    if (!machine.elements.has(camera.encoder)) return missing(camera, [camera.encoder])
    return describe(camera.encoder, camera, machine, [])
  }
  const present = suited.filter((element) => machine.elements.has(element))
  const obstacle = hardwareObstacle(camera)
  const chosen = present.find((element) => element !== 'v4l2h264enc' || obstacle === undefined) ?? present[0]
  if (chosen === undefined)
    return missing(
      camera,
      suited.filter((element) => element !== 'v4l2h264enc'),
    )
  const reason = present.includes('v4l2h264enc') ? obstacle : whyNoHardware(machine)
  const software = chosen === 'x264enc' || chosen === 'openh264enc'
  const notes =
    software && reason !== undefined ? [`H.264 is encoded in software by ${chosen}: ${reason}.`] : []
  return describe(chosen, camera, machine, notes)
}

/**
 * Threads for a software encoder: fewer than cores, because an encoder that shares a core stalls for up to seconds
 * (libvpx spins), and at most two, because 1080p gains nothing from more.
 */
export function encoderThreads(machine: Pick<Machine, 'cores' | 'model'>, sharedBy: number): number {
  const slowCores = /Raspberry Pi (?:Zero|[1-4]|Compute Module [1-4]|Model)/.test(machine.model ?? '')
  if (slowCores) return 1
  return Math.max(1, Math.min(2, Math.floor((machine.cores - 1) / sharedBy)))
}

/** No V4L2 driver forwards a GstForceKeyUnit event to a USB camera. */
const passthrough = ({ keyframeInterval }: CameraConfig): Encoder => ({
  element: 'passthrough',
  keyframesOnDemand: false,
  keyframeInterval,
  notes: [
    "The camera's own H.264 is passed through: bitrate, encoder and keyframe-interval have no effect, and a new viewer waits for its next keyframe.",
  ],
})

function describe(element: EncoderElement, camera: CameraConfig, machine: Machine, notes: string[]): Encoder {
  const configured = Math.max(1, Math.round(camera.keyframeInterval))
  if (element !== 'v4l2h264enc')
    return { element, keyframesOnDemand: true, keyframeInterval: configured, notes }
  const advice = hardwareAdvice(camera)
  const all = advice === undefined ? notes : [...notes, advice]
  const longEnough = Math.max(HARDWARE_LIMITS.minKeyframeInterval, configured)
  // A PLI becomes GstForceKeyUnit, which the element obeys since 1.22.4.
  if (isAtLeast(machine.gstreamer, '1.22.4'))
    return { element, keyframesOnDemand: true, keyframeInterval: longEnough, notes: all }
  const short = Math.max(
    HARDWARE_LIMITS.minKeyframeInterval,
    Math.min(configured, Math.round(camera.fps.max)),
  )
  const note =
    `v4l2h264enc of GStreamer ${machine.gstreamer} cannot make a keyframe on demand (1.22.4 can): ` +
    `it makes one every ${short} frames instead, and a new viewer waits up to ${seconds(short / camera.fps.max)}.`
  return { element, keyframesOnDemand: false, keyframeInterval: short, notes: [...all, note] }
}

function hardwareObstacle(camera: CameraConfig): string | undefined {
  const { maxSide, minFps } = HARDWARE_LIMITS
  if (camera.width > maxSide || camera.height > maxSide)
    return `the hardware encoder accepts at most ${maxSide} pixels a side`
  if (camera.fps.min < minFps) return `the hardware encoder hangs below ${minFps} frames per second`
  return undefined
}

function hardwareAdvice(camera: CameraConfig): string | undefined {
  const obstacle = hardwareObstacle(camera)
  if (obstacle !== undefined) return `encoder = "v4l2h264enc" is configured, but ${obstacle}.`
  if (camera.device.kind === 'libcamera' && camera.width % 32 !== 0)
    return `width = ${camera.width} is not a multiple of 32. If the video is slanted or green, use 640, 1280 or 1920.`
  return undefined
}

function whyNoHardware(machine: Machine): string {
  if (/^Raspberry Pi (?:Compute Module )?5/.test(machine.model ?? ''))
    return 'a Raspberry Pi 5 has no hardware H.264 encoder'
  return 'GStreamer finds no hardware H.264 encoder on this machine (v4l2h264enc)'
}

const missing = (camera: CameraConfig, elements: readonly string[]): CameraFailure => ({
  cause: 'missing-plugin',
  message: `This machine has no ${elements.join(' and no ')}, which codec "${camera.codec}" needs.`,
  hint: elements.includes('v4l2h264enc')
    ? 'v4l2h264enc exists only on a Raspberry Pi up to the 4. Set encoder = "auto".'
    : aptInstall(elements.slice(0, 1)),
})

const wrongCodec = (camera: CameraConfig, element: string, suited: readonly string[]): CameraFailure => ({
  cause: 'wrong-encoder',
  message: `${element} does not encode "${camera.codec}".`,
  hint: `Set encoder = "auto", or one of ${suited.join(', ')}, or change codec.`,
})

const seconds = (s: number): string => `${Math.round(s * 10) / 10} s`
