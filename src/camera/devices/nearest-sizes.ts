import type { Env } from '../../lib/env.js'
import type { Size } from '../sensors/sensor.js'
import { listV4l2Modes } from './list-v4l2-modes.js'
import { hasRate, nearestSizeOf } from './nearest-mode.js'
import type { VideoMode } from './video-modes.js'

export interface WantedVideo extends Size {
  fps: number
  /** The format that a size would be captured in. */
  formatOf(size: Size): 'raw' | 'mjpeg'
}

const LIMIT_MS = 5000

/** Sizes that a V4L2 camera offers in place of the configured one; empty if it cannot be asked. */
export async function listNearestSizes(path: string, wanted: WantedVideo, env: Env): Promise<Size[]> {
  return nearestSizes(await listV4l2Modes(path, env, LIMIT_MS), wanted)
}

/**
 * The sizes that the camera offers at the wanted rate and in the format that would be requested, nearest first. None if the
 * wanted size is among them: then the size is not to blame.
 */
export function nearestSizes(modes: readonly VideoMode[], wanted: WantedVideo): Size[] {
  const offered = modes
    .filter((mode) => hasRate(mode, { min: wanted.fps, max: wanted.fps }))
    .flatMap((mode) => {
      const size = nearestSizeOf(mode, wanted)
      return size !== undefined && mode.format === wanted.formatOf(size) ? [size] : []
    })
  if (offered.some(({ width, height }) => width === wanted.width && height === wanted.height)) return []
  const distance = ({ width, height }: Size): number =>
    Math.abs(width - wanted.width) + Math.abs(height - wanted.height)
  return offered.sort((a, b) => distance(a) - distance(b))
}
