import { fileURLToPath } from 'node:url'
import type { Env } from '../../src/lib/env.js'
import type { Encoder } from '../../src/camera/gstreamer/encoder.js'
import type { EncoderElement } from '../../src/config/encoders.js'
import type { Machine } from '../../src/camera/gstreamer/machine.js'
import { defaultConfig } from '../../src/config/parse.js'
import type { CameraConfig } from '../../src/config/types.js'

/** The first camera of the defaults as H.264 test picture, with the properties that a test is about. */
export const exampleCamera = (about: Partial<CameraConfig> = {}): CameraConfig => ({
  ...defaultConfig().cameras[0]!,
  device: { kind: 'test', pattern: 'smpte' },
  codec: 'h264',
  bitrate: 1_000_000,
  keyframeInterval: 300,
  ...about,
})

const EVERY_ELEMENT =
  'queue capsfilter rtpsession udpsink udpsrc libcamerasrc v4l2src videotestsrc timeoverlay clockoverlay textoverlay jpegdec videoconvert ' +
  'videoflip videorate videoscale v4l2h264enc x264enc openh264enc vp8enc rtph264pay rtpvp8pay tee jpegenc funnel gdppay fdsink fdsrc fakesink h264parse'

/** A machine that has everything, less what the test takes away. */
export const exampleMachine = (about: Partial<Machine> & { without?: string[] } = {}): Machine => {
  const { without = [], ...rest } = about
  return {
    gstreamer: '1.26.2',
    elements: new Set(EVERY_ELEMENT.split(' ').filter((element) => !without.includes(element))),
    libcamerasrcProperties: new Set(['camera-name', 'af-mode']),
    libcamera: '0.5.2',
    sensors: new Map(),
    setpriv: true,
    cores: 4,
    model: undefined,
    ...rest,
  }
}

export const exampleEncoder = (element: EncoderElement): Encoder => ({
  element,
  keyframesOnDemand: true,
  keyframeInterval: 300,
  notes: [],
})

/** The environment in which GStreamer finds the stand-ins for libcamerasrc and v4l2h264enc. */
export const withStandIns = <E extends Env>(env: E, registry: string) => ({
  ...env,
  GST_PLUGIN_PATH: fileURLToPath(new URL('.', import.meta.url)),
  GST_REGISTRY: registry,
  PYTHONDONTWRITEBYTECODE: '1',
})
