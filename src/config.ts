import type { Device } from './camera/device.js'

export interface Config {
  server: { webPort: number; bindIp: string; piIp: string | undefined }
  /** In the order of their numbers; at least one. */
  cameras: CameraConfig[]
  webrtc: { stunServer: string | undefined; maxClients: number; udpPort: number; announce: string[] }
}

export type Codec = 'vp8' | 'h264'
export type EncoderChoice = 'auto' | 'v4l2h264enc' | 'x264enc' | 'openh264enc' | 'vp8enc'

export interface CameraConfig {
  /** The table's name: `camera1`. It is also the path segment in every URL. */
  key: string
  /** What people read; "Camera 1" where the file has none. */
  name: string
  device: Device
  width: number
  height: number
  fps: number
  webrtcPort: number
  flipMethod: string
  /** How a V4L2 camera delivers: USB cameras have no bandwidth for large raw pictures. */
  format: 'auto' | 'raw' | 'mjpeg'
  codec: Codec
  bitrate: number
  keyframeInterval: number
  encoder: EncoderChoice
}
