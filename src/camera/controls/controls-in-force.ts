import { isDeepStrictEqual } from 'node:util'
import type { Controls } from '../../config/types.js'

/** The controls of a camera: those of the configuration file, until a client changes them. */
export class ControlsInForce {
  readonly #ofFile: () => Controls
  #changed: Controls | undefined

  constructor(ofFile: () => Controls) {
    this.#ofFile = ofFile
  }

  get current(): Controls {
    return this.#changed ?? this.#ofFile()
  }

  get isUnsaved(): boolean {
    return this.#changed !== undefined && !isDeepStrictEqual(this.#changed, this.#ofFile())
  }

  /** @returns puts the values before in force again, unless a later change or an edited file has replaced these. */
  replace(next: Controls): () => void {
    const before = this.#changed
    this.#changed = next
    return () => {
      if (this.#changed === next) this.#changed = before
    }
  }

  /** After a reload: a table that was edited replaces unsaved changes; otherwise they stay. */
  reloaded(before: Controls, next: Controls): void {
    if (!isDeepStrictEqual(before, next)) this.#changed = undefined
  }
}
