import type { Sensor, SensorMode, Size } from './sensor.js'

/** What libcamera expects of a sensor unless an application asks for a depth (defaultRawBitDepth). */
const EXPECTED_DEPTH = 12

const ASPECT_PENALTY = 1500
const DEPTH_PENALTY = 500

/**
 * The mode that libcamera selects for a video of this size, if nothing else is asked for: the scores of findBestFormat() in
 * src/libcamera/pipeline/rpi/common/pipeline_base.cpp, the same from 0.0.3 to 0.7.1. Neither the frame rate nor the field of
 * view counts.
 */
export function libcameraMode(sensor: Sensor, video: Size): SensorMode | undefined {
  // libcamera tries the modes by depth, then by size; the last of the best ones is selected.
  const inOrder = [...sensor.modes].sort(
    (a, b) => a.bitDepth - b.bitDepth || a.width * a.height - b.width * b.height,
  )
  let best: { mode: SensorMode; score: number } | undefined
  for (const mode of inOrder) {
    const score = scoreOf(mode, video)
    if (best === undefined || score <= best.score) best = { mode, score }
  }
  return best?.mode
}

const scoreOf = (mode: SensorMode, video: Size): number =>
  distance(video.width, mode.width) +
  distance(video.height, mode.height) +
  ASPECT_PENALTY * distance(video.width / video.height, mode.width / mode.height) +
  DEPTH_PENALTY * Math.abs(mode.bitDepth - EXPECTED_DEPTH)

/** A mode that is larger than the video costs an eighth of one that is smaller. */
function distance(wanted: number, actual: number): number {
  const difference = wanted - actual
  const weighted = difference < 0 ? -difference / 8 : difference
  return actual === wanted ? weighted : weighted * 2
}
