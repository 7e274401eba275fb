// @ts-check
/** Shows how loud a tile is. Exists only while its sound is on: browsers permit an AudioContext only after a gesture. */

const samples = 1024
/** Often enough for an eye, seldom enough for a phone with nine tiles. */
const intervalMs = 60
/** With reduced motion the bar says whether there is sound, and does not dance. */
const calmIntervalMs = 1000
/** Below this it is silent; speech at an arm's length is at -30 dB. */
const floorDb = -60
/** A bar that falls as fast as the sound flickers. */
const fallPerSecond = 1.5

/** One context serves all tiles of a page. @type {{ context: AudioContext, users: number } | null} */
let shared = null

/** @returns {{ context: AudioContext, release: () => void }} closed by the last release() */
export function useAudioContext() {
  const use = (shared ??= { context: new AudioContext({ latencyHint: 'playback' }), users: 0 })
  use.users++
  let isReleased = false
  return {
    context: use.context,
    release() {
      if (isReleased) return
      isReleased = true
      if (--use.users > 0) return
      shared = null
      void use.context.close()
    },
  }
}

/** The loudness of samples between -1 and 1 as a number from 0 (silent) to 1 (full scale), even steps in dB. Pure. @param {Float32Array} wave */
export function levelOf(wave) {
  const power = wave.reduce((sum, sample) => sum + sample * sample, 0) / Math.max(1, wave.length)
  const db = 10 * Math.log10(power)
  return Number.isFinite(db) ? Math.min(1, Math.max(0, 1 - db / floorDb)) : 0
}

/** What the bar shows next: it rises at once and falls slowly. Pure. @param {number} shown @param {number} level @param {number} elapsedMs */
export const nextLevel = (shown, level, elapsedMs) =>
  Math.max(level, shown - (fallPerSecond * elapsedMs) / 1000, 0)

export class SoundMeter {
  #element
  #use = useAudioContext()
  #analyser = this.#use.context.createAnalyser()
  #wave = new Float32Array(samples)
  /** @type {MediaStreamTrack | null} */
  #track = null
  /** @type {MediaStreamAudioSourceNode | null} */
  #source = null
  #closed = new AbortController()
  /** @type {number | undefined} */
  #frame
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer
  #shown = 0
  #lastMs = performance.now()
  #isCalm = matchMedia('(prefers-reduced-motion: reduce)')

  /** @param {HTMLElement} element its --level is set, from 0 to 1 */
  constructor(element) {
    this.#element = element
    this.#analyser.fftSize = samples
    document.addEventListener('visibilitychange', () => this.#schedule(), { signal: this.#closed.signal })
    element.hidden = false
    this.#schedule()
  }

  /** Measures another track, as after a reconnection. @param {MediaStreamTrack | null} track */
  follow(track) {
    if (this.#track === track) return
    this.#track = track
    this.#source?.disconnect()
    this.#source = track && this.#use.context.createMediaStreamSource(new MediaStream([track]))
    this.#source?.connect(this.#analyser)
    // Safari starts it only by this call.
    if (this.#use.context.state === 'suspended') void this.#use.context.resume()
  }

  close() {
    this.#closed.abort()
    this.#stop()
    this.follow(null)
    this.#use.release()
    this.#element.hidden = true
    this.#element.style.removeProperty('--level')
  }

  #stop() {
    if (this.#frame !== undefined) cancelAnimationFrame(this.#frame)
    clearTimeout(this.#timer)
    this.#frame = this.#timer = undefined
  }

  /** A hidden tab draws nothing. */
  #schedule() {
    this.#stop()
    if (document.hidden || this.#closed.signal.aborted) return
    const waitMs = this.#isCalm.matches ? calmIntervalMs : intervalMs
    this.#timer = setTimeout(() => {
      this.#frame = requestAnimationFrame((nowMs) => {
        this.#draw(nowMs)
        this.#schedule()
      })
    }, waitMs)
  }

  /** @param {number} nowMs */
  #draw(nowMs) {
    if (this.#element.getClientRects().length === 0) return // ?controls=false
    this.#analyser.getFloatTimeDomainData(this.#wave)
    const level = nextLevel(this.#shown, levelOf(this.#wave), nowMs - this.#lastMs)
    this.#lastMs = nowMs
    this.#shown = level
    this.#element.style.setProperty('--level', level.toFixed(2))
  }
}
