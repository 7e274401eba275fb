import * as v from 'valibot'
import type { Device } from './device.js'
import { FLIP_METHODS } from '../camera/gstreamer/video-direction.js'
import { toConfig } from './assemble.js'
import * as access from './access.js'
import { findClashes } from './conflicts.js'
import { LIMITS, type LimitKey, type Limits } from './limits.js'
import { problemLines, type Problem } from './problems.js'
import { readToml } from './toml.js'
import { sortOut, tableOf, without, type KnownKeys } from './tables.js'
import * as values from './values.js'
import { ConfigError } from '../errors.js'
import type { Password } from '../lib/password.js'

export interface Config {
  server: {
    webPort: number
    bindIp: string
    piIp: string | undefined
    /** Paths of PEM files; undefined where the server speaks plain HTTP. */
    tls: TlsFiles | undefined
    access: AccessConfig
  }
  /** In the order of their numbers; at least one. */
  cameras: CameraConfig[]
  webrtc: {
    stunServer: string | undefined
    maxClients: number
    udpPort: number
    /** The address the media port listens on: server.bindIp where the file does not say. */
    udpBindIp: string
    announce: string[]
  }
  limits: Limits
}

export type { Limits } from './limits.js'

export interface TlsFiles {
  certPath: string
  keyPath: string
}

/** Who may watch. */
export interface AccessConfig {
  /** Who may do everything. Without it and without a token, that is everybody. */
  login: Login | undefined
  /** Who has it may watch, and nothing else. */
  token: string | undefined
  /** Origins in small letters, or "*"; undefined where the file does not say. */
  allowOrigins: string[] | undefined
  /** Host names that this server answers to without credentials, in small letters, beside those of its machine. */
  names: string[]
}

export interface Login {
  username: string
  password: Password
  /** As the file has it. */
  passwordText: string
}

export type Codec = 'vp8' | 'h264'
export type EncoderChoice = 'auto' | 'v4l2h264enc' | 'x264enc' | 'openh264enc' | 'vp8enc'

export interface CameraConfig {
  /** The table's name: `camera1`. It is also the path segment in every URL. */
  key: string
  /** What people read; "Camera 1" where the file has none. */
  name: string
  device: Device
  /** Pixels, before flip-method turns them. */
  width: number
  height: number
  /** Frames per second. */
  fps: number
  /** TCP port of this camera's own WebSocket. */
  webrtcPort: number
  flipMethod: string
  /** How a V4L2 camera delivers: USB cameras have no bandwidth for large raw pictures. */
  format: 'auto' | 'raw' | 'mjpeg'
  codec: Codec
  /** bit/s */
  bitrate: number
  /** Frames. */
  keyframeInterval: number
  encoder: EncoderChoice
  /** Captures only while somebody watches, and for some seconds after. */
  onDemand: boolean
  onDemandCloseAfterMs: number
}

/** Messages are the second half of a sentence that begins with the value: `33` + `is odd: write 32`. */
const whole = (min: number, max: number, unit: string, tooSmall?: (value: number) => string) =>
  v.pipe(
    v.number((issue) => values.wrongType(issue.input, 'a whole number')),
    v.integer(
      (issue) =>
        `is not a whole number: write ${Number.isFinite(issue.input) ? Math.round(issue.input) : `one from ${min} to ${max}`}`,
    ),
    v.minValue(min, (issue) => tooSmall?.(issue.input) ?? `is too small: from ${min} to ${max}${unit}`),
    v.maxValue(max, `is too large: from ${min} to ${max}${unit}`),
  )
const even = v.check<number, (issue: v.CheckIssue<number>) => string>(
  (value) => value % 2 === 0,
  (issue) => `is odd, and encoders take even numbers only: write ${issue.input - 1}`,
)
const port = () => whole(1, 65535, '')
const text = <T>(
  parse: (text: string) => T,
  noText: (input: unknown) => string = (input) => values.wrongType(input, 'text in quotes'),
) =>
  v.pipe(
    v.string((issue) => noText(issue.input)),
    v.rawTransform<string, T>(({ dataset, addIssue, NEVER }) => {
      try {
        return parse(dataset.value)
      } catch (error) {
        addIssue({ message: (error as Error).message })
        return NEVER
      }
    }),
  )
const secret = <T>(parse: (text: string) => T) => text(parse, () => 'has to be text: write it in quotes')
const oneOf = <const T extends readonly string[]>(what: string, words: T) =>
  v.picklist(words, (issue) => values.notOneOf(issue.input, what, words))

const codec = oneOf('a codec', ['vp8', 'h264'])
const bitrate = whole(
  values.BITRATE.min,
  values.BITRATE.max,
  ' bit/s',
  (value) => `is too small, bitrate is in bit/s: ${values.bitrateHint(value)}`,
)
const keyframeInterval = whole(1, 3600, ' frames')
const onDemand = v.boolean((issue) => values.wrongType(issue.input, 'true or false'))
const onDemandCloseAfter = whole(0, 86_400, ' seconds')
const encoder = oneOf('an encoder', ['auto', 'v4l2h264enc', 'x264enc', 'openh264enc', 'vp8enc'])

const limit = ([fallback, least, most, unit]: (typeof LIMITS)[LimitKey]) =>
  v.optional(whole(least, most, unit), fallback)

/** What every key means, why one would change it and its range: config.example.toml. */
const FileSchema = v.object({
  server: v.object({
    'web-port': v.optional(port(), 8080),
    'bind-ip': v.optional(text(values.bindAddressOf), '0.0.0.0'),
    'pi-ip': v.optional(text(values.reachableAddressOf)),
    'tls-cert': v.optional(text(access.pathOf)),
    'tls-key': v.optional(text(access.pathOf)),
    username: v.optional(text(access.usernameOf)),
    password: v.optional(secret(access.passwordOf)),
    token: v.optional(secret(access.tokenOf)),
    'allow-origins': v.optional(
      v.array(text(access.originOf), (issue) => values.wrongType(issue.input, 'a list')),
    ),
    names: v.optional(
      v.array(text(access.hostNameOf), (issue) => values.wrongType(issue.input, 'a list')),
      [],
    ),
  }),
  cameras: v.record(
    v.string(),
    v.object(
      {
        device: text(values.deviceOf),
        width: v.optional(v.pipe(whole(32, 4608, ' pixels'), even), 640),
        height: v.optional(v.pipe(whole(32, 4608, ' pixels'), even), 480),
        fps: v.optional(whole(1, 120, ' frames per second'), 30),
        'webrtc-port': v.optional(port()),
        'flip-method': v.optional(oneOf('a flip-method', FLIP_METHODS), 'none'),
        name: v.optional(text(values.nameOf)),
        format: v.optional(oneOf('a format', ['auto', 'raw', 'mjpeg']), 'auto'),
        codec: v.optional(codec),
        bitrate: v.optional(bitrate),
        'keyframe-interval': v.optional(keyframeInterval),
        encoder: v.optional(encoder),
        'on-demand': v.optional(onDemand),
        'on-demand-close-after': v.optional(onDemandCloseAfter),
      },
      'is missing: write device = "/dev/video0", or what "rpi-webrtc cameras" lists',
    ),
  ),
  video: v.object({
    codec: v.optional(codec, 'vp8'),
    bitrate: v.optional(bitrate, 2_000_000),
    'keyframe-interval': v.optional(keyframeInterval, 60),
    encoder: v.optional(encoder, 'auto'),
    'on-demand': v.optional(onDemand, false),
    'on-demand-close-after': v.optional(onDemandCloseAfter, 10),
  }),
  webrtc: v.object({
    'stun-server': v.optional(text(values.stunServerOf), ''),
    'max-clients': v.optional(whole(1, 100, ' viewers of each camera'), 4),
    'udp-port': v.optional(whole(0, 65535, ', 0 being any free one'), 8189),
    'udp-bind-ip': v.optional(text(values.bindAddressOf)),
    announce: v.optional(
      v.array(text(values.reachableAddressOf), (issue) => values.wrongType(issue.input, 'a list')),
      [],
    ),
  }),
  limits: v.object(
    Object.fromEntries(Object.entries(LIMITS).map(([key, about]) => [key, limit(about)])) as Record<
      LimitKey,
      ReturnType<typeof limit>
    >,
  ),
})

/** What the schema makes of a file without mistakes. */
export type CheckedFile = v.InferOutput<typeof FileSchema>

const { server, cameras, video, webrtc, limits } = FileSchema.entries
/** The keys of every table: what the file may have, and what config.example.toml has to explain. */
export const CONFIG_KEYS: KnownKeys = {
  server: Object.keys(server.entries),
  camera: Object.keys(cameras.value.entries),
  video: Object.keys(video.entries),
  webrtc: Object.keys(webrtc.entries),
  limits: Object.keys(limits.entries),
}

/** @param source the file's name, for messages. @throws ConfigError with every problem of the text at once. */
export function parseConfig(toml: string, source: string): Config {
  const { tables, lineOf } = readToml(toml, source)
  const { file, problems } = sortOut(tables, CONFIG_KEYS)
  const result = v.safeParse(FileSchema, file, { abortPipeEarly: true })
  const wrong = (result.issues ?? []).map(problemOf)
  const isWrong = ([table, key]: readonly [string, string]): boolean =>
    wrong.some(({ path }) => path[0] === table && path[1] === key)
  // What is right is checked for clashes even so: nobody wants to start the program once per mistake.
  const config = toConfig(result.success ? result.output : v.parse(FileSchema, without(file, isWrong)))
  const isWritten = (table: string, key: string): boolean => key in (tableOf(file, table) ?? {})
  const clashes = findClashes(config, isWritten).filter(({ reads }) => !reads.some(isWrong))
  const all = [...problems, ...wrong, ...clashes]
  if (all.length > 0) throw new ConfigError([...new Set(problemLines(all, source, lineOf))], source)
  return config
}

/** Two libcamera cameras, as in config.example.toml: what the program does where there is no file. */
export const defaultConfig = (): Config =>
  toConfig(
    v.parse(FileSchema, {
      server: {},
      cameras: { camera1: { device: EXAMPLE_CAMERAS[0] }, camera2: { device: EXAMPLE_CAMERAS[1] } },
      video: {},
      webrtc: {},
      limits: {},
    }),
  )

/** The two camera connectors of a Raspberry Pi 5 with a Camera Module 2 on each. */
const EXAMPLE_CAMERAS = [
  '/base/axi/pcie@1000120000/rp1/i2c@88000/imx219@10',
  '/base/axi/pcie@1000120000/rp1/i2c@80000/imx219@10',
] as const

/** The same configuration without any hardware: test pictures, encoded in software. */
export const testModeConfig = (config: Config): Config => ({
  ...config,
  cameras: config.cameras.map((camera) => ({
    ...camera,
    device: camera.device.kind === 'test' ? camera.device : { kind: 'test', pattern: 'smpte' },
    encoder: camera.encoder === 'v4l2h264enc' ? 'auto' : camera.encoder,
  })),
})

/** The schema keeps the cameras in a table of their own; the file does not. */
function problemOf(issue: v.InferIssue<typeof FileSchema>): Problem {
  const path = (issue.path ?? []).map(({ key }) => String(key))
  const isSecret = path[0] === 'server' && access.SECRET_KEYS.includes(path[1] ?? '')
  return {
    path: path[0] === 'cameras' ? path.slice(1) : path,
    says: issue.message,
    value: isSecret ? undefined : issue.input,
  }
}
