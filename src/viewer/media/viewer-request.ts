import type { Quality } from './source.js'

/** What a viewer asks for. It may ask before its session has begun. */
export class ViewerRequest {
  #quality: Quality
  /** Whether it plays the sound: then its picture waits for the sound. */
  isSoundOn = false
  onQuality: (quality: Quality) => void = () => {}

  constructor(quality: Quality = 'auto') {
    this.#quality = quality
  }

  get quality(): Quality {
    return this.#quality
  }

  set quality(quality: Quality) {
    this.#quality = quality
    this.onQuality(quality)
  }
}
