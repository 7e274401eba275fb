import { sensorOfProduct } from './camera-products.js'

type Row = readonly [pattern: RegExp, sentence: (match: RegExpExecArray, text: string) => string]

const ADDRESS = 'rtp://127.0.0.1:5004'
const CAMERAS = '"rpi-webrtc cameras" prints the line to write'
const MODULE =
  'write "csi0" or "csi1" for the connector, the sensor such as "imx708", or what "rpi-webrtc cameras" prints'
const USB = `write "/dev/video0", or better its name in /dev/v4l/by-id: ${CAMERAS}`

/** A stream of another program: it has to arrive as RTP. */
const sends = (program: string): string =>
  `write "${ADDRESS}" and codec = "h264", and run ${program} -f rtp "${ADDRESS}?pkt_size=1200"`
/** H.264 is sent as it is, with the parameter sets before each keyframe. */
const COPY = '-an -c:v copy -bsf:v dump_extra'
const ENCODE = '-an -c:v libx264 -preset ultrafast -tune zerolatency -pix_fmt yuv420p -g 60'

const fetched = (options: string, codec: string): string =>
  `is an address this program does not fetch: ${sends(`ffmpeg ${options}-i URL ${codec}`)}`

/** The node in a longer text: `v4l2:device?video=/dev/video0`, `ffmpeg:device?video=0`. */
function writeNode(text: string): string {
  const path = /\/dev\/(?:video\d+|v4l\/by-[\w-]+\/[^\s"'?#&,]+)/.exec(text)?.[0]
  const number = /(?:[:=]|video=)(\d+)(?=$|[?#&,])/.exec(text)?.[1]
  if (path !== undefined) return `write "${path}"`
  return number === undefined ? USB : `write "/dev/video${number}"`
}

/** Devices as other programs write them. The first row that matches applies. */
const ROWS: readonly Row[] = [
  // Streams.
  [/^rtsps?(?:\+\w+)?:/i, () => fetched('-rtsp_transport tcp ', COPY)],
  [/^(?:https?|mjpe?g):/i, () => fetched('', ENCODE)],
  [
    /^rtp:\/?\/?(?:\[::1?\]|0\.0\.0\.0|\*|@)?:?(\d{1,5})$/i,
    ([, port]) =>
      `has to be rtp://127.0.0.1:PORT: write "rtp://127.0.0.1:${port!}", and let the other program send to 127.0.0.1`,
  ],
  [
    /^(?:udp|udp\+rtp|tcp):\/*[^/?]*?(?::(\d{1,5}))?(?:[/?].*)?$/i,
    ([, port = '5004'], text) =>
      /mpegts/i.test(text)
        ? fetched('', COPY)
        : `has to be RTP: write "rtp://127.0.0.1:${port}", and send RTP to that port`,
  ],
  [/^(?:srt|rtmps?|udp\+mpegts|unix\+mpegts|mpegts|hls|ndi|rist):/i, () => fetched('', COPY)],
  [
    /^(?:wheps?|whip|webrtc|janus|webtorrent|onvif|homekit|dvrip|isapi|kasa|tapo|nest|ring|roborock|gopro|hass|bubble|ivideon|tuya|xiaomi|wyze|echo|expr|yandex|alsa|pinggy|doorbird|multitrans)[:/]/i,
    (_, text) =>
      `is a source of another program: let ${/^wheps?/i.test(text) ? 'that program' : 'go2rtc'} serve it as RTSP, ${sends(`ffmpeg -rtsp_transport tcp -i URL ${COPY}`)}`,
  ],
  [/^(?!rtp:|test:|file:)[a-z][a-z+.-]*:\/\//i, () => fetched('', COPY)],
  [
    /^(?:file:|~?\/(?!dev\/|base\/|sys\/|proc\/).*\.\w{2,4}$|[\w. -]+\.(?:mp4|mkv|avi|mov|ts|webm|h264|264|mjpe?g|jpe?g|png|yuv|sdp|m3u8)$)/i,
    () => `is a file, and no camera: ${sends(`ffmpeg -re -stream_loop -1 -i FILE ${ENCODE}`)}`,
  ],
  [
    /^(?:publisher|redirect|path)$/i,
    () =>
      `is a stream that another program sends: write "${ADDRESS}", and let it send RTP to that port of 127.0.0.1`,
  ],
  // Commands and elements.
  [
    /^(?:exec|echo|pipe|cmd|shell|script):|^\||^-$/i,
    () =>
      `runs a command, which this program does not: write "${ADDRESS}" and start the command yourself, with RTP to that address as its output`,
  ],
  [
    /^(?:screen|desktop|display|x11grab|ximagesrc|kmsgrab|gdigrab|pipewire)\b|^:\d(?:\.\d)?$/i,
    () => `is a screen, and no camera: ${sends(`ffmpeg -f x11grab -i :0 ${ENCODE}`)}`,
  ],
  [
    /^(?:dshow|gdigrab|ksvideosrc|mfvideosrc|wasapi)\b|^video=|^COM\d+$|^[a-z]:\\|^\\\\/i,
    () => `is a device of Windows: ${USB}`,
  ],
  [/^(?:avfoundation|avfvideosrc|qtkit)\b|FaceTime|iSight/i, () => `is a device of macOS: ${USB}`],
  [
    /^(?:ffmpeg|v4l2|v4l|device|uvc|usb|webcam)[:?]/i,
    (_, text) => `is a source of another program: ${writeNode(text)}`,
  ],
  [
    /^(?:v4l2src|autovideosrc|uvch264src|uvcsrc)\b/i,
    (_, text) => `is an element of GStreamer: ${writeNode(text)}`,
  ],
  [
    /^libcamerasrc\b/i,
    (_, text) => {
      const name = /camera-name=["']?([^\s"'!]+)/.exec(text)?.[1]
      return `is an element of GStreamer: ${name === undefined ? MODULE : `write ${JSON.stringify(name)}`}`
    },
  ],
  [
    /^(?:videotestsrc\b.*?(?:pattern=(\S+))?|testsrc2?|test-?pattern|fake(?:src)?|dummy|virtual|colou?r-?bars|smpte|lavfi.*|testing)$/i,
    ([, pattern]) => `is a test picture: write "test:${pattern ?? 'smpte'}"`,
  ],
  // Camera modules.
  [
    /^(?:libcamera|rpicam|csi|camera|device)[:=]\s*(\/base\/.+|\\_SB.+)$/i,
    ([, name]) => `is a source of another program: write ${JSON.stringify(name)}`,
  ],
  [
    /^(?:csi|mipi|cam|connector)[:=# ](?:cam)?([01])$/i,
    ([, number]) => `is not spelled as a connector is: write "csi${number!}"`,
  ],
  [
    /^(?:rpi-?camera|(?:lib-?camera|rpicam)(?:-(?:vid|hello|still|raw|app|apps|jpeg)|ify)?|picamera2?|pi-?cam(?:era)?|raspi(?:vid|still|cam|mjpeg|stillyuv|vidyuv)|csi\d?|mipi|mmal|nvargus\w*|nvarguscamerasrc|unicam|ribbon|camera[ -]?module)(?:[:=\s].*)?$/i,
    () => `is no name of a camera: ${MODULE}`,
  ],
  // Numbers, and what means "any".
  [
    /^-?\d+$/,
    ([number]) =>
      `is a number: write "/dev/video${number.replace('-', '')}" for a USB camera, or "csi0" or "csi1" for a camera module`,
  ],
  [
    /^(?:usb|usb[-_ ]?cam(?:era)?|web-?cam(?:era)?|uvc|usb[-_ ]?\d|camera|cam|cameras|camera[-_ ]?\d|video|video\/?4linux|v4l2?|auto|default|any|first|none|null|yes|true|on|off|false)$/i,
    () => `is no name of a camera: ${CAMERAS}`,
  ],
  [/^[0-9a-f]{4}:[0-9a-f]{4}$/i, () => `is the USB number of a model: ${USB}`],
  [
    /^(?:usb-)?\d{4}:\d\d:\d\d\.\d$|^\d+-\d+(?:\.\d+)*(?::\d\.\d)?$|^Bus \d+/i,
    () => `is a place on the USB bus: write its name in /dev/v4l/by-path: ${CAMERAS}`,
  ],
  [/^[$%{]|\$\{?\w+\}?/, () => 'has a variable, which is not replaced: write the device itself'],
  // Files in /dev and /sys.
  [
    /^\/sys\/(?:class\/video4linux|devices\/.*video4linux)\/(video\d+)/,
    ([, node]) => `is a folder of the kernel: write "/dev/${node!}"`,
  ],
  [
    /^(?:\/?v4l\/|dev\/v4l\/|\/dev\/|\/)?(by-(?:id|path)\/[^/]+)$/,
    ([, name]) => `is not a whole path: write "/dev/v4l/${name!}"`,
  ],
  [/^\/dev\/v4l(?:\/by-(?:id|path))?\/?$/, () => `is a folder: ${CAMERAS}`],
  [/^\/dev\/?$/, () => `is a folder: ${CAMERAS}`],
  [/^\/dev\/.*[*?[\]]/, () => `stands for several devices: write one of them; ${CAMERAS}`],
  [/^\/dev\/video$/i, () => 'has no number: write "/dev/video0"'],
  [
    /^(?!\/dev\/video\d+$)[/\\]*(?:dev|Dev|DEV)[/\\]+(?:video|Video|VIDEO)[ _-]?(\d+)(?:[\s,:;@#?(].*)?$/,
    ([, number], text) =>
      /[,:;@#?(]|\d\s/.test(text)
        ? `has more than the device in it: write "/dev/video${number!}", and the rest as width, height, fps and format`
        : `is not spelled as the device is: write "/dev/video${number!}"`,
  ],
  [
    /^\/dev\/(media|v4l-subdev|v4l-touch|vbi|radio|swradio|fb|tty|dri|snd|i2c-|spidev|vchiq|vcio|vcsm|gpio|bus\/usb|input|hidraw|cec|dma_heap|sd|mmcblk|null|zero|disk|serial|usb)/,
    ([, what]) => `is ${WHAT[what!] ?? 'no camera'}: ${/media|subdev/.test(what!) ? MODULE : CAMERAS}`,
  ],
  [/^[^/].*\/dev\/(?:video\d|v4l\/)/, (_, text) => `has more than the device in it: ${writeNode(text)}`],
  [/^[^/\\@]*\s[^/\\@]*$/, () => `is no name of a device: ${CAMERAS}`],
]

const WHAT: Record<string, string> = {
  media: 'the media controller of a camera, and no camera',
  'v4l-subdev': 'a part of a camera, and no camera',
  fb: 'a screen, and no camera',
  dri: 'a screen, and no camera',
  tty: 'a serial port, and no camera',
  serial: 'a serial port, and no camera',
  snd: 'a sound device, and no camera',
  'bus/usb': 'a place on the USB bus, and no camera',
  sd: 'a disk, and no camera',
  mmcblk: 'a disk, and no camera',
  disk: 'a disk, and no camera',
}

/** What to write instead of a device of another program, as the rest of a sentence; undefined if it may be one of ours. */
export function foreignDevice(text: string): string | undefined {
  const sensor = sensorOfProduct(text)
  if (sensor !== undefined)
    return `is the name of a product: write its sensor, "${sensor}", or what "rpi-webrtc cameras" prints`
  for (const [pattern, sentence] of ROWS) {
    const match = pattern.exec(text)
    if (match !== null) return sentence(match, text)
  }
  return undefined
}
