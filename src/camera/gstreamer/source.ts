import type { CameraConfig } from '../../config/types.js'
import type { Machine } from './machine.js'
import { gstValue, link } from './syntax.js'

/** Bytes a second that USB 2 carries of raw pictures in practice: 480 Mbit/s less framing, shared by the whole bus. */
const USB2_BYTES_PER_SECOND = 24_000_000

/** What encoders take without a conversion: v4l2h264enc moves NV12, the software encoders read I420. */
export type PixelFormat = 'NV12' | 'I420'

/** The elements from the sensor to a raw picture in the wanted format; undefined for a camera another program sends. */
export function buildSource(
  camera: CameraConfig,
  format: PixelFormat,
  machine: Machine,
): string[] | undefined {
  const { device } = camera
  const size = `width=${camera.width},height=${camera.height},framerate=${fraction(camera.fps)}`
  switch (device.kind) {
    case 'libcamera':
      return link(
        ['libcamerasrc', `camera-name=${gstValue(device.name)}`, ...focus(machine)],
        // v4l2h264enc refuses what libcamera before 0.5.1 leaves open: interlacing and colorimetry have to be said.
        [`video/x-raw,format=${format},${size},interlace-mode=progressive,colorimetry=bt709`],
      )
    case 'v4l2':
      // Decoded and converted before the queue, in the thread that captures: a second core does it while one encodes.
      return link(
        ['v4l2src', `device=${gstValue(device.path)}`],
        ...(isMjpeg(camera) ? [[`image/jpeg,${size}`], ['jpegdec']] : [[`video/x-raw,${size}`]]),
        ['videoconvert'],
        [`video/x-raw,format=${format}`],
      )
    case 'test':
      return link(
        ['videotestsrc', 'is-live=true', `pattern=${device.pattern}`],
        [`video/x-raw,format=${format},${size}`],
        ...(machine.elements.has('timeoverlay') ? [clock(camera)] : []),
      )
    case 'rtp':
      return undefined
  }
}

/** The elements a source is made of, to be checked against what the machine has. */
export function sourceElements(camera: CameraConfig): string[] {
  const flip = camera.flipMethod === 'none' || camera.flipMethod === 'identity' ? [] : ['videoflip']
  switch (camera.device.kind) {
    case 'libcamera':
      return ['libcamerasrc', ...flip]
    case 'v4l2':
      return ['v4l2src', ...(isMjpeg(camera) ? ['jpegdec'] : []), 'videoconvert', ...flip]
    case 'test':
      return ['videotestsrc', ...flip]
    case 'rtp':
      return []
  }
}

/**
 * Whether a V4L2 camera is asked for JPEG pictures. `format = "auto"` asks for them when raw ones (YUY2, 2 bytes a
 * pixel) would not fit through USB 2: 640x480 at 30/s is 18 MB/s and fits, 1280x720 at 30/s is 55 MB/s and does not.
 * A camera that is not on USB (an HDMI receiver, a loopback device) delivers raw at any size: `format = "raw"`.
 */
export function isMjpeg(camera: CameraConfig): boolean {
  if (camera.format !== 'auto') return camera.format === 'mjpeg'
  return camera.width * camera.height * 2 * camera.fps > USB2_BYTES_PER_SECOND
}

/**
 * A camera module with a lens motor starts at manual focus, which is a blurred picture. Only libcamera from 0.4 on is
 * asked: there a camera without a motor ignores it, while 0.1 to 0.3 fail on one.
 */
const focus = (machine: Machine): string[] =>
  machine.libcamerasrcProperties.has('af-mode') ? ['af-mode=continuous'] : []

/** The name and the running time, low in the middle: a check of colours finds the bars above uncovered. */
function clock(camera: CameraConfig): string[] {
  const letters = Array.from(camera.name)
  const name = letters.length > 24 ? `${letters.slice(0, 23).join('')}…` : camera.name
  return [
    'timeoverlay',
    `text=${gstValue(escapeMarkup(name))}`,
    'halignment=center',
    'valignment=bottom',
    `ypad=${Math.round(camera.height / 24)}`,
    'font-desc="Sans Bold 20"', // grows with the width: timeoverlay takes it as meant for 640 pixels
    'shaded-background=true',
    'shading-value=200',
    'draw-outline=false',
    'draw-shadow=false',
  ]
}

// @NOTE timeoverlay reads its text as Pango markup: a bare & or < makes it draw nothing and complain on every frame.
const escapeMarkup = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')

const fraction = (fps: number): string =>
  Number.isInteger(fps) ? `${fps}/1` : `${Math.round(fps * 1000)}/1000`
