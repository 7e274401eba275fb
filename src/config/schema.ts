import * as v from 'valibot'
import * as access from './access.js'
import { FLIP_METHODS } from './flip-method.js'
import { LIMITS, type LimitKey } from './limits.js'
import type { KnownKeys } from './tables.js'
import * as values from './values.js'

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
export const FileSchema = v.object({
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
