import * as access from './access.js'
import { AUDIO_KEY } from './audio.js'
import { aboutNoText, isExternal, parseDevice } from './device.js'
import { FLIP_METHODS, USUAL_FLIP_METHODS } from './flip-method.js'
import { key, type AnyKey, type CameraEffect, type Key } from './key.js'
import {
  anyValue,
  evenInteger,
  integer,
  oneOf,
  port,
  secret,
  secretTables,
  seconds,
  text,
  trueOrFalse,
} from './kinds.js'
import { LIMIT_KEYS } from './limits.js'
import * as values from './values.js'
import { RTSP_KEYS } from './rtsp-keys.js'
import { SERVER_KEYS } from './server-keys.js'
import { WEBRTC_KEYS } from './webrtc-keys.js'
import { parseControls } from './controls.js'
import { parseFieldOfView } from './field-of-view.js'
import { parseFrameRate } from './frame-rate.js'
import { LOW_KEY } from './low-key.js'
import { parsePushes } from './push.js'

export const defaultWebrtcPort = (cameraNumber: number): number => WEBRTC_PORT_BASE + cameraNumber
const WEBRTC_PORT_BASE = 5556

type CameraKeys = Record<string, Key<unknown, 'seconds' | undefined, CameraEffect>>

/**
 * Every key of the configuration. Schema, types, defaults, the effect of a reload and the tables of docs/configuration.md
 * follow from these rows. A new key needs a row here or in a file named after its table, an explanation in config.example.toml,
 * the code that uses it, and `npx vitest run test/docs.test.ts --update`.
 */
export const KEYS = {
  server: SERVER_KEYS,
  camera: {
    device: key(text('string, see [devices](#devices)', parseDevice, aboutNoText), {
      required: 'write device = "/dev/video0", or what "rpi-webrtc cameras" lists',
      applies: 'restart',
      except: {
        applies: 'reconnect',
        text: 'to or from `rtp://` or `whip`',
        when: (before, after) => isExternal(before) || isExternal(after),
      },
      about: 'Source of the video.',
    }),
    'whip-token': key(
      secret(
        `string, at least ${access.MIN_TOKEN_LENGTH} of letters, digits and \`- . _ ~\``,
        access.parseToken,
      ),
      {
        applies: 'live',
        about:
          'For `device = "whip"`: the bearer token of the program that publishes to `/cameraN/whip`. Required unless `server.username` and `server.password` are set, which may publish too. A change ends the publisher. See [cascade](cascade.md).',
      },
    ),
    width: key(evenInteger(32, 4608, ' pixels'), {
      default: 640,
      applies: 'restart',
      about: 'Width in pixels, before `cameraN.flip-method` is applied. Multiples of 32 are safest.',
    }),
    height: key(evenInteger(32, 4608, ' pixels'), {
      default: 480,
      applies: 'restart',
      about: 'Height in pixels, before `cameraN.flip-method` is applied.',
    }),
    fps: key(anyValue('number, 0.1 to 120, or `"MIN-MAX"`', parseFrameRate), {
      default: 30,
      applies: 'restart',
      about:
        'Frames per second, such as `30` or `29.97`. With a range such as `"5-30"` a USB camera may lower the rate in the dark to expose longer; see [devices](#devices).',
    }),
    low: LOW_KEY,
    'field-of-view': key(text('`"full"`, `"auto"` or `"WIDTHxHEIGHT"`', parseFieldOfView), {
      default: 'full',
      applies: 'restart',
      about:
        'What a camera module shows. `"full"`: all that its sensor sees. `"auto"`: libcamera selects a sensor mode by the size of the video, and small sizes are zoomed in. A size selects a sensor mode that `rpi-webrtc cameras` lists.',
    }),
    'webrtc-port': key(port(), {
      perCamera: { text: `${WEBRTC_PORT_BASE} + N`, of: defaultWebrtcPort },
      applies: 'live',
      about:
        "TCP port of this camera's own WebSocket, different for each camera. The page uses `server.web-port` instead.",
    }),
    'flip-method': key(
      oneOf('a flip-method', FLIP_METHODS, 'see [flip methods](#flip-methods)', USUAL_FLIP_METHODS),
      {
        default: 'none',
        applies: 'restart',
        about: 'Rotates or mirrors the image, at some CPU cost.',
      },
    ),
    name: key(text(`string, at most ${values.MAX_NAME_LENGTH} characters`, values.parseDisplayName), {
      perCamera: { text: '`"Camera N"`', of: (cameraNumber) => `Camera ${cameraNumber}` },
      applies: 'live',
      except: {
        applies: 'restart', // the name is drawn into the frames
        text: 'for a test picture',
        when: (_, after) => after.kind === 'test',
      },
      about: 'Name shown to users.',
    }),
    format: key(oneOf('a format', ['auto', 'raw', 'mjpeg', 'h264']), {
      default: 'auto',
      applies: 'restart',
      about:
        'Format a USB camera delivers. `"auto"` uses raw frames if USB 2 can carry them (640x480 at 30 frames per second), otherwise MJPEG. `"h264"` passes the own H.264 of a USB camera through.',
    }),
    overlay: key(text('string, at most 200 characters', values.parseOverlay), {
      default: '',
      applies: 'restart',
      about:
        'Text drawn into the video, with the conversions of strftime(3), such as `"%Y-%m-%d %H:%M:%S"`. `""` draws nothing. See [overlay](#overlay).',
    }),
    'tuning-file': key(text('path of a `.json` file', values.parseTuningFile), {
      defaultText: "the camera's own",
      applies: 'restart',
      about: "libcamera's tuning file for a camera module, such as one for a NoIR camera.",
    }),
    hdr: key(trueOrFalse(), {
      default: false,
      applies: 'restart',
      about: 'HDR of a Camera Module 3 (imx708).',
    }),
    'dmabuf-import': key(trueOrFalse(), {
      default: false,
      applies: 'restart',
      about:
        '`true` hands the frames of a camera module to the hardware encoder without copying them. It is switched off by itself if the encoder does not accept them.',
    }),
    controls: key(anyValue('table `[cameraN.controls]`', parseControls), {
      default: {},
      applies: 'restart',
      except: {
        applies: 'live', // v4l2-ctl sets them beside the stream
        text: 'for a V4L2 device',
        when: (before, after) => before.kind === 'v4l2' && after.kind === 'v4l2',
      },
      about: 'Focus, exposure and colours, see [controls](#controls).',
    }),
    audio: AUDIO_KEY,
    push: key(secretTables('tables `[[cameraN.push]]`', parsePushes), {
      default: [],
      applies: 'live',
      about: 'Media servers to which this camera is sent over WHIP, see [push](push.md).',
    }),
  },
  /** Defaults for all cameras; the table of a camera may override each of them. */
  video: {
    codec: key(oneOf('a codec', ['vp8', 'h264']), {
      default: 'vp8',
      applies: 'reconnect',
      about:
        'Every browser with WebRTC plays VP8, which is encoded in software. H.264 uses the hardware encoder of a Raspberry Pi up to the 4, and software on a Pi 5.',
    }),
    bitrate: key(
      integer(
        values.BITRATE.min,
        values.BITRATE.max,
        ' bit/s',
        (value) => `is too small, bitrate is in bit/s: ${values.bitrateHint(value)}`,
        values.aboutBitrateText,
      ),
      {
        default: 2_000_000,
        applies: 'restart',
        about:
          'Bits per second for each viewer. 640x480 needs about 1000000, 1280x720 2500000, 1920x1080 5000000.',
      },
    ),
    'keyframe-interval': key(integer(1, 3600, ' frames'), {
      default: 60,
      applies: 'restart',
      about:
        'Frames between keyframes. A viewer that joins or loses packets requests a keyframe immediately, so a large value saves bandwidth. With the hardware encoder and GStreamer before 1.22.4, viewers wait for the interval; the minimum is 2.',
    }),
    encoder: key(oneOf('an encoder', ['auto', 'v4l2h264enc', 'x264enc', 'openh264enc', 'vp8enc']), {
      default: 'auto',
      applies: 'restart',
      about:
        'GStreamer encoder. `"auto"` selects the first one that is available. `"v4l2h264enc"` (hardware) needs at least 9 frames per second and at most 1920x1920.',
    }),
    'on-demand': key(trueOrFalse(), {
      default: false,
      applies: 'live',
      about:
        '`true` captures only while a viewer is connected or a snapshot is requested. The first of them waits for the camera to start.',
    }),
    'on-demand-close-after': key(seconds(0, 86_400), {
      default: 10,
      applies: 'live',
      about: "Seconds from the last viewer's departure until an on-demand camera is switched off.",
    }),
  },
  webrtc: WEBRTC_KEYS,
  rtsp: RTSP_KEYS,
  limits: LIMIT_KEYS,
} satisfies { camera: CameraKeys; video: CameraKeys } & Record<TableKind, Record<string, AnyKey>>

/** A kind of table; `camera` stands for every [cameraN]. */
export type TableKind = 'server' | 'camera' | 'video' | 'webrtc' | 'rtsp' | 'limits'

/** The rows of a table as the file may have it: a camera may override every key of [video]. */
export const rowsOf = (kind: TableKind): Record<string, AnyKey> =>
  kind === 'camera' ? { ...KEYS.camera, ...KEYS.video } : KEYS[kind]

const ofEveryKind = <T>(of: (rows: Record<string, AnyKey>) => T): Record<TableKind, T> => ({
  server: of(rowsOf('server')),
  camera: of(rowsOf('camera')),
  video: of(rowsOf('video')),
  webrtc: of(rowsOf('webrtc')),
  rtsp: of(rowsOf('rtsp')),
  limits: of(rowsOf('limits')),
})

export const CONFIG_KEYS: Record<TableKind, readonly string[]> = ofEveryKind(Object.keys)

/** Former name -> name. */
export const FORMER_NAMES: Record<TableKind, ReadonlyMap<string, string>> = ofEveryKind(
  (rows) =>
    new Map(
      Object.entries(rows).flatMap(([name, { formerly }]) =>
        formerly === undefined ? [] : [[formerly, name]],
      ),
    ),
)
