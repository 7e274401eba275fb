import type { Password } from '../lib/password-format.js'
import type { Device } from './device.js'
import type { FlipMethod } from './flip-method.js'
import type { Limits } from './limits.js'

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
  flipMethod: FlipMethod
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
