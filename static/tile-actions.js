// @ts-check
/** What the buttons, the menu and the keys of a tile do. */

import { isSignedOut } from './messages.js'
import * as screen from './fullscreen.js'
import { setText } from './dom.js'

/**
 * @typedef {object} ActionTarget
 * @property {HTMLElement} tile
 * @property {import('./tile-parts.js').TileParts} parts
 * @property {import('./connection.js').Connection} connection
 * @property {import('./tile-picture.js').TilePicture} picture
 * @property {import('./tile-video.js').TileVideo} video
 * @property {import('./tile-sound.js').TileSound} sound
 * @property {import('./quality.js').TileQuality} quality
 * @property {import('./tile-context.js').TileContext} context
 * @property {() => import('./tile-context.js').TileCamera} camera
 * @property {() => HTMLVideoElement | HTMLImageElement | undefined} shown what has a frame now
 * @property {() => Promise<void>} toggleStats
 * @property {() => void} changed
 */

export class TileActions {
  /** @type {import('./recorder.js').Recorder | null} */
  #recorder = null
  #target

  /** @param {ActionTarget} target @param {(event: string) => void} announce an event of the tile */
  constructor(target, announce) {
    this.#target = target
    const { tile, parts, picture, sound, quality, context, changed } = target
    const choose = (/** @type {import('../src/signalling/quality.js').Quality} */ chosen) => () => {
      quality.choose(chosen)
      changed()
    }
    /** @type {[HTMLElement, () => void][]} */
    const clicks = [
      [parts.action, () => this.#act()],
      [parts.pause, () => this.#togglePlay()],
      [parts.sound, () => sound.toggle()],
      [parts.louder, () => sound.stepVolume(1)],
      [parts.quieter, () => sound.stepVolume(-1)],
      [parts.save, () => this.#savePicture()],
      [parts.saveItem, () => this.#savePicture()],
      [parts.record, () => this.#record()],
      [parts.recording, () => this.#record()],
      [parts.enlarge, () => announce('enlarge')],
      [parts.moveEarlier, () => announce('move-earlier')],
      [parts.moveLater, () => announce('move-later')],
      [parts.zoomIn, picture.zoomIn],
      [parts.zoomOut, picture.zoomOut],
      [parts.rotate, () => picture.rotate()],
      [parts.mirror, () => picture.mirror()],
      [parts.qualities.auto, choose('auto')],
      [parts.qualities.high, choose('high')],
      [parts.qualities.low, choose('low')],
      [parts.statsButton, target.toggleStats],
      [parts.share, () => this.#share()],
      [parts.settings, () => this.#settings()],
      [parts.pip, () => this.#pictureInPicture()],
      [parts.fullscreen, () => this.fullscreen()],
    ]
    for (const [button, act] of clicks) button.addEventListener('click', act)
    parts.pip.hidden = !screen.canPictureInPicture(parts.video)
    parts.fullscreen.hidden = !screen.canFullscreen(tile, parts.video)
    for (const part of [parts.enlarge, parts.moveEarlier, parts.moveLater])
      part.hidden = context.page?.isOfOne ?? true
    parts.share.hidden = parts.ownPage.hidden = !context.page
    for (const name of ['fullscreenchange', 'webkitfullscreenchange']) tile.addEventListener(name, changed)
  }

  get isRecording() {
    return this.#recorder !== null
  }

  /** @param {string} key in lower case @returns {boolean} whether it does something */
  press(key) {
    const { parts, picture, sound, toggleStats } = this.#target
    /** @type {Record<string, () => void>} */
    const shortcuts = {
      ' ': () => this.#togglePlay(),
      p: () => this.#togglePlay(),
      f: () => this.fullscreen(),
      i: () => this.#pictureInPicture(),
      s: toggleStats,
      u: () => sound.toggle(),
      l: () => parts.share.hidden || this.#share(),
      c: () => parts.settings.hidden || this.#settings(),
      d: () => this.#savePicture(),
      r: () => picture.rotate(),
      m: () => picture.mirror(),
      '+': picture.zoomIn,
      '=': picture.zoomIn,
      '-': picture.zoomOut,
    }
    shortcuts[key]?.()
    return key in shortcuts
  }

  stopRecording() {
    this.#recorder?.stop()
  }

  fullscreen() {
    const { tile, parts } = this.#target
    if (!parts.fullscreen.hidden) screen.toggleFullscreen(tile, parts.video)?.catch(ignoreRefusal)
  }

  #act() {
    const { connection, video, context } = this.#target
    if (video.needsTap) void video.play()
    else if (isSignedOut(connection)) context.page?.signIn()
    else if (connection.state === 'reconnecting') connection.retryNow()
    else connection.play()
  }

  #togglePlay() {
    const { connection } = this.#target
    if (connection.state === 'paused') connection.play()
    else connection.pause()
  }

  #pictureInPicture() {
    const { pip, video } = this.#target.parts
    if (!pip.hidden) screen.togglePictureInPicture(video).catch(ignoreRefusal)
  }

  #share() {
    const { context, camera } = this.#target
    context.page?.openAddresses(camera()).catch(ignoreOffline)
  }

  #settings() {
    const { tile, parts, context, camera } = this.#target
    if (screen.isFullscreen(tile)) this.fullscreen() // the panel is beside the tile
    context.page?.toggleSettings(camera(), tile, parts.settings).catch(ignoreOffline)
  }

  async #savePicture() {
    const { picture, camera, shown } = this.#target
    const source = shown()
    if (!source) return
    const module = await import('./save-picture.js').catch(ignoreOffline)
    await module?.savePicture(picture, source, camera().name)
  }

  async #record() {
    if (this.#recorder) return this.#recorder.stop()
    const { parts, picture, sound, context, camera, shown, changed } = this.#target
    const module = await import('./recorder.js').catch(ignoreOffline)
    if (!module || this.#recorder) return
    const heard = sound.isOn ? () => sound.heardTrack : undefined
    this.#recorder = module.startRecorder(picture, { shown, heard }, camera().name, {
      second: (time) => setText(parts.recording, context.words.text('tile.menu.recording', { time })),
      stopped: () => {
        this.#recorder = null
        changed()
      },
    })
    changed()
  }
}

/** @param {unknown} error */
export const ignoreOffline = (error) => console.warn(error) // the tile reports a lost server by itself

const ignoreRefusal = () => {} // browsers may require a click; the button is still there
