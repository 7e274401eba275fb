import type { CameraConfig } from '../../config/types.js'
import { isMjpeg } from './source.js'

/** The mode that the pipeline of a V4L2 camera asks it for. */
export const wantedMode = (
  camera: CameraConfig,
): { width: number; height: number; fps: CameraConfig['fps']; format: 'raw' | 'mjpeg' | 'h264' } => ({
  width: camera.width,
  height: camera.height,
  fps: camera.fps,
  format: camera.format === 'h264' ? 'h264' : isMjpeg(camera) ? 'mjpeg' : 'raw',
})
