import { defaultWebrtcPort } from '../config/keys.js'
import type { Codec } from '../config/types.js'
import type { FoundCamera } from '../camera/devices/found-camera.js'
import type { Microphone } from '../camera/devices/microphones.js'
import type { Machine } from '../camera/gstreamer/machine.js'
import { libcameraMode } from '../camera/sensors/mode-choice.js'
import type { Sensor } from '../camera/sensors/sensor.js'
import { shareOf, showsAsMuch, widestMode } from '../camera/sensors/view.js'
import { chooseUsbMode, whyUsbMode } from './usb-mode.js'

/** Settings of a camera, and the reason for them. */
export interface ChosenCamera {
  key: string
  device: string
  /** Display name. */
  name: string
  width: number
  height: number
  fps: number
  /** bit/s */
  bitrate: number
  format?: 'raw' | 'mjpeg' | 'h264'
  /** Set if the camera encodes itself. */
  codec?: Codec
  why: string
  /** Suggested only, since sound is private. */
  microphone?: Pick<Microphone, 'device' | 'name'>
}

export interface FirstConfig {
  codec: Codec
  /** Reason for the codec. */
  why: string
  cameras: ChosenCamera[]
}

const SMALL = { width: 640, height: 480 } as const
const LARGE = { width: 1280, height: 720 } as const

/**
 * Chooses for each camera a size and rate that this machine can encode together with the others.
 * @param microphones of the cameras, in their order.
 */
export function chooseFirstConfig(
  found: readonly FoundCamera[],
  machine: Machine,
  microphones: readonly (Microphone | undefined)[] = [],
): FirstConfig {
  const [codec, why] = chooseCodec(machine)
  return {
    codec,
    why,
    cameras: found.map((camera, i) => ({
      key: `camera${i + 1}`,
      device: camera.device,
      name: camera.name,
      ...chooseSize(camera, machine, codec, found.length),
      ...withMicrophone(microphones[i]),
    })),
  }
}

const withMicrophone = (microphone: Microphone | undefined): Pick<ChosenCamera, 'microphone'> =>
  microphone === undefined ? {} : { microphone: { device: microphone.device, name: microphone.name } }

export function testPictureConfig(machine: Machine): FirstConfig {
  const [codec, why] = chooseCodec(machine)
  const picture = { key: 'camera1', device: 'test:smpte', name: 'Test pattern', why: 'it needs no camera' }
  return { codec, why, cameras: [{ ...picture, ...SMALL, fps: 30, bitrate: bitrateOf(SMALL) }] }
}

function chooseCodec({ elements }: Machine): [Codec, string] {
  if (elements.has('v4l2h264enc')) return ['h264', 'this machine encodes H.264 in hardware']
  if (elements.has('vp8enc')) return ['vp8', 'this machine encodes in software, and every browser plays VP8']
  if (elements.has('x264enc') || elements.has('openh264enc')) return ['h264', 'vp8enc is not installed']
  return ['vp8', 'no encoder is installed yet: see rpi-webrtc doctor']
}

type Size = Pick<ChosenCamera, 'width' | 'height' | 'fps' | 'bitrate' | 'why' | 'format' | 'codec'>

function chooseSize(
  { kind, modes, sensor }: FoundCamera,
  machine: Machine,
  codec: Codec,
  count: number,
): Size {
  const [wanted, why] = wantedSize(kind, machine, codec, count)
  if (kind === 'libcamera') return { fps: 30, ...sizeOfModule(sensor, wanted, why) }
  const own = modes === undefined ? undefined : chooseUsbMode(modes, wanted)
  if (own === undefined)
    return { ...SMALL, fps: 30, bitrate: bitrateOf(SMALL), why: 'nearly every camera supports it' }
  const passedOn = own.format === 'h264' ? { codec: 'h264' as const } : {}
  return { ...own, ...passedOn, bitrate: bitrateOf(own), why: whyUsbMode(own, modes!, wanted, why) }
}

/** Sizes of each shape, and what they are for; in multiples of 32, as the hardware encoder needs them. */
const SHAPES = [
  {
    ratio: 4 / 3,
    name: '4:3',
    small: [SMALL, { width: 800, height: 600 }],
    large: [{ width: 960, height: 720 }],
  },
  { ratio: 16 / 9, name: '16:9', small: [{ width: 640, height: 360 }], large: [LARGE] },
] as const

/** A size of the sensor's shape shows all of the scene. Best is one for which libcamera selects such a mode by itself. */
function sizeOfModule(
  sensor: Sensor | undefined,
  wanted: typeof SMALL | typeof LARGE,
  why: string,
): Pick<ChosenCamera, 'width' | 'height' | 'bitrate' | 'why'> {
  if (sensor === undefined) return { ...wanted, bitrate: bitrateOf(wanted), why }
  const ratio = sensor.width / sensor.height
  const shape = SHAPES.reduce((a, b) => (Math.abs(a.ratio - ratio) <= Math.abs(b.ratio - ratio) ? a : b))
  const sizes = wanted === SMALL ? shape.small : shape.large
  const showsAll = (size: { width: number; height: number }): boolean => {
    const mode = libcameraMode(sensor, size)
    const best = widestMode(sensor, size, 30)
    return (
      mode !== undefined &&
      best !== undefined &&
      showsAsMuch(shareOf(sensor, mode, size), shareOf(sensor, best, size))
    )
  }
  const { width, height } = sizes.find(showsAll) ?? sizes[0]
  const all = `all that the ${shape.name} sensor sees; ${why}`
  return { width, height, bitrate: bitrateOf({ width, height }), why: all }
}

/** The hardware encoder of a Raspberry Pi, and a Pi 5 in software, can encode two cameras of 1280x720 at 30 frames per second. */
function wantedSize(
  kind: FoundCamera['kind'],
  { model = '', cores }: Machine,
  codec: Codec,
  count: number,
): [typeof SMALL | typeof LARGE, string] {
  const isSmall = /Zero|Raspberry Pi (?:Model|[1-3])/.test(model) || cores < 4
  if (count > 2) return [SMALL, 'small, because there are several cameras']
  if (isSmall && !(codec === 'h264' && kind === 'libcamera')) return [SMALL, 'small, to save CPU time']
  return [LARGE, 'what this machine can encode']
}

const bitrateOf = ({ width, height }: { width: number; height: number }): number =>
  width * height <= 640 * 480 ? 1_000_000 : width * height <= 1280 * 720 ? 2_500_000 : 5_000_000

/** @param examplePath file that explains every key. */
export function renderFirstConfig(
  { codec, why, cameras }: FirstConfig,
  { model = 'this machine', examplePath }: { model: string | undefined; examplePath: string },
): string {
  return `# rpi-webrtc on ${model}: written by "rpi-webrtc init" from what it found.
# Every key is explained in ${examplePath}
# A commented key shows its default. "rpi-webrtc doctor" checks this file.

[server]
#web-port = 8080
#bind-ip = "::"
# Without username and password every client that reaches the port may watch ("rpi-webrtc hash-password").
#username = "anna"
#password = "the line that hash-password prints"

${cameras.map(renderCamera).join('\n')}
[video]
# ${capital(why)}.
codec = "${codec}"
#keyframe-interval = 60
#on-demand = false

[webrtc]
#max-clients = 4
# UDP port of all video: open it in the firewall.
#udp-port = 8189
#stun-server = ""
`
}

function renderCamera({
  key,
  device,
  name,
  width,
  height,
  fps,
  format,
  codec,
  bitrate,
  why,
  microphone,
}: ChosenCamera): string {
  const port = defaultWebrtcPort(Number(key.slice('camera'.length)))
  const encoding = [
    ...(format === undefined ? [] : [`format = "${format}"\n`]),
    ...(codec === undefined ? [] : [`codec = "${codec}"\n`]),
    // A camera that encodes chooses its bitrate itself.
    ...(format === 'h264' ? [] : [`bitrate = ${bitrate}\n`]),
  ]
  return `[${key}]
# ${oneLine(name)}
device = ${JSON.stringify(device)}
# ${capital(why)}.
width = ${width}
height = ${height}
fps = ${fps}
${encoding.join('')}#name = "Camera ${key.slice('camera'.length)}"
#flip-method = "none"
#webrtc-port = ${port}
${microphone === undefined ? '' : renderSound(key, microphone)}`
}

/** Commented out: a new camera must not send what is said in the room to everyone who may watch. */
const renderSound = (key: string, { device, name }: Pick<Microphone, 'device' | 'name'>): string => `
# Sound of ${oneLine(name)}. It is off, because everyone who may watch would hear it. Delete the two # to switch it on.
#[${key}.audio]
#device = ${JSON.stringify(device)}
`

const oneLine = (text: string): string => text.replaceAll(/\p{Cc}/gu, ' ')

const capital = (text: string): string => text.slice(0, 1).toUpperCase() + text.slice(1)
