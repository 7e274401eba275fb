import type { CameraFailure } from '../camera-failure.js'
import type { OtherSender, Source } from './stream-facts.js'

/** What is wrong with a stream that another program or the camera itself encodes. */

const FORMATS: Readonly<Record<string, string>> = {
  h264: 'H.264',
  vp8: 'VP8',
  h265: 'H.265',
  vp9: 'VP9',
  av1: 'AV1',
  'mpeg-ts': 'an MPEG transport stream',
  mpeg4: 'MPEG-4 video (Part 2)',
  mpeg2: 'MPEG-2 video',
  jpeg: 'JPEG',
  h263: 'H.263',
  'byte-stream': 'a byte stream with start codes (Annex B)',
}

const ENCODERS = {
  h264: {
    ffmpeg: '-c:v libx264 -preset ultrafast -tune zerolatency -bsf:v dump_extra -f rtp',
    gstreamer:
      'x264enc tune=zerolatency ! video/x-h264,profile=constrained-baseline ! rtph264pay config-interval=-1 mtu=1200',
  },
  vp8: {
    ffmpeg: '-c:v libvpx -deadline realtime -f rtp',
    gstreamer: 'vp8enc deadline=1 ! rtpvp8pay mtu=1200',
  },
} as const

const target = ({ port }: Source): string => `"rtp://127.0.0.1:${port ?? 0}?pkt_size=1200"`

/** The start of a message: what arrives, and where. */
const arriving = ({ port, publishedTo }: Source): string => {
  if (publishedTo !== undefined) return `What is published to ${publishedTo}`
  return port === undefined ? 'What the camera sends' : `What arrives on port ${port}`
}

export function wrongFormat(format: string, payloadType: number, source: Source): CameraFailure {
  const { codec } = source
  const wanted = FORMATS[codec]!
  const { ffmpeg, gstreamer } = ENCODERS[codec]
  const encode = `ffmpeg ${ffmpeg} ${target(source)}, or with GStreamer ${gstreamer}`
  if (format === 'mpeg-ts') {
    return {
      cause: 'mpeg-ts',
      message: `${arriving(source)} is an MPEG transport stream, not ${wanted}.`,
      hint: `Send the video alone as RTP. ffmpeg: write -f rtp in place of -f mpegts or -f rtp_mpegts, with ${ffmpeg} ${target(source)}. GStreamer: leave out mpegtsmux and rtpmp2tpay, and end in ${gstreamer}.`,
    }
  }
  if (format === 'h265') {
    return {
      cause: 'h265',
      message: `${arriving(source)} is H.265, not ${wanted}. Few browsers play H.265.`,
      hint: `Switch the camera to ${wanted}, or encode again: ${encode}.`,
    }
  }
  const name = FORMATS[format]
  if (name === undefined) {
    const unknown = `not ${wanted} or any other video that this program knows (payload type ${payloadType})`
    const what = format === 'not-rtp' ? 'not RTP' : format === 'audio' ? `sound, not ${wanted}` : unknown
    return {
      cause: 'not-video',
      message: `${arriving(source)} is ${what}.`,
      hint: `Send one video stream and nothing else to this port: ${encode}.`,
    }
  }
  const other =
    format === 'h264' || format === 'vp8'
      ? `Write codec = "${format}" in [${source.key}], or encode`
      : 'Encode'
  return {
    cause: 'wrong-codec',
    message: `${arriving(source)} is ${name}, not ${wanted}.`,
    hint: `${other} ${wanted}: ${encode}.`,
  }
}

export const noParameterSets = (missing: string): CameraFailure => ({
  cause: 'no-parameter-sets',
  message: `The keyframes arrive without ${missing}, and no viewer can decode them.`,
  hint: 'Repeat them with every keyframe. ffmpeg: add -bsf:v dump_extra before the address. GStreamer: h264parse ! rtph264pay config-interval=-1.',
})

const PROFILES: Readonly<Record<number, string>> = {
  44: 'CAVLC 4:4:4 Intra',
  83: 'Scalable Baseline',
  86: 'Scalable High',
  88: 'Extended',
  110: 'High 10',
  118: 'Multiview High',
  122: 'High 4:2:2',
  128: 'Stereo High',
  244: 'High 4:4:4 Predictive',
}

export const unsupportedProfile = (profile: number, { port }: Source): CameraFailure => ({
  cause: 'unsupported-profile',
  message: `The video has the H.264 profile ${PROFILES[profile] ?? `number ${profile}`}, which browsers do not play.`,
  hint:
    port === undefined
      ? 'Set the camera to the profile Baseline, Main or High if it can do so, or write format = "mjpeg".'
      : 'ffmpeg: add -pix_fmt yuv420p -profile:v main. GStreamer: videoconvert ! video/x-raw,format=I420 before the encoder, video/x-h264,profile=main after it.',
})

export const noKeyframe = (hadOne: boolean, { port, codec }: Source): CameraFailure => ({
  cause: 'no-keyframe',
  message: `No keyframe has arrived for 10 s${hadOne ? ' or longer' : ''}, and the ${port === undefined ? 'camera' : 'sender'} does not answer a request for one.`,
  hint:
    port === undefined
      ? 'Lower the camera\'s keyframe interval (v4l2-ctl --list-ctrls shows it if there is one), or write format = "mjpeg".'
      : keyframeOptions(codec),
})

const keyframeOptions = (codec: Source['codec']): string =>
  codec === 'h264'
    ? 'Make one every two seconds. ffmpeg: add -g 60 (frames), without -intra-refresh. GStreamer: x264enc key-int-max=60 intra-refresh=false.'
    : 'Make one every two seconds. ffmpeg: add -g 60 (frames). GStreamer: vp8enc keyframe-max-dist=60.'

export const rareKeyframes = (gapMs: number, { port, codec }: Source): CameraFailure => ({
  cause: 'rare-keyframes',
  message: `Keyframes arrive only every ${Math.round(gapMs / 1000)} s: a new viewer waits that long for a picture.`,
  hint:
    port === undefined
      ? "Lower the camera's keyframe interval if v4l2-ctl --list-ctrls shows one."
      : keyframeOptions(codec),
})

export const bFrames = ({ port }: Source): CameraFailure => ({
  cause: 'b-frames',
  message: 'The video has B-frames: browsers show its frames late, in the wrong order, or not at all.',
  hint:
    port === undefined
      ? 'Set the camera to the profile Baseline if it can do so, or write format = "mjpeg".'
      : 'ffmpeg: add -bf 0. GStreamer: x264enc bframes=0, or tune=zerolatency. On a camera, choose the profile Baseline.',
})

export const largePackets = (bytes: number, source: Source): CameraFailure => ({
  cause: 'large-packets',
  message: `The packets have up to ${bytes} bytes. Paths such as a VPN carry 1200, and viewers behind one get no picture.`,
  hint: `ffmpeg: write ${target(source)}. GStreamer: add mtu=1200 to ${source.codec === 'h264' ? 'rtph264pay' : 'rtpvp8pay'}.`,
})

export function twoSources(other: OtherSender, { port }: Source): CameraFailure {
  const hint = `Send one video stream and nothing else to port ${port ?? 0}: stop the second program, and send sound to another port.`
  const what =
    other.kind === 'stream'
      ? `A second stream (payload type ${other.payloadType}, from port ${other.port})`
      : `Something that is not RTP${other.kind === 'mpeg-ts' ? ', an MPEG transport stream,' : ''} (from port ${other.port})`
  return {
    cause: 'two-sources',
    message: `${what} arrives at port ${port ?? 0} as well. It is ignored.`,
    hint,
  }
}
