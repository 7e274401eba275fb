/** The JSON of `GET /api/config`, and the page's bootstrap data. The page's type check reads this file, so it has no imports. */
export interface ConfigAnswer {
  version: string
  /** Of the first camera, for clients that support only one; absent without cameras. */
  codec: string | undefined
  bitrate: number | undefined
  keyframe_interval: number | undefined
  /** Of the place; null without one. */
  site_name: string | null
  pi_ip: string
  max_clients: number
  /** Whether the credentials of the request permit routes that need `administer`. */
  may_administer: boolean
  /** Whether only a cookie signs this browser in, so that it can sign out. Bootstrap data only. */
  may_sign_out?: boolean
  /** Whether signing in as administrator would permit more. Bootstrap data only. */
  may_sign_in?: boolean
  /** Whether a certificate authority of this server signed its certificate, so that `/certificate` helps. Bootstrap data only. */
  has_authority?: boolean
  /** For RTCPeerConnection. The credentials of TURN servers may expire after a day. */
  ice_servers: { urls: string; username?: string; credential?: string }[]
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
  /** In the dark, if the configuration has a range. */
  fps_min: number
  webrtc_port: number
  /** This and the next two are relative to the address that has this answer (RFC 3986 section 4.2). */
  ws: string
  whep: string
  /** Null while no snapshot is available. */
  snapshot: string | null
  /** Whether it has sound: then an offer should have an audio section. */
  audio: boolean
}
