import type { AudioConfig } from '../../config/audio.js'
import type { CameraConfig } from '../../config/types.js'
import type { Env } from '../../lib/env.js'
import type { CameraFailure } from '../camera-failure.js'
import { launch, type Command } from './command.js'
import type { Machine } from './machine.js'
import { aptInstall } from './packages.js'
import { cameraSsrc, sendTo } from './rtp-output.js'
import { gstValue, link } from './syntax.js'

export const AUDIO_PAYLOAD_TYPE = 97

/** Below Linux's ephemeral range, as the ports of the video, and beside them. */
export const preferredAudioPort = (webrtcPort: number): number => 14_000 + (webrtcPort % 3000)

/** Known in advance, so that packets of another program are not mistaken for sound. */
export const audioSsrc = ({ key }: Pick<CameraConfig, 'key'>): number => cameraSsrc({ key: `${key}.audio` })

const ENCODE = ['audioconvert', 'audioresample', 'opusenc', 'rtpopuspay'] as const

/** @param options.source the ALSA device, which `auto` was replaced by, or undefined for the test sound. */
export function audioCommand(options: {
  camera: CameraConfig
  audio: AudioConfig
  source: string | undefined
  port: number
  machine: Machine
  env: Env
  debug: boolean
}): Command | CameraFailure {
  const { machine, source } = options
  const needed = [source === undefined ? 'audiotestsrc' : 'alsasrc', ...ENCODE]
  const missing = needed.filter((element) => !machine.elements.has(element))
  if (missing.length > 0)
    return {
      cause: 'audio-missing-plugin',
      message: `GStreamer has no ${missing.map((element) => `"${element}"`).join(', ')}, which sound needs.`,
      hint: aptInstall(missing),
    }
  return launch({ ...options, args: buildAudioPipeline(options), snapshots: false })
}

/**
 * The arguments of gst-launch-1.0 for the sound of a camera, in a process of its own: a microphone that is unplugged ends it, and not
 * the video. Both processes report times of the same clock, CLOCK_MONOTONIC, from which sound and picture are played together.
 */
export function buildAudioPipeline({
  camera,
  audio,
  source,
  port,
}: {
  camera: Pick<CameraConfig, 'key'>
  audio: AudioConfig
  source: string | undefined
  port: number
}): string[] {
  return [
    '-q',
    '-f', // as for the video: with a fault handler a crashed pipeline would hang
    'rtpsession',
    'name=r',
    'rtp-profile=avpf',
    'ntp-time-source=clock-time',
    'rtcp-sync-send-time=false',
    'rtcp-min-interval=500000000',
    'bandwidth=8000000',
    ...link(
      source === undefined ? testSound : microphone(source),
      ['audioconvert'],
      ['audioresample'],
      ['audio/x-raw,rate=48000,channels=1'],
      // A busy processor loses sound instead of delaying it.
      ['queue', 'leaky=downstream', 'max-size-time=100000000', 'max-size-buffers=0', 'max-size-bytes=0'],
      opus(audio.bitrate),
      [
        'rtpopuspay',
        `pt=${AUDIO_PAYLOAD_TYPE}`,
        `ssrc=${audioSsrc(camera)}`,
        'perfect-rtptime=false', // timestamps follow the clock, not the count of samples
      ],
      ['r.send_rtp_sink'],
    ),
    ...link(['r.send_rtp_src'], sendTo(port)),
    ...link(['r.send_rtcp_src'], sendTo(port)),
  ]
}

/**
 * provide-clock=false: otherwise the sound card is the clock of the pipeline, and its times are no longer those of CLOCK_MONOTONIC. A
 * card that runs too fast or too slow is corrected by whole periods (slave-method=skew).
 */
const microphone = (device: string): string[] => [
  'alsasrc',
  `device=${gstValue(device)}`,
  'provide-clock=false',
  'slave-method=skew',
  'buffer-time=100000',
  'latency-time=10000',
]

/** A tone of a tenth of a second, each second. */
const testSound = [
  'audiotestsrc',
  'is-live=true',
  'wave=ticks',
  'freq=1000',
  'sine-periods-per-tick=100',
  'tick-interval=1000000000',
  'volume=0.5',
  'samplesperbuffer=480',
]

/** In-band FEC repeats the previous packet in a coarse form: one lost packet of ten is hardly heard. Only `voice` has it. */
const opus = (bitrate: number): string[] => [
  'opusenc',
  'audio-type=voice',
  'frame-size=20',
  `bitrate=${bitrate}`,
  'bitrate-type=constrained-vbr',
  'inband-fec=true',
  'packet-loss-percentage=10',
  'dtx=false', // an unbroken stream, whose silence is sound too
  'complexity=5',
]
