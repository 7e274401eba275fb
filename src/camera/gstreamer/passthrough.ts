import type { CameraConfig } from '../../config/types.js'
import { gstValue, link } from './syntax.js'

/** Whether the H.264 of a USB camera is sent as it is, without decoding and encoding. */
export const isPassthrough = ({ device, format }: Pick<CameraConfig, 'device' | 'format'>): boolean =>
  device.kind === 'v4l2' && format === 'h264'

/** Most of these cameras send SPS and PPS once; viewers need them with every keyframe. */
export const passthroughSource = (path: string, caps: string): string[] =>
  link(
    ['v4l2src', `device=${gstValue(path)}`],
    [caps],
    ['h264parse', 'config-interval=-1'],
    ['video/x-h264,stream-format=byte-stream,alignment=au'],
  )

export const PASSTHROUGH_ELEMENTS = ['v4l2src', 'h264parse', 'rtph264pay'] as const
