/** `import 'rpi-webrtc/rpi-camera.js'` defines <rpi-camera>: live video of one camera of an rpi-webrtc server. */

export type CameraState =
  | 'connecting'
  | 'live'
  | 'waiting'
  | 'lost'
  | 'reconnecting'
  | 'full'
  | 'paused'
  | 'unwatched'
  | 'unsupported'

/** The detail of the events `statechange` and `failed`. */
export interface CameraReport {
  state: CameraState
  /** Stable, for programs; empty while nothing is wrong. */
  code: string
  /** A sentence for people, or empty. */
  message: string
  /** What to do, or empty. */
  hint: string
  /** Of the video while it is shown. */
  transport: 'webrtc' | 'http' | ''
}

/** Undefined values are unknown in this browser. */
export interface CameraStats {
  width?: number | undefined
  height?: number | undefined
  /** Frames per second. */
  fps?: number | null | undefined
  bitsPerSecond?: number | null | undefined
  framesDecoded: number
}

export interface RpiCameraElement extends HTMLElement {
  /** The address of a camera: `http://raspberrypi.local:8080/camera1`. */
  src: string
  /** `server.token` of the server, where it has one. */
  token: string
  /** Whether it has a name, buttons and a menu. */
  controls: boolean
  fit: 'contain' | 'cover' | 'fill'
  /** Whether it plays while nobody sees it. */
  background: boolean
  /**
   * Whether nothing is heard, as it is at first. `false` in the handler of a click or a key switches the sound on, if there is any. The
   * attribute `muted` is another thing: with it there is no sound and no button for it.
   */
  muted: boolean
  /** From 0 to 1. */
  volume: number
  /** Whether the camera has sound that may be switched on. */
  readonly hasSound: boolean
  /** In CSS pixels. */
  width: number
  height: number
  readonly report: CameraReport
  readonly state: CameraState
  /** The name of the camera in the configuration of its server. */
  readonly name: string
  /** Of the video; 0 without one. */
  readonly videoWidth: number
  readonly videoHeight: number
  /** Once a second while it plays. */
  readonly stats: CameraStats | null
  /** Null without a session; another one after each reconnection. */
  readonly peerConnection: RTCPeerConnection | null
  play(): void
  /** Stops the video and gives the viewer slot back. */
  pause(): void
  /** What is shown now, as a JPEG; null without a picture. */
  snapshot(): Promise<Blob | null>
}

export declare const RpiCamera: { new (): RpiCameraElement; prototype: RpiCameraElement }

declare global {
  interface HTMLElementTagNameMap {
    'rpi-camera': RpiCameraElement
  }
}
