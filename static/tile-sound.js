// @ts-check
/** The sound of a tile: off until a person switches it on. Browsers demand that, and so does a camera in a bedroom. */

import { SoundWatch } from './sound-watch.js'

/** Part of the full volume. */
const volumeStep = 0.1

/**
 * @typedef {object} SoundTarget
 * @property {{ video: HTMLVideoElement, level: HTMLElement }} parts the second shows how loud it is
 * @property {import('./tile-video.js').TileVideo} playback
 * @property {import('./connection.js').Connection} connection
 * @property {string} key of the camera
 * @property {Pick<import('./tile-context.js').TileContext, 'choices' | 'isSilenced'>} context
 */

export class TileSound {
  #target
  #hasSound = false
  #wasAvailable = false
  /** Whether the choice of the last visit was tried. */
  #isRestored = false
  #isClosed = false
  #isVolumeFixed = false
  /** @type {MediaStreamTrack | null} */
  #track = null
  /** @type {typeof import('./sound-meter.js') | undefined} */
  #meters
  /** @type {import('./sound-meter.js').SoundMeter | null} */
  #meter = null
  #watch = new SoundWatch()

  /** @param {SoundTarget} target @param {() => void} changed */
  constructor({ parts: { video, level }, ...target }, changed) {
    this.#target = { ...target, video, level, changed }
    const { context, key } = target
    video.volume = context.choices.read().sound[key]?.volume ?? 1
    // The browser has switches of its own, as in its small window.
    video.addEventListener('volumechange', () => this.#onChange())
  }

  /** Whether there is a sound that may be switched on. */
  get isAvailable() {
    return this.#hasSound && !this.#target.context.isSilenced?.()
  }

  get isOn() {
    return this.isAvailable && !this.#target.video.muted
  }

  /** Whether it is on and does not arrive. */
  get isMissing() {
    return this.isOn && this.#watch.isMissing
  }

  /** From 0 to 1. */
  get volume() {
    return this.#target.video.volume
  }

  /** iPhones have only their own buttons. */
  get hasVolume() {
    return this.isAvailable && !this.#isVolumeFixed
  }

  /** What is heard now; null for silence. */
  get heardTrack() {
    return this.isOn ? this.#track : null
  }

  /** Looks at the stream of the video, which each session replaces. Called whenever the tile is rendered, once a second at least. */
  check() {
    if (this.#isClosed) return
    const { video, connection, context } = this.#target
    this.#track = audioTrackOf(video)
    // Between two sessions the button stays where it is, and keeps the focus.
    if (this.#track || connection.state === 'live') this.#hasSound = this.#track !== null
    if (context.isSilenced?.()) video.muted = true
    this.#follow()
    void this.#watchArrival()
    if (this.#wasAvailable === this.isAvailable) return
    this.#wasAvailable = this.isAvailable
    if (this.isAvailable) void this.#prepare()
    this.#target.changed()
  }

  /** By a person: the choice is remembered. */
  toggle() {
    this.check()
    void this.set(!this.isOn)
  }

  /** @param {boolean} isOn in the handler of a click or a key, or the browser may refuse */
  async set(isOn) {
    if (!this.isAvailable) return
    const switched = this.#target.playback.setMuted(!isOn)
    this.#follow() // the AudioContext needs the gesture too
    this.#remember(isOn)
    await switched
  }

  /** @param {number} volume from 0 to 1 */
  setVolume(volume) {
    const { video } = this.#target
    const wanted = Math.min(1, Math.max(0, volume))
    video.volume = wanted
    this.#isVolumeFixed = Math.abs(video.volume - wanted) > volumeStep / 2
    this.#remember(this.isOn)
  }

  /** @param {1 | -1} direction */
  stepVolume(direction) {
    this.setVolume(Math.round(this.volume / volumeStep + direction) * volumeStep)
  }

  close() {
    this.#isClosed = true
    this.#target.video.muted = true
    this.#meter?.close()
    this.#meter = null
  }

  #onChange() {
    this.#follow()
    this.#target.changed()
  }

  /** @param {boolean} on */
  #remember(on) {
    const { context, key } = this.#target
    const { sound } = context.choices.read()
    context.choices.change({ sound: { ...sound, [key]: { on, volume: this.volume } } })
  }

  /** Between two sessions nothing arrives, and the tile says why. */
  async #watchArrival() {
    const { connection, changed } = this.#target
    const track = connection.state === 'live' ? this.heardTrack : null
    if (await this.#watch.check(connection.peer, track)) changed()
  }

  /** The meter exists while there is something to measure. */
  #follow() {
    this.#target.connection.playSound(this.isOn)
    if (!this.isOn) {
      this.#meter?.close()
      this.#meter = null
    } else if (this.#meters) {
      this.#meter ??= new this.#meters.SoundMeter(this.#target.level)
      this.#meter.follow(this.#track)
    }
  }

  /** Ahead of the click: Safari starts an AudioContext only inside its handler. */
  async #prepare() {
    this.#meters ??= await import('./sound-meter.js').catch((error) => void console.warn(error))
    if (this.#isClosed) return
    this.#follow()
    await this.#restore()
  }

  /** After a reload it is off again, unless the browser permits sound without a gesture. */
  async #restore() {
    const { context, key, playback, changed } = this.#target
    if (this.#isRestored || !this.#track) return
    this.#isRestored = true
    if (!context.choices.read().sound[key]?.on || !(await permitsSound(this.#track))) return
    if (!this.isAvailable) return
    await playback.setMuted(false)
    changed()
  }
}

/** @param {HTMLVideoElement} video */
function audioTrackOf({ srcObject }) {
  const tracks = srcObject instanceof MediaStream ? srcObject.getAudioTracks() : []
  return tracks.find(({ readyState }) => readyState === 'live') ?? null
}

/** Asks with an element of its own: a refusal stops the video, and it must not be the one that is seen. @param {MediaStreamTrack} track */
async function permitsSound(track) {
  const policy = navigator.getAutoplayPolicy?.('mediaelement')
  if (policy) return policy === 'allowed'
  const probe = document.createElement('video')
  probe.volume = 0
  probe.srcObject = new MediaStream([track])
  const isPermitted = await probe.play().then(
    () => true,
    () => false,
  )
  probe.srcObject = null
  return isPermitted
}
