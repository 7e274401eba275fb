import type { Config } from '../config/types.js'

/** The configuration in force. A reload replaces it, so parts read its fields at each use and keep no copies. */
export class LiveConfig implements Config {
  #current: Config

  constructor(first: Config) {
    this.#current = first
  }

  get server(): Config['server'] {
    return this.#current.server
  }

  get cameras(): Config['cameras'] {
    return this.#current.cameras
  }

  get webrtc(): Config['webrtc'] {
    return this.#current.webrtc
  }

  get rtsp(): Config['rtsp'] {
    return this.#current.rtsp
  }

  get limits(): Config['limits'] {
    return this.#current.limits
  }

  /** The same camera with other controls. */
  replaceControls(key: string, controls: Config['cameras'][number]['controls']): void {
    const cameras = this.cameras.map((one) => (one.key === key ? { ...one, controls } : one))
    this.#current = { ...this.#current, cameras }
  }

  /** @returns the configuration that was in force until now. */
  replace(next: Config): Config {
    const before = this.#current
    this.#current = next
    return before
  }
}
