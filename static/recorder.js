// @ts-check
/** Records what a tile shows, with zoom and rotation, into a file of the browser. Loaded on first use. */

import { fileName, saveFile } from './save-picture.js'

/** The formats by preference: players outside browsers open MP4 rather than WebM. */
const formats = ['video/mp4;codecs=avc1.42E01F', 'video/webm;codecs=vp8', 'video/webm']
const bitsPerSecond = 4_000_000
/** Long recordings would fill the memory of the page: half an hour at the bitrate above has 900 MB. */
const longestMs = 30 * 60_000

/** @typedef {{ stop: () => void }} Recorder */

/**
 * @param {import('./tile-picture.js').TilePicture} picture
 * @param {() => HTMLVideoElement | HTMLImageElement | undefined} source
 * @param {string} name of the camera
 * @param {{ second: (time: string) => void, stopped: () => void }} on
 * @returns {Recorder}
 */
export function startRecorder(picture, source, name, on) {
  const context = /** @type {CanvasRenderingContext2D} */ (document.createElement('canvas').getContext('2d'))
  const mimeType = formats.find((format) => MediaRecorder.isTypeSupported(format)) ?? ''
  /** @type {Blob[]} */
  const parts = []
  let stopped = false
  draw()
  const recorder = new MediaRecorder(context.canvas.captureStream(), {
    mimeType,
    videoBitsPerSecond: bitsPerSecond,
  })
  recorder.addEventListener('dataavailable', ({ data }) => parts.push(data))
  recorder.addEventListener('stop', () => {
    const ending = mimeType.includes('mp4') ? 'mp4' : 'webm'
    saveFile(new Blob(parts, { type: recorder.mimeType }), fileName(name, ending))
    on.stopped()
  })
  recorder.start(1000)
  const startMs = performance.now()
  showTime()
  const timer = setInterval(showTime, 1000)
  follow()
  return { stop }

  function stop() {
    if (stopped) return
    stopped = true
    clearInterval(timer)
    recorder.stop()
  }

  function showTime() {
    const ms = performance.now() - startMs
    const seconds = Math.floor(ms / 1000)
    on.second(`${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`)
    if (ms > longestMs) stop()
  }

  /** Draws every displayed frame; a picture that reports none, 15 times a second. */
  function follow() {
    if (stopped) return
    const element = source()
    const next = () => {
      draw()
      follow()
    }
    if (element instanceof HTMLVideoElement && 'requestVideoFrameCallback' in element)
      element.requestVideoFrameCallback(next)
    else setTimeout(next, 1000 / 15)
  }

  function draw() {
    const element = source()
    if (element) picture.draw(context, element)
  }
}
