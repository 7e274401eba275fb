// @ts-check
/** What the tile of an <rpi-camera> needs of the page: nothing of it is remembered there but the secret of the tab. */

import { openAttempt } from './attempt.js'
import { readSettings } from './embed-settings.js'
import { addressOf } from './embed-source.js'
import { prepareSession } from './prepare-session.js'
import { openTab } from './tab.js'

/** Before the server has named the camera's settings. @param {string} key @returns {import('./tile-context.js').Prepared} */
export const unknownSettings = (key) => ({
  camera: {
    key,
    name: key,
    codec: '',
    bitrate: 0,
    keyframe_interval: 0,
    width: 0,
    height: 0,
    fps: 0,
    fps_min: 0,
    webrtc_port: 0,
    ws: '',
    whep: '',
    snapshot: null,
    audio: false,
    maxViewers: 0,
    mayAdminister: false,
  },
  iceServers: [],
})

/**
 * @param {() => import('./embed-source.js').Source} source throws a SessionError
 * @param {object} element
 * @param {() => boolean} element.inBackground
 * @param {() => boolean} element.isSilenced
 * @param {(settings: import('./tile-context.js').Prepared) => void} element.prepared
 * @param {() => void} element.changed
 * @param {AbortSignal} element.signal ends it
 * @param {import('./words.js').Words} words
 * @returns {import('./tile-context.js').TileContext}
 */
export function createContext(source, { inBackground, isSilenced, prepared, changed, signal }, words) {
  const tab = openTab(`rpi-webrtc-tab ${cameraIn(source)}`, signal)
  /** @type {Pick<import('./choices.js').Choices, 'stats' | 'turned' | 'sound' | 'quality'>} */
  const choices = { stats: false, turned: {}, sound: {}, quality: {} }
  /** @type {import('./tile-context.js').TileContext['openAttempt']} */
  const open = (socket, iceServers, hasAudio) => openAttempt(socket, iceServers, tab.id, hasAudio)
  return {
    words,
    choices: { read: () => choices, change: (changes) => void Object.assign(choices, changes) },
    showsStats: false,
    quality: null,
    inBackground,
    isSilenced,
    changed,
    isCrossOrigin: !cameraIn(source).startsWith(`${location.origin}/`),
    socketUrl: ({ ws }) => ws.replace(/^http/, 'ws'),
    mjpegUrl: ({ key }) => addressOf(source(), `${key}/stream.mjpg`),
    claimAttempt(url, iceServers, hasAudio) {
      const attempt = open(new WebSocket(url), iceServers, hasAudio)
      attempt.claimed = true
      return attempt
    },
    openAttempt: open,
    renewTab: tab.renew,
    prepare: (on) =>
      prepareSession(async (aborted) => {
        const settings = await readSettings(source(), location.origin, aborted)
        if (!aborted.aborted) prepared(settings)
        return settings
      }, on),
  }
}

/** Its address without a token; "" for a wrong one. @param {() => import('./embed-source.js').Source} source */
function cameraIn(source) {
  try {
    const { root, key } = source()
    return new URL(key, root).href
  } catch {
    return ''
  }
}
