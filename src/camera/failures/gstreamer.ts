import { aptInstall } from '../gstreamer/packages.js'
import type { FailureContext, KnownFailure } from './known-failure.js'

/** Messages of gst-launch-1.0 before a pipeline runs. */
export const PIPELINE_FAILURES: readonly KnownFailure[] = [
  {
    pattern: /no element "([^"]+)"/,
    cause: 'missing-plugin',
    message: ([, element]) => `GStreamer has no element "${element!}".`,
    hint: ([, element]) => aptInstall([element!]),
  },
  {
    pattern:
      /no property "([^"]+)" in element "([^"]+)"|could not set property "([^"]+)" in element "([^"]+)"/,
    cause: 'bad-property',
    message: (m) =>
      `The installed GStreamer rejects property "${m[1] ?? m[3]!}" of element ${m[2] ?? m[4]!}.`,
    hint: (m) =>
      m[4] === 'videotestsrc'
        ? 'gst-inspect-1.0 videotestsrc lists the patterns for device = "test:PATTERN".'
        : `Compare with gst-inspect-1.0 ${m[2] ?? m[4]!}, and please report it with the GStreamer version.`,
  },
  {
    pattern: /pipeline could not be constructed|erroneous pipeline: syntax error/,
    cause: 'bad-pipeline',
    message: () => 'gst-launch-1.0 could not parse the pipeline.',
    hint: () => 'Please report it, with the output of rpi-webrtc pipeline CAMERA.',
  },
  {
    pattern: /Error binding to address ([\d.]+:\d+)/,
    cause: 'port-taken',
    message: ([, address]) => `UDP port ${address!} is in use by another program.`,
    hint: () => "Stop it, or change this camera's webrtc-port, from which the internal ports are derived.",
  },
]

/** The encoder may refuse what the camera delivers; GStreamer then names the source alone. */
const mayBeEncoder = ({ pipeline }: FailureContext): boolean => pipeline.encoder === 'v4l2h264enc'

const isLibcamera = ({ pipeline, text }: FailureContext): boolean =>
  pipeline.source === 'libcamera' || text.includes('libcamerasrc')

/** The last row that can apply: a more exact text comes first. */
export const NEGOTIATION_FAILURES: readonly KnownFailure[] = [
  {
    pattern:
      /not-negotiated|could not link|Device '[^']+' (?:cannot|does not support|failed during initiali[sz]ation)|Video device did not (?:accept|provide)[^\n]*/,
    cause: 'not-negotiated',
    message: (_, context) =>
      mayBeEncoder(context)
        ? 'The camera, or the encoder v4l2h264enc, does not accept the configured width, height, fps or format.'
        : 'The camera does not support the configured width, height, fps or format.',
    hint: (_, context) =>
      [
        sizeHint(context),
        mayBeEncoder(context) ? 'If the camera supports this size, set encoder = "x264enc".' : undefined,
      ]
        .filter((part) => part !== undefined)
        .join(' '),
  },
]

function sizeHint(context: FailureContext): string {
  const offered = /configuring streams: \(\d+\) (\d+x\d+)/.exec(context.text)?.[1]
  const nearest = offered === undefined ? '' : ` libcamera offers ${offered} instead.`
  const format = isLibcamera(context) ? '' : ', and for a USB camera format = "raw" or "mjpeg"'
  return `Try width = 640, height = 480, fps = 30${format}.${nearest}`
}
