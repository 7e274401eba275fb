import type { Password } from '../lib/password-format.js'
import type { Properties } from './key.js'
import type { KEYS } from './keys.js'
import type { Limits } from './limits.js'

/** [server] as the file has it: `Config` groups some of these. */
export type ServerProperties = Properties<typeof KEYS.server>

type Grouped = 'tlsCert' | 'tlsKey' | 'username' | 'password' | 'token' | 'allowOrigins' | 'names'

export interface Config {
  server: Omit<ServerProperties, Grouped> & {
    /** Without it the server speaks plain HTTP. */
    tls: TlsFiles | undefined
    access: AccessConfig
  }
  /** In the order of their numbers; at least one. */
  cameras: CameraConfig[]
  webrtc: Properties<typeof KEYS.webrtc>
  rtsp: Properties<typeof KEYS.rtsp>
  limits: Limits
}

export interface TlsFiles {
  certPath: string
  keyPath: string
}

export interface AccessConfig extends Pick<ServerProperties, 'token' | 'allowOrigins' | 'names'> {
  /** Grants everything. Without it and without a token, access is open. */
  login: Login | undefined
  /** By camera: grants the right to publish to it. */
  publishTokens?: ReadonlyMap<string, string>
}

export interface Login {
  username: string
  password: Password
  passwordText: string
}

export interface CameraConfig extends Properties<typeof KEYS.camera>, Properties<typeof KEYS.video> {
  /** The table's name: `camera1`. It is also the path segment in every URL. */
  key: string
}

export type { ControlValue, Controls } from './controls.js'
export type { FieldOfView } from './field-of-view.js'
export type { FrameRate } from './frame-rate.js'
export type { Low, LowSize } from './low-size.js'
export type Codec = CameraConfig['codec']
export type EncoderChoice = CameraConfig['encoder']
