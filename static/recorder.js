// @ts-check
/** Records what a tile shows, with zoom and rotation, into a file of the browser. Loaded on first use. */

import { fileName, saveFile } from './save-picture.js'
import { useAudioContext } from './sound-meter.js'

/** The formats by preference: players outside browsers open MP4 rather than WebM. */
const formats = ['video/mp4;codecs=avc1.42E01F', 'video/webm;codecs=vp8', 'video/webm']
const formatsWithSound = [
  'video/mp4;codecs=avc1.42E01F,mp4a.40.2',
  'video/mp4;codecs=avc1.42E01F,opus',
  'video/webm;codecs=vp8,opus',
  'video/webm',
]
const bitsPerSecond = 4_000_000
/** Long recordings would fill the memory of the page: half an hour at the bitrate above has 900 MB. */
const longestMs = 30 * 60_000

/** @typedef {{ stop: () => void }} Recorder */

/**
 * @param {import('./tile-picture.js').TilePicture} picture
 * @param {object} source
 * @param {() => HTMLVideoElement | HTMLImageElement | undefined} source.shown
 * @param {() => MediaStreamTrack | null} [source.heard] of a tile whose sound is on; null while it is not
 * @param {string} name of the camera
 * @param {{ second: (time: string) => void, stopped: () => void }} on
 * @returns {Recorder}
 */
export function startRecorder(picture, { shown, heard }, name, on) {
  const context = /** @type {CanvasRenderingContext2D} */ (document.createElement('canvas').getContext('2d'))
  const sound = heard && recordSound()
  const mimeType =
    (sound ? formatsWithSound : formats).find((format) => MediaRecorder.isTypeSupported(format)) ?? ''
  /** @type {Blob[]} */
  const parts = []
  let stopped = false
  draw()
  const stream = context.canvas.captureStream()
  if (sound) stream.addTrack(sound.track)
  const recorder = new MediaRecorder(stream, {
    mimeType,
    videoBitsPerSecond: bitsPerSecond,
  })
  recorder.addEventListener('dataavailable', ({ data }) => parts.push(data))
  recorder.addEventListener('stop', () => {
    const ending = mimeType.includes('mp4') ? 'mp4' : 'webm'
    saveFile(new Blob(parts, { type: recorder.mimeType }), fileName(name, ending))
    sound?.close()
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
    sound?.follow(heard?.() ?? null)
    on.second(`${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`)
    if (ms > longestMs) stop()
  }

  /** Draws every displayed frame; a picture that reports none, 15 times a second. */
  function follow() {
    if (stopped) return
    const element = shown()
    sound?.follow(heard?.() ?? null)
    const next = () => {
      draw()
      follow()
    }
    if (element instanceof HTMLVideoElement && 'requestVideoFrameCallback' in element)
      element.requestVideoFrameCallback(next)
    else setTimeout(next, 1000 / 15)
  }

  function draw() {
    const element = shown()
    if (element) picture.draw(context, element)
  }
}

/**
 * A track that lives as long as the recording: a recorder ends its sound with the track of a session, and a reconnection brings another.
 * Silent while the sound is off.
 */
function recordSound() {
  const { context, release } = useAudioContext()
  const output = context.createMediaStreamDestination()
  /** @type {MediaStreamTrack | null} */
  let current = null
  /** @type {MediaStreamAudioSourceNode | null} */
  let source = null

  /** @param {MediaStreamTrack | null} track */
  function follow(track) {
    if (track === current) return
    current = track
    source?.disconnect()
    source = track && context.createMediaStreamSource(new MediaStream([track]))
    source?.connect(output)
  }

  return {
    track: /** @type {MediaStreamTrack} */ (output.stream.getAudioTracks()[0]),
    follow,
    close() {
      follow(null)
      release()
    },
  }
}
