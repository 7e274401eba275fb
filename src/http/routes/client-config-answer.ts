/** The JSON of `GET /api/config`, which is also the viewer page's bootstrap data. No imports: the page's type check reads it too. */
export interface ConfigAnswer {
  version: string
  /** Of the first camera, for clients that know only one; absent without cameras. */
  codec: string | undefined
  bitrate: number | undefined
  keyframe_interval: number | undefined
  pi_ip: string
  max_clients: number
  /** As RTCPeerConnection takes them. */
  ice_servers: { urls: string }[]
  cameras: CameraAnswer[]
}

export interface CameraAnswer {
  key: string
  name: string
  codec: string
  /** In bit/s. */
  bitrate: number
  keyframe_interval: number
  width: number
  height: number
  fps: number
  webrtc_port: number
  ws: string
  whep: string
  /** Null while the camera has no snapshot. */
  snapshot: string | null
}
