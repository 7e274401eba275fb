import { isExternal } from './device.js'
import { codecOf, HARDWARE_LIMITS } from './encoders.js'
import { frameRateText } from './frame-rate.js'
import type { CameraConfig, Config } from './types.js'
import { checkControls } from './check-controls.js'
import { lowConflicts } from './check-low.js'
import type { Conflict } from './problems.js'

/** Whether the file sets the key. A message names the key that the file has, not one with its default. */
export type IsWritten = (table: string, key: string) => boolean

export function findConflicts(config: Config, isWritten: IsWritten): Conflict[] {
  return [
    ...pairConflicts(isWritten),
    ...turnConflicts(config, isWritten),
    ...portConflicts(config),
    ...deviceConflicts(config),
    ...config.cameras.flatMap((camera) => [
      ...encoderConflicts(camera, isWritten),
      ...hardwareLimits(camera, isWritten),
      ...controlConflicts(camera),
      ...moduleOnly(camera),
      ...overlayConflicts(camera),
      ...lowConflicts(camera),
      ...passthroughConflicts(camera, isWritten),
      ...publishingConflicts(camera, config.server.access),
      ...audioConflicts(camera),
    ]),
  ]
}

/** One key of a pair alone would leave open what the user meant to protect. */
const PAIRS = [
  ['server', 'tls-cert', 'tls-key'],
  ['server', 'username', 'password'],
  ['webrtc', 'turn-username', 'turn-password'],
] as const

function* pairConflicts(isWritten: IsWritten): Generator<Conflict> {
  for (const [table, ...pair] of PAIRS) {
    const written = pair.filter((key) => isWritten(table, key))
    if (written.length !== 1) continue
    const other = pair.find((key) => !isWritten(table, key))!
    const path = [table, written[0]!] as const
    yield { path, message: `does nothing without ${table}.${other}: write both or neither`, reads: [path] }
  }
}

function* turnConflicts({ webrtc }: Config, isWritten: IsWritten): Generator<Conflict> {
  const has = (key: string): boolean => isWritten('webrtc', key)
  const conflict = (key: string, message: string): Conflict => {
    const path = ['webrtc', key] as const
    return { path, message, reads: [path] }
  }
  if (webrtc.turnServers.length > 0 && !has('turn-secret') && !has('turn-username'))
    yield conflict('turn-servers', 'needs webrtc.turn-secret, or webrtc.turn-username and turn-password')
  if (has('turn-secret') && has('turn-username'))
    yield conflict(
      'turn-username',
      'cannot be used with webrtc.turn-secret, which makes user names: delete one',
    )
  if (webrtc.turnServers.length === 0)
    for (const key of ['turn-secret', 'turn-username'])
      if (has(key)) yield conflict(key, 'does nothing without webrtc.turn-servers')
}

/** A TCP port has one listener, and RTP from another program must not arrive on the media port. */
function* portConflicts({ server, cameras, webrtc, rtsp }: Config): Generator<Conflict> {
  const holders = new Map<number, [string, string]>([[server.webPort, ['server', 'web-port']]])
  const others: [[string, string], number | undefined][] = [
    ...cameras.map(({ key, webrtcPort }): [[string, string], number] => [[key, 'webrtc-port'], webrtcPort]),
    [['rtsp', 'port'], rtsp.port],
  ]
  for (const [path, value] of others) {
    if (value === undefined) continue
    const holder = holders.get(value)
    if (holder === undefined) holders.set(value, path)
    else {
      const message = `is the port of ${holder.join('.')} too: give each a port of its own`
      yield { path, value, message, reads: [path, holder] }
    }
  }
  for (const { key, device } of cameras) {
    if (device.kind === 'rtp' && device.port === webrtc.udpPort) {
      const path: [string, string] = [key, 'device']
      const message = 'uses the UDP port of webrtc.udp-port: change one of them'
      yield {
        path,
        value: `rtp://127.0.0.1:${device.port}`,
        message,
        reads: [path, ['webrtc', 'udp-port']],
      }
    }
  }
}

function* deviceConflicts({ cameras }: Config): Generator<Conflict> {
  const holders = new Map<string, string>()
  for (const { key, device } of cameras) {
    if (device.kind === 'test' || device.kind === 'whip') continue
    const value = deviceText(device)
    const holder = holders.get(value)
    if (holder === undefined) holders.set(value, key)
    else {
      const message = `is the device of ${holder} too: a camera can be opened only once`
      yield {
        path: [key, 'device'],
        value,
        message,
        reads: [
          [key, 'device'],
          [holder, 'device'],
        ],
      }
    }
  }
}

function deviceText(device: Exclude<CameraConfig['device'], { kind: 'test' | 'whip' }>): string {
  switch (device.kind) {
    case 'libcamera':
      return device.name
    case 'v4l2':
      return device.path
    case 'rtp':
      return `rtp://127.0.0.1:${device.port}`
  }
}

function* encoderConflicts(
  { key, device, codec, encoder, format }: CameraConfig,
  isWritten: IsWritten,
): Generator<Conflict> {
  if (device.kind === 'v4l2' && format === 'h264') return
  if (encoder === 'auto' || isExternal(device) || codecOf(encoder) === codec) return
  const encoderFrom = isWritten(key, 'encoder') ? key : 'video'
  const codecFrom = isWritten(key, 'codec') ? key : 'video'
  const reads = [
    [encoderFrom, 'encoder'],
    [codecFrom, 'codec'],
  ] as const
  const encodes = `encodes ${codecOf(encoder)}, but ${codecFrom}.codec is ${codec}`
  if (encoderFrom === 'video' && codecFrom === key) {
    yield {
      path: [key, 'codec'],
      value: codec,
      message: `does not fit video.encoder, which is "${encoder}": write encoder = "auto" in [${key}]`,
      reads,
    }
  } else yield { path: [encoderFrom, 'encoder'], value: encoder, message: `${encodes}: write "auto"`, reads }
}

/** The text is drawn into raw frames, before they are encoded. */
function* overlayConflicts({ key, device, format, overlay }: CameraConfig): Generator<Conflict> {
  if (overlay === undefined || overlay === '') return
  const path = [key, 'overlay'] as const
  if (isExternal(device)) {
    const message = 'cannot be drawn: another program encodes this video. Draw it there, or delete the line'
    yield { path, value: overlay, message, reads: [path, [key, 'device']] }
  } else if (device.kind === 'v4l2' && format === 'h264') {
    const message = 'cannot be drawn into the H.264 of the camera: delete it, or write format = "auto"'
    yield { path, value: overlay, message, reads: [path, [key, 'format']] }
  }
}

function* hardwareLimits(camera: CameraConfig, isWritten: IsWritten): Generator<Conflict> {
  const { key, encoder, device, format } = camera
  if (device.kind === 'v4l2' && format === 'h264') return
  if (encoder !== 'v4l2h264enc' || camera.codec !== 'h264' || isExternal(device)) return
  const encoderPath = [isWritten(key, 'encoder') ? key : 'video', 'encoder'] as const
  const limit = (table: string, name: string, value: number | string, problem: string): Conflict => {
    const path = [table, name] as const
    return { path, value, message: `${problem}, or encoder = "x264enc"`, reads: [path, encoderPath] }
  }
  const { minFps, minKeyframeInterval, maxSide } = HARDWARE_LIMITS
  if (camera.fps.min < minFps)
    yield limit(key, 'fps', frameRateText(camera.fps), `makes v4l2h264enc hang: write at least ${minFps}`)
  if (camera.keyframeInterval < minKeyframeInterval) {
    const table = isWritten(key, 'keyframe-interval') ? key : 'video'
    yield limit(
      table,
      'keyframe-interval',
      camera.keyframeInterval,
      `makes v4l2h264enc hang: write at least ${minKeyframeInterval}`,
    )
  }
  for (const side of ['width', 'height'] as const) {
    if (camera[side] > maxSide)
      yield limit(key, side, camera[side], `is more than v4l2h264enc accepts: write at most ${maxSide}`)
  }
}

function controlConflicts(camera: CameraConfig): Conflict[] {
  const { key } = camera
  const reads = ['controls', 'device', 'fps'].map((name) => [key, name] as const)
  return checkControls(camera).map(({ name, value, message }) => ({
    path: name === undefined ? [key, 'controls'] : [key, 'controls', name],
    value,
    message,
    reads,
  }))
}

/** Keys that only a camera module has. */
function* moduleOnly({ key, device, hdr, tuningFile, fieldOfView }: CameraConfig): Generator<Conflict> {
  if (device.kind === 'libcamera') return
  const written = [
    ...(hdr ? ['hdr'] : []),
    ...(tuningFile === undefined ? [] : ['tuning-file']),
    ...(fieldOfView === 'full' ? [] : ['field-of-view']),
  ]
  for (const name of written)
    yield {
      path: [key, name],
      message: 'does nothing for this device, which is no camera module: delete it',
      reads: [
        [key, name],
        [key, 'device'],
      ],
    }
}

/** The H.264 of a USB camera is passed through as it is. Test pictures and rtp:// cameras ignore `format`. */
function* passthroughConflicts(
  { key, device, format, codec, flipMethod }: CameraConfig,
  isWritten: IsWritten,
): Generator<Conflict> {
  if (format !== 'h264' || device.kind === 'test' || isExternal(device)) return
  const formatPath = [key, 'format'] as const
  const conflict = (table: string, name: string, value: string, message: string): Conflict => {
    const path = [table, name] as const
    return { path, value, message, reads: [path, formatPath] }
  }
  if (device.kind === 'libcamera') {
    const message = 'is for USB cameras: a camera module delivers raw frames, write "auto"'
    yield { path: formatPath, value: format, message, reads: [formatPath, [key, 'device']] }
    return
  }
  if (codec !== 'h264') {
    const message = `does not fit ${key}.format = "h264", which passes the camera's own stream through: write codec = "h264" in [${key}]`
    yield conflict(isWritten(key, 'codec') ? key : 'video', 'codec', codec, message)
  }
  const needsFrames = `cannot be applied to ${key}.format = "h264", which is passed through without decoding: remove it, or write format = "auto"`
  if (flipMethod !== 'none' && flipMethod !== 'identity')
    yield conflict(key, 'flip-method', flipMethod, needsFrames)
}

/** The clock of another machine or program is not known, so sound and picture could not be played together. */
function* audioConflicts({ key, device, audio }: CameraConfig): Generator<Conflict> {
  if (audio === undefined || !isExternal(device)) return
  const path = [key, 'audio'] as const
  const message =
    'is for cameras that this program captures; the picture of this one comes from elsewhere: delete it'
  yield { path, message, reads: [path, [key, 'device']] }
}

/** Who may replace the picture is never open. */
function* publishingConflicts(
  { key, device, whipToken }: CameraConfig,
  { login, token }: Config['server']['access'],
): Generator<Conflict> {
  if (device.kind !== 'whip') return
  const path = [key, 'whip-token'] as const
  const reads = [
    path,
    [key, 'device'],
    ['server', 'username'],
    ['server', 'password'],
    ['server', 'token'],
  ] as const
  if (whipToken === undefined && login === undefined) {
    const message =
      'is missing: write a secret for the publisher, such as "openssl rand -hex 16" prints, or set server.username and server.password'
    yield { path, message, reads }
  } else if (whipToken !== undefined && whipToken === token)
    yield {
      path,
      message: 'is server.token too, so that every viewer could publish: write another one',
      reads,
    }
}
