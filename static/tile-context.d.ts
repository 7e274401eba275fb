import type { Quality } from '../src/signalling/quality.js'
import type { CameraAnswer } from '../src/http/routes/client-config-answer.js'
import type { Attempt } from './attempt.js'
import type { Choices } from './choices.js'
import type { SessionError } from './session.js'
import type { Words } from './words.js'

/** A camera as a tile shows it. */
export interface TileCamera extends CameraAnswer {
  maxViewers: number
  mayAdminister: boolean
}

/** What a session needs to know of the server. */
export interface Prepared {
  camera: TileCamera
  iceServers: RTCIceServer[]
}

export interface PrepareEvents {
  ready: (settings: Prepared) => void
  failed: (error: SessionError) => void
}

/** What a tile may remember. */
export interface TileChoices {
  read: () => Pick<Choices, 'stats' | 'turned' | 'sound' | 'quality'>
  change: (changes: Partial<Pick<Choices, 'stats' | 'turned' | 'sound' | 'quality'>>) => void
}

/** What a tile needs of the page that it is in: the viewer page, or one of another site with an <rpi-camera>. */
export interface TileContext {
  words: Words
  choices: TileChoices
  showsStats: boolean
  /** Of the address; null leaves it to the viewer's choice. */
  quality: Quality | null
  /** Whether the video is wanted while nobody sees it. */
  inBackground: () => boolean
  /** Whether there is to be no sound, whatever the camera has. */
  isSilenced?: () => boolean
  /** Whether the pictures of the server are of another origin than the page. */
  isCrossOrigin: boolean
  socketUrl: (camera: CameraAnswer) => string
  mjpegUrl: (camera: CameraAnswer) => string
  /** Opens a socket and begins an attempt, or returns one that has begun. */
  claimAttempt: (url: string, iceServers: RTCIceServer[], hasAudio: boolean) => Attempt
  openAttempt: (socket: WebSocket, iceServers: RTCIceServer[], hasAudio: boolean) => Attempt
  /** The server gave the slot of this tab to another one with the same id. */
  renewTab: () => void
  /** Before each session, where the page does not bring the settings along. */
  prepare?: (on: PrepareEvents) => AbortController
  /** Why the server closed a socket. Undefined: it says so itself, or it is away. */
  whyClosed?: () => Promise<SessionError | undefined>
  /** Something that the tile shows may have changed. */
  changed?: () => void
  /** What only the viewer page has. */
  page?: {
    /** Whether there is one camera on the page. */
    isOfOne: boolean
    addressOf: (camera: CameraAnswer) => string
    openAddresses: (camera: TileCamera) => Promise<void>
    toggleSettings: (camera: TileCamera, tile: HTMLElement, button: HTMLElement) => Promise<void>
    signIn: () => void
  }
}
