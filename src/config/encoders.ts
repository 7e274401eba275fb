import type { Codec, EncoderChoice } from './types.js'

export type EncoderElement = Exclude<EncoderChoice, 'auto'>

/** The encoders of each codec, in the order in which "auto" prefers them. */
export const ENCODERS = {
  h264: ['v4l2h264enc', 'x264enc', 'openh264enc'],
  vp8: ['vp8enc'],
} as const satisfies Record<Codec, EncoderElement[]>

export const codecOf = (encoder: EncoderElement): Codec =>
  (ENCODERS.vp8 as readonly EncoderElement[]).includes(encoder) ? 'vp8' : 'h264'

/**
 * What v4l2h264enc can encode. Below these minimums bcm2835-codec hangs (measured; for the interval also
 * raspberrypi/linux#4740).
 */
export const HARDWARE_LIMITS = { minFps: 9, minKeyframeInterval: 2, maxSide: 1920 } as const
