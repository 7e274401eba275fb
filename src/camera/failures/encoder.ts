import type { KnownFailure } from './known-failure.js'

/** Errors of the hardware encoder, which GStreamer reports with the element's name. */
export const ENCODER_FAILURES: readonly KnownFailure[] = [
  {
    pattern:
      /v4l2h264enc\d*: (?:Failed to process frame|Failed to allocate required memory|Failed to start encoding thread|Device '[^']+' is busy)|bcm2835_codec_start_streaming: Failed enabling|bcm2835-codec[^\n]*: (?:Failed|error)/i,
    cause: 'encoder-busy',
    message: () => 'The hardware encoder did not start, or it stopped.',
    hint: () =>
      'This machine has one hardware encoder, which carries 1920x1080 at 30 frames per second in total, for all cameras and programs. ' +
      'Lower width, height or fps, or set encoder = "x264enc" for one camera.',
  },
  {
    pattern:
      /v4l2h264enc\d*: (?:Device '[^']+' (?:cannot|does not support|has no supported)|Encoder on device|Internal data stream error|Could not|.*not-negotiated)|could not link \S+ to v4l2h264enc/,
    cause: 'encoder-refused',
    message: () => 'The hardware encoder v4l2h264enc does not accept this size, frame rate or format.',
    hint: () =>
      'Use a width that is a multiple of 32 and at most 1920 by 1080, or set encoder = "x264enc" for this camera.',
  },
  {
    pattern:
      /(x264enc|openh264enc|vp8enc)\d*: (?:Can not initialize|Failed to initialize|Could not|Failed to)[^\n]*/,
    cause: 'encoder-refused',
    message: ([, element]) => `The encoder ${element!} does not accept these settings.`,
    hint: ([text]) => `It said: ${text}. Try another size or bitrate.`,
  },
]
