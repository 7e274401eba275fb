import type { CameraConfig } from '../../config/types.js'
import type { Env } from '../../lib/env.js'
import type { CameraFailure } from '../camera-failure.js'
import { launch, missingSource, type Command } from './command.js'
import type { Machine } from './machine.js'
import { jpegElements, missingForSnapshots } from './snapshot-branch.js'
import { buildSource, sourceElements } from './source.js'
import { link } from './syntax.js'

/** The largest frames of a camera. */
export interface FullSize {
  width: number
  height: number
  /** Frames per second that it delivers at this size. */
  fps: number
  /** Of a V4L2 camera. */
  format?: 'raw' | 'mjpeg'
}

/** Fewer frames need less USB bandwidth, and are enough for exposure to settle. */
const MAX_FPS = 10

/** The same camera at its full size, as a process of its own that writes JPEGs to the snapshot socket. */
export function fullSnapshotCommand(options: {
  camera: CameraConfig
  size: FullSize
  machine: Machine
  env: Env
  debug: boolean
}): Command | CameraFailure {
  const { camera, size, machine } = options
  const { width, height, format = camera.format } = size
  // A V4L2 camera accepts its own rates only.
  const fps = size.format === undefined ? Math.min(size.fps, MAX_FPS) : size.fps
  const full: CameraConfig = {
    ...camera,
    width,
    height,
    format,
    fps: { min: fps, max: fps },
    fieldOfView: 'auto',
  }
  const missing = [...sourceElements(full), ...missingForSnapshots(machine)].filter(
    (element) => !machine.elements.has(element),
  )
  if (missing.length > 0) return missingSource(missing)
  const source = buildSource(full, 'I420', machine)
  if (source === undefined) throw new Error(`${camera.key} is sent by another program and has no pipeline`)
  const args = ['-q', '-f', ...link(source, ...jpegElements(full, machine, 90))]
  return launch({ ...options, args, snapshots: true })
}
