import { parseDevice } from './device.js'
import {
  inCamera,
  inControls,
  inVideo,
  NOT_NEEDED,
  type Answer,
  type Row,
  type Translate,
} from './foreign-answer.js'
import { bitsOf, isOn, numberOf, numbersOf, secondsOf, sizeOf, textOf } from './foreign-values.js'

const number =
  (key: string, isDefault?: (value: number) => boolean): Translate =>
  (value) => {
    const found = numberOf(value)
    if (found === undefined) return `write ${key} with a number in [cameraN.controls]`
    return isDefault?.(found) === true ? NOT_NEEDED : inControls(key, found)
  }
const isZero = (value: number): boolean => value === 0

/** @param words words of other programs, and ours. */
const word =
  (key: string, words: Record<string, string>): Translate =>
  (value) => {
    const text = textOf(value).toLowerCase()
    const found = Object.hasOwn(words, text) ? words[text]! : undefined
    if (found === '') return NOT_NEEDED
    return inControls(
      key,
      found ?? (/^[a-z-]+$/.test(text) && !(text in {}) ? text : Object.values(words)[0]!),
    )
  }

const window =
  (key: string): Translate =>
  (value) => {
    const numbers = numbersOf(value)
    return numbers.length === 4
      ? inControls(key, numbers)
      : `write ${key} = [x, y, width, height] in [cameraN.controls], each from 0 to 1`
  }

const METHODS: ReadonlyMap<number, string> = new Map([
  [0, 'none'],
  [90, 'clockwise'],
  [180, 'rotate-180'],
  [270, 'counterclockwise'],
])

function rotation(value: unknown): Answer {
  const degrees = (((numberOf(value) ?? 180) % 360) + 360) % 360
  const method = METHODS.get(degrees) ?? 'rotate-180'
  return method === 'none' ? NOT_NEEDED : inCamera('flip-method', method)
}

const mirrored =
  (method: string): Translate =>
  (value) =>
    isOn(value) ? inCamera('flip-method', method) : NOT_NEEDED

function size(value: unknown): Answer {
  const found = sizeOf(value)
  if (found === undefined) return 'write width and height, each in a line of its own'
  const even = (side: number): number => side - (side % 2)
  return [...inCamera('width', even(found.width)), ...inCamera('height', even(found.height))]
}

function device(value: unknown): Answer {
  const text = textOf(value)
  if (text === '') return 'write device = with what "rpi-webrtc cameras" prints'
  const module = /^(?:rpi-?camera|libcamera|rpicam|picamera2?)(?:[:=]([01]))?$/i.exec(text)
  if (module !== null) return inCamera('device', `csi${module[1] ?? 0}`)
  try {
    parseDevice(text)
    return inCamera('device', text)
  } catch (error) {
    const message = (error as Error).message
    const node = /write "((?:\/|test:)[^"]+)"/.exec(message)?.[1]
    if (node !== undefined) return inCamera('device', node)
    // An address may have a password in it.
    const shown = JSON.stringify(text.replace(/\/\/[^/]*@/, '//').slice(0, 80))
    return `write it as device: ${shown} ${message}`
  }
}

/** `focus_automatic_continuous=0,focus_absolute=45` */
function v4l2Controls(value: unknown): Answer {
  const pairs = Array.from(textOf(value).matchAll(/([a-z]\w*)\s*[=:]\s*(-?\d+)/gi)).slice(0, 40)
  if (pairs.length === 0)
    return 'write each control as a line in [cameraN.controls], such as focus_absolute = 45'
  return pairs.flatMap(([, name, control]) => inControls(name!, Number(control)))
}

function pixelFormat(value: unknown): Answer {
  const text = textOf(value).toLowerCase()
  if (/mjp|jpe?g|^8$/.test(text)) return inCamera('format', 'mjpeg')
  if (/h264/.test(text)) return inCamera('format', 'h264')
  return /yuy|uyvy|yuv|nv12|raw|rgb|^1[57]$/.test(text)
    ? inCamera('format', 'raw')
    : inCamera('format', 'auto')
}

function autofocus(value: unknown): Answer {
  const text = textOf(value).toLowerCase()
  return inControls('autofocus', text === 'manual' || !isOn(value) ? 'manual' : 'continuous')
}

/** Milliseconds between frames are a rate as well. */
function fps(value: unknown): Answer {
  const rate = numberOf(textOf(value).replace(/\s*(?:fps|hz|\/1)$/i, ''))
  if (rate === undefined) return 'write fps = 30, or a range such as fps = "5-30"'
  return rate === 0 ? NOT_NEEDED : inCamera('fps', Math.min(rate, 120))
}

const seconds =
  (key: string): Translate =>
  (value) =>
    inVideo(key, secondsOf(value) ?? 10)

const UNCONTROLLED = 'which GStreamer cannot set'

/** Keys about the picture, in MediaMTX, rpicam-apps, pi-webrtc, camera-streamer, crowsnest, ustreamer, motion and go2rtc. */
export const PICTURE_ROWS: readonly Row[] = [
  ['rotation rotate rotationdegrees orientation videorotation camerarotation', rotation],
  ['hflip horizontalflip fliphorizontal mirror flipx fliphorizontally', mirrored('horizontal-flip')],
  ['vflip verticalflip flipvertical flipy flipvertically upsidedown', mirrored('vertical-flip')],
  ['flip flipaxis flipmode', () => 'write flip-method = "horizontal-flip", "vertical-flip" or "rotate-180"'],
  ['resolution size videosize framesize camerasize capturesize videoresolution imagesize', size],
  [
    'camerawidth videowidth capturewidth imagewidth framewidth',
    (value) => inCamera('width', numberOf(value) ?? 1280),
  ],
  [
    'cameraheight videoheight captureheight imageheight frameheight',
    (value) => inCamera('height', numberOf(value) ?? 720),
  ],
  [
    'mode sensormode cameramode viewfindermode',
    (value) => {
      const found = sizeOf(value)
      return found === undefined
        ? 'write field-of-view = "full", or the size of a sensor mode such as "2304x1296"'
        : inCamera('field-of-view', `${found.width}x${found.height}`)
    },
  ],
  [
    'framerate maxfps videofps desiredfps capturefps maxframerate camerafps frames videoframerate fpslimit',
    fps,
  ],
  [
    'source camera cam path videodevice input url src dev devicepath camerapath cameraindex cameradevice videopath videosource devicename inputdevice streamsource stream uri deviceid netcamurl netcamhighres',
    device,
  ],
  [
    'cameraid camid cameranumber',
    (value) => (/^[01]$/.test(textOf(value)) ? inCamera('device', `csi${textOf(value)}`) : device(value)),
  ],
  ['cameratype type backend', () => 'the device decides that: delete the line'],
  [
    'title label friendlyname streamname displayname textname cameraname',
    (value) => inCamera('name', textOf(value).slice(0, 60) || 'Camera'),
  ],
  [
    'inputformat pixelformat pixfmt v4l2palette videoformat cameraformat pixelfmt palette captureformat v4l2format',
    pixelFormat,
  ],
  [
    'videocodec vcodec encodercodec videoencoding codectype',
    (value) => inVideo('codec', /vp8/i.test(textOf(value)) ? 'vp8' : 'h264'),
  ],
  [
    'hwaccel hwencoder hardware useomx hardwareencoder hwencode preferredvideoencoder',
    () => 'write encoder = "auto", which uses the hardware encoder if there is one',
  ],
  [
    'bitratekbps videobitrate kbps maxbitrate bitratekbit targetbitrate maxbitratekbps bitratebps h264bitrate minbitrate ffmpegbps',
    (value) => inVideo('bitrate', bitsOf(value) ?? 2_000_000),
  ],
  [
    'idrperiod gop gopsize intra iframeinterval keyint keyframeperiod gopsizeframes h264gop videogop iframeperiod keyframerate',
    (value) => inVideo('keyframe-interval', numberOf(value) ?? 60),
  ],
  [
    'profile level h264profile h264level hardwareh264profile hardwareh264level softwareh264profile softwareh264level videoprofile preset tune crf',
    () => 'the program chooses what browsers play: delete the line',
  ],
  [
    'quality jpegquality mjpegquality streamquality snapshotquality compression',
    () => 'the quality of the video follows from bitrate, and that of snapshots is fixed: delete the line',
  ],
  [
    'sourceondemand ondemandstart startondemand idleoff',
    (value) => (isOn(value) ? inVideo('on-demand', true) : NOT_NEEDED),
  ],
  ['sourceondemandcloseafter ondemandtimeout', seconds('on-demand-close-after')],
  ['sourceondemandstarttimeout', () => NOT_NEEDED],
  [
    'textoverlay annotate overlaytext osd timestamp textleft textright texttop textbottom drawtext annotatetext osdtext annotation',
    (value) => {
      const text = textOf(value)
      if (!isOn(value)) return NOT_NEEDED
      return inCamera(
        'overlay',
        /^(?:true|yes|on|\d*)$/i.test(text) ? '%Y-%m-%d %H:%M:%S' : text.slice(0, 200),
      )
    },
  ],
  ['textoverlayenable', (value) => (isOn(value) ? inCamera('overlay', '%Y-%m-%d %H:%M:%S') : NOT_NEEDED)],
  ['tuning tuningpath cameratuning', (value) => inCamera('tuning-file', textOf(value))],
  ['hdrmode sensorhdr widedynamicrange wdr', (value) => (isOn(value) ? inCamera('hdr', true) : NOT_NEEDED)],
  // Controls.
  ['brightness', number('brightness', isZero)],
  ['contrast', number('contrast', (value) => value === 1)],
  ['saturation', number('saturation', (value) => value === 1)],
  ['sharpness', number('sharpness', (value) => value === 1)],
  [
    'exposure exposuremode aeexposuremode',
    (value) =>
      numberOf(value) === undefined
        ? word('exposure', { sport: 'short', sports: 'short', normal: '', auto: '', custom: '', off: '' })(
            value,
          )
        : number('exposure-time-us', isZero)(value),
  ],
  ['shutter shutterspeed exposuretime exposuretimeus', number('exposure-time-us', isZero)],
  ['gain analoggain analoguegain', number('analogue-gain', isZero)],
  [
    'iso',
    (value) =>
      (numberOf(value) ?? 0) === 0
        ? NOT_NEEDED
        : inControls('analogue-gain', Math.max(1, (numberOf(value) ?? 100) / 100)),
  ],
  ['ev exposurevalue exposurecompensation evcompensation', number('exposure-value', isZero)],
  [
    'metering meteringmode aemetering aemeteringmode exposuremetering',
    word('metering', { centre: 'centre-weighted', center: 'centre-weighted', average: 'matrix', custom: '' }),
  ],
  [
    'awb awbmode whitebalance',
    word('awb', {
      auto: '',
      greyworld: 'auto',
      off: '',
      sun: 'daylight',
      sunlight: 'daylight',
      shade: 'cloudy',
      custom: '',
      true: '',
      false: '',
    }),
  ],
  [
    'awbgains awbgain colourgains colorgains',
    (value) => {
      const gains = numbersOf(value)
      return gains.length === 2 && gains.every((gain) => gain > 0)
        ? inControls('colour-gains', gains)
        : NOT_NEEDED
    },
  ],
  ['autofocus autofocusmode afmode af focusmode focus autofocusenable', autofocus],
  ['lensposition focusdistance lens', number('lens-position')],
  ['autofocusrange afrange', word('autofocus-range', {})],
  ['autofocusspeed afspeed', word('autofocus-speed', {})],
  ['autofocuswindow afwindow', window('autofocus-window')],
  ['roi zoom digitalzoom crop scalercrop regionofinterest', window('zoom')],
  [
    'v4l2ctl v4l2controls v4l2params extracontrols v4l2ctrls cameraoptions videoparams v4l2control',
    v4l2Controls,
  ],
  [
    'denoise noisereduction noisereductionmode',
    () => `noise reduction is a control ${UNCONTROLLED} on a camera module: delete the line`,
  ],
  [
    'flickerperiod flicker aeflickerperiod powerlinefrequency antiflicker',
    () =>
      `flicker is a control ${UNCONTROLLED} on a camera module; for a USB camera write power_line_frequency = 1 (50 Hz) or 2 (60 Hz) in [cameraN.controls]`,
  ],
  [
    'colourtemperature colortemperature hue gamma digitalgain ccm imageeffect colfx drc stabilisation videostabilization vstab postprocessfile nopreview qtpreview fullscreen preview lorswidth loreswidth loresheight subwidth subheight secondary camerasecondary',
    () =>
      `it is ${UNCONTROLLED.replace('which ', 'a setting that ')}, or that this program does not need: delete the line`,
  ],
  [
    'customflags extraparams extraargs extraflags options args flags runcommand camerastreameropts',
    () => 'flags of another program have no meaning here: write each setting as a key of this file',
  ],
  [
    'buffercount buffers workers threads usbbuffers camerabuffercount snapshotheight videoheightlimit camerasnapshotheight camerastreamheight cameravideoheight',
    () => 'the program chooses that: delete the line',
  ],
]
