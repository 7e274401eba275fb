import type { CameraFailure } from '../camera-failure.js'
import type { Source } from './stream-facts.js'

const encoderHint = (text: string): string => `${text} OBS: settings, output, with the encoder x264.`

/** What to change where the stream is encoded, if that is a publisher: by cause. */
const HINTS: Readonly<Record<string, string>> = {
  'no-parameter-sets': encoderHint('Let the publisher repeat SPS and PPS with every keyframe.'),
  'unsupported-profile': encoderHint('Set the profile of the publisher to baseline, main or high.'),
  'no-keyframe': encoderHint('Set the keyframe interval of the publisher to 2 s.'),
  'rare-keyframes': encoderHint('Set the keyframe interval of the publisher to 2 s.'),
  'b-frames': encoderHint('Set the B-frames of the publisher to 0, or its tuning to zerolatency.'),
  'large-packets': 'Set the packet size (MTU) of the publisher to 1200 bytes.',
  'two-sources': 'Stop the other publisher.',
}

/** The failure with a hint for whoever publishes: the others are command lines that send to a port. */
export const toPublisher = (failure: CameraFailure, { publishedTo, codec }: Source): CameraFailure =>
  publishedTo === undefined
    ? failure
    : { ...failure, hint: HINTS[failure.cause] ?? `Publish ${codec === 'h264' ? 'H.264' : 'VP8'} alone.` }

export const noPublisher = (path: string): CameraFailure => ({
  cause: 'no-publisher',
  message: `Nobody publishes to ${path}.`,
  hint: `Start the program that publishes, with the address of this server, the path ${path} and the whip-token of this camera.`,
})

export const silentPublisher = (path: string): CameraFailure => ({
  cause: 'silent-publisher',
  message: `A publisher is connected to ${path}, but sends no video.`,
  hint: 'Check its camera; if it publishes on demand only, video comes with the first viewer.',
})
