import type { AboutClient } from './about-client.js'

/** What a WebSocket does with fragmented MP4. */
export interface MediaSocket {
  /** Sends one binary message. */
  sendMedia(bytes: Uint8Array): void
  /** Bytes of media that wait for the network. */
  readonly unsentMediaBytes: number
  /** How long the oldest of them has waited, in milliseconds; 0 without any. */
  readonly mediaLagMs: number
}

/** The session of a viewer without WebRTC. */
export interface MseViewer {
  dismiss(reason?: 'page-left'): Promise<void>
  readonly ended: Promise<string>
}

export interface MseOutput {
  begin(mimeType: string): void
  send(bytes: Uint8Array): void
  readonly unsentBytes: number
  readonly lagMs: number
}

/** All this file needs of viewers. */
export interface MseViewers {
  admitMse(camera: string, output: MseOutput, address: string, about: AboutClient): MseViewer
}

export interface MseOptions {
  socket: MediaSocket & Pick<AboutClient, 'reachedAt'> & { readonly address: string; countOffer(): void }
  camera: string
  viewers: MseViewers
  /** Of the page, as its latest offer gave it. */
  tab?: () => string | undefined
  /** Announces the type of the binary messages that follow; called again when the type changes. */
  begin: (mimeType: string) => void
  /** The session ended, but not by `stop`. */
  onEnded: (reason: string) => void
}

/** Fragmented MP4 for Media Source Extensions, in binary messages of a socket that also signals WebRTC. */
export class MseStream implements Disposable {
  readonly #options: MseOptions
  #viewer: MseViewer | undefined

  constructor(options: MseOptions) {
    this.#options = options
  }

  get isActive(): boolean {
    return this.#viewer !== undefined
  }

  /** Starts again from an init segment if it is active. @throws AppError `too-many-offers`, or what `admitMse` refuses. */
  start(): void {
    const { socket, camera, viewers, tab, begin, onEnded } = this.#options
    socket.countOffer() // it costs a keyframe, as an offer does
    this.stop()
    const output: MseOutput = {
      begin,
      send: (bytes) => socket.sendMedia(bytes),
      get unsentBytes() {
        return socket.unsentMediaBytes
      },
      get lagMs() {
        return socket.mediaLagMs
      },
    }
    const about = { reachedAt: socket.reachedAt, tab: tab?.(), client: socket }
    const viewer = viewers.admitMse(camera, output, socket.address, about)
    this.#viewer = viewer
    void viewer.ended.then((reason) => {
      if (this.#viewer !== viewer) return
      this.#viewer = undefined
      onEnded(reason)
    })
  }

  stop(reason?: 'page-left'): void {
    const viewer = this.#viewer
    this.#viewer = undefined
    void viewer?.dismiss(reason)
  }

  [Symbol.dispose](): void {
    this.stop()
  }
}

/** A sentence for the client of a session that ended. */
export const mseEnding = (reason: string): string => ENDINGS[reason] ?? `the session ended: ${reason}`

const ENDINGS: Readonly<Record<string, string>> = {
  removed: 'an administrator ended this session',
  superseded: 'this client read nothing for some seconds, and another viewer received its slot',
  silent: 'this client read nothing for too long',
  'camera-full': 'other viewers connected first; try again later',
  'camera-removed': 'this camera was removed from the configuration',
  'camera-changed': 'the settings of this camera have changed: connect again',
}
