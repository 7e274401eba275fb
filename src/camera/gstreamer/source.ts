import type { CameraConfig } from '../../config/types.js'
import { escapeMarkup } from '../../config/overlay-text.js'
import { sensorConfig, type View } from './field-of-view.js'
import { libcameraProperties } from './libcamera-controls.js'
import { darkerRates, fraction, v4l2Caps } from './frame-rate-caps.js'
import type { Machine } from './machine.js'
import { isPassthrough, PASSTHROUGH_ELEMENTS, passthroughSource } from './passthrough.js'
import { SOURCE_NAME } from './second-pad.js'
import { gstValue, link } from './syntax.js'

/** Raw video that USB 2 carries in practice: 480 Mbit/s less framing, shared by the bus. */
const USB2_BYTES_PER_SECOND = 24_000_000

/** Encoder input without conversion: NV12 for v4l2h264enc, I420 for the software encoders. */
export type PixelFormat = 'NV12' | 'I420'

export function buildSource(
  camera: CameraConfig,
  format: PixelFormat,
  machine: Machine,
  {
    view,
    convert = false,
    isNamed = false,
  }: { view?: View | undefined; convert?: boolean; isNamed?: boolean } = {},
): string[] | undefined {
  const { device } = camera
  const size = `width=${camera.width},height=${camera.height},framerate=${fraction(camera.fps.max)}`
  switch (device.kind) {
    case 'libcamera':
      return link(
        [
          'libcamerasrc',
          ...(isNamed ? [`name=${SOURCE_NAME}`] : []),
          `camera-name=${gstValue(device.name)}`,
          ...(view === undefined ? [] : sensorConfig(view)),
          ...libcameraProperties(camera, machine),
        ],
        // libcamera before 0.5.1 leaves interlacing and colorimetry open, which v4l2h264enc rejects.
        ...(convert
          ? [
              [`video/x-raw,${size},interlace-mode=progressive`],
              ['videoconvert'],
              [`video/x-raw,format=${format},colorimetry=bt709`],
            ]
          : [[`video/x-raw,format=${format},${size},interlace-mode=progressive,colorimetry=bt709`]]),
      )
    case 'v4l2':
      if (isPassthrough(camera)) return passthroughSource(device.path, v4l2Caps('video/x-h264', camera))
      // Decoding and conversion before the queue run in the capture thread, on another core than the encoder.
      return link(
        ['v4l2src', `device=${gstValue(device.path)}`, ...darkerRates(camera)],
        ...(isMjpeg(camera)
          ? [[v4l2Caps('image/jpeg', camera)], ['jpegdec']]
          : [[v4l2Caps('video/x-raw', camera)]]),
        ['videoconvert'],
        [`video/x-raw,format=${format}`],
      )
    case 'test':
      return link(
        ['videotestsrc', 'is-live=true', `pattern=${device.pattern}`],
        [`video/x-raw,format=${format},${size}`],
        ...(machine.elements.has('timeoverlay') ? [overlay(camera)] : []),
      )
    case 'rtp':
    case 'whip':
      return undefined
  }
}

export function sourceElements(camera: CameraConfig): string[] {
  const flip = camera.flipMethod === 'none' || camera.flipMethod === 'identity' ? [] : ['videoflip']
  switch (camera.device.kind) {
    case 'libcamera':
      return ['libcamerasrc', ...flip]
    case 'v4l2':
      if (isPassthrough(camera)) return [...PASSTHROUGH_ELEMENTS]
      return ['v4l2src', ...(isMjpeg(camera) ? ['jpegdec'] : []), 'videoconvert', ...flip]
    case 'test':
      return ['videotestsrc', ...flip]
    case 'rtp':
    case 'whip':
      return []
  }
}

/**
 * `format = "auto"` is MJPEG if raw frames (YUY2, 2 bytes per pixel) exceed USB 2: 640x480 at 30 fps needs 18 MB/s,
 * 1280x720 needs 55 MB/s. V4L2 devices that are not on USB, such as HDMI receivers, can set `format = "raw"`.
 */
export function isMjpeg(camera: CameraConfig): boolean {
  if (camera.format !== 'auto') return camera.format === 'mjpeg'
  return camera.width * camera.height * 2 * camera.fps.max > USB2_BYTES_PER_SECOND
}

/** Name and running time at the bottom centre, where they leave the colour bars visible. */
function overlay(camera: CameraConfig): string[] {
  const characters = Array.from(camera.name)
  const name = characters.length > 24 ? `${characters.slice(0, 23).join('')}…` : camera.name
  return [
    'timeoverlay',
    `text=${gstValue(escapeMarkup(name))}`,
    'halignment=center',
    'valignment=bottom',
    `ypad=${Math.round(camera.height / 24)}`,
    'font-desc="Sans Bold 20"', // for a width of 640; timeoverlay scales it
    'shaded-background=true',
    'shading-value=200',
    'draw-outline=false',
    'draw-shadow=false',
  ]
}
