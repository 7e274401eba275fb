// @ts-check
/** Plays fragmented MP4 with Media Source Extensions, as close to the newest frame as the network permits. */

import { follow, removableUntil } from './live-edge.js'

/** Data that the decoder does not accept in time. */
const maxQueuedBytes = 8 * 1024 * 1024
const followEveryMs = 100
/** Removing a little all the time would cost more than the memory. */
const removeAtOnceS = 4

/** Safari on iPhones has only the managed one. @returns {typeof MediaSource | undefined} */
const sourceClass = () => window.ManagedMediaSource ?? window.MediaSource

/** Whether a browser can play H.264 at all; the type of the stream is known later. */
export const canPlayMp4 = () => sourceClass()?.isTypeSupported('video/mp4; codecs="avc1.42e01f"') ?? false

/**
 * @typedef {object} PlayerEvents
 * @property {() => void} frame a frame was displayed
 * @property {(message: string) => void} failed at most once, and last
 */

export class MsePlayer {
  bytes = 0
  #video
  #on
  #source
  /** @type {SourceBuffer | null} */
  #buffer = null
  /** @type {(ArrayBuffer | string)[]} data, and types where they change */
  #queue = []
  #queuedBytes = 0
  #media
  #follow
  #closed = false

  /**
   * @param {HTMLVideoElement} video
   * @param {(on: import('./http-media.js').MediaEvents) => { close: () => void }} openMedia
   * @param {PlayerEvents} on
   */
  constructor(video, openMedia, on) {
    this.#video = video
    this.#on = on
    const Source = sourceClass()
    if (!Source) throw new Error('this browser has no Media Source Extensions')
    this.#source = new Source()
    this.#source.addEventListener('sourceopen', () => this.#pump(), { once: true })
    video.addEventListener('error', () => this.#fail(video.error?.message ?? 'the video failed'))
    video.disableRemotePlayback = true // Safari requires it for a managed source
    video.src = URL.createObjectURL(this.#source)
    this.#media = openMedia({
      type: (mimeType) => this.#push(mimeType),
      data: (data) => this.#push(data),
      error: ({ message }) => this.#fail(message),
    })
    this.#follow = setInterval(() => this.#stayLive(), followEveryMs)
    this.#awaitFrame()
  }

  close() {
    if (this.#closed) return
    this.#closed = true
    clearInterval(this.#follow)
    this.#media.close()
    this.#queue = []
    URL.revokeObjectURL(this.#video.src)
  }

  /** @param {ArrayBuffer | string} item */
  #push(item) {
    this.#queue.push(item)
    if (typeof item !== 'string') {
      this.bytes += item.byteLength
      this.#queuedBytes += item.byteLength
    }
    if (this.#queuedBytes > maxQueuedBytes) return this.#fail('the browser is too slow for this video')
    this.#pump()
  }

  #pump() {
    if (this.#closed || this.#source.readyState !== 'open' || this.#buffer?.updating) return
    try {
      while (typeof this.#queue[0] === 'string') this.#setType(/** @type {string} */ (this.#queue.shift()))
      if (!this.#buffer) return
      if (this.#removeOld()) return
      const end = this.#queue.findIndex((item) => typeof item === 'string')
      const chunks = /** @type {ArrayBuffer[]} */ (this.#queue.splice(0, end < 0 ? Infinity : end))
      if (chunks.length === 0) return
      const data = concat(chunks)
      this.#queuedBytes -= data.length
      this.#buffer.appendBuffer(data)
    } catch (error) {
      this.#fail(error instanceof Error ? error.message : String(error))
    }
  }

  /** @param {string} mimeType */
  #setType(mimeType) {
    if (this.#buffer) return this.#buffer.changeType(mimeType)
    this.#buffer = this.#source.addSourceBuffer(mimeType)
    this.#buffer.addEventListener('updateend', () => this.#pump())
    this.#buffer.addEventListener('error', () => this.#fail('the browser cannot read this video'))
  }

  /** @returns {boolean} whether the buffer is busy with it */
  #removeOld() {
    const { buffered } = /** @type {SourceBuffer} */ (this.#buffer)
    if (buffered.length === 0) return false
    const until = removableUntil(this.#video.currentTime)
    if (until - buffered.start(0) < removeAtOnceS) return false
    this.#buffer?.remove(0, until)
    return true
  }

  #stayLive() {
    const video = this.#video
    const { seek, rate } = follow(video.currentTime, newestRange(video.buffered))
    if (seek !== null) video.currentTime = seek
    if (video.playbackRate !== rate) video.playbackRate = rate
    if (video.paused && video.readyState > HTMLMediaElement.HAVE_METADATA) video.play().catch(() => {})
  }

  #awaitFrame() {
    const video = this.#video
    if (!video.requestVideoFrameCallback) {
      video.addEventListener('timeupdate', () => this.#closed || this.#on.frame())
      return
    }
    const next = () =>
      video.requestVideoFrameCallback(() => {
        if (this.#closed) return
        next()
        this.#on.frame()
      })
    next()
  }

  /** @param {string} message */
  #fail(message) {
    if (this.#closed) return
    this.close()
    this.#on.failed(message)
  }
}

/** @param {ArrayBuffer[]} chunks */
function concat(chunks) {
  const whole = new Uint8Array(chunks.reduce((bytes, { byteLength }) => bytes + byteLength, 0))
  let at = 0
  for (const chunk of chunks) {
    whole.set(new Uint8Array(chunk), at)
    at += chunk.byteLength
  }
  return whole
}

/** @param {TimeRanges} ranges */
function newestRange(ranges) {
  const last = ranges.length - 1
  return last < 0 ? null : { start: ranges.start(last), end: ranges.end(last) }
}
