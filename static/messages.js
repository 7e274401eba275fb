// @ts-check
/** The texts of a tile in each state. Pure. */

/**
 * @typedef {import('./tile-state.js').TileState} TileState
 * @typedef {import('../src/signalling/websocket-messages.js').CameraState} CameraState
 * @typedef {import('../src/signalling/websocket-messages.js').ViewerStatus} ViewerStatus
 * @typedef {object} Now a Connection has all of it
 * @property {TileState} state
 * @property {Partial<CameraState> | null} [camera]
 * @property {{ code: string, message: string, hint?: string } | null | undefined} [error]
 * @property {number} [maxViewers]
 * @property {import('../src/signalling/websocket-messages.js').ConnectFailure | null} [failure] why WebRTC does not connect
 */

/** @type {Record<TileState, string>} */
const headlines = {
  connecting: 'Connecting',
  live: 'Live',
  waiting: 'Waiting for video',
  lost: 'Camera lost',
  reconnecting: 'Reconnecting',
  full: 'Camera full',
  paused: 'Paused',
  unwatched: 'Out of view',
  unsupported: 'Cannot play here',
}

/** Instead of "Cannot play here" or "Reconnecting", by the error's code. @type {Record<string, string>} */
const errorHeadlines = {
  removed: 'Ended',
  'camera-removed': 'Camera removed',
  unauthorized: 'Not permitted',
  'origin-not-allowed': 'Not permitted on this page',
  'no-such-camera': 'No such camera',
}

/** @type {Record<string, string>} */
const finalErrors = {
  'no-webrtc': 'This browser does not support WebRTC. Please use a current browser.',
  'no-common-codec': "This browser cannot decode this camera's codec.",
  removed: 'An administrator ended this session.',
  'camera-removed': 'It was removed from the configuration. Reload the page to see the current cameras.',
}

/** @type {Record<TileState, (now: Now) => string>} */
const details = {
  connecting: ({ camera }) => (camera?.state === 'starting' ? 'The camera is starting' : ''),
  live: () => '',
  waiting: ({ camera }) =>
    camera?.state === 'starting' ? 'The camera is starting' : 'Connected, but no video arrives',
  lost: ({ camera, error }) => {
    const reason = camera?.message ?? error?.message ?? camera?.cause ?? ''
    return camera?.state === 'starting' ? sentences(reason, 'Restarting the camera') : reason
  },
  reconnecting: ({ error }) => error?.message ?? 'The connection was lost',
  full: ({ maxViewers }) =>
    `This camera has reached its maximum of ${count(maxViewers, 'viewer')}. Retrying automatically`,
  paused: () => 'The stream is stopped and its viewer slot is free',
  unwatched: () => 'The stream is stopped and its viewer slot is free',
  unsupported: ({ error }) => finalErrors[error?.code ?? ''] ?? error?.message ?? '',
}

/** @param {number | undefined} number @param {string} noun */
const count = (number, noun) => (number === 1 ? `1 ${noun}` : `${number || ''} ${noun}s`.trim())

/** @param {string[]} parts */
const sentences = (...parts) => parts.filter(Boolean).join('. ')

/** @param {Now} now */
export function describe(now) {
  const { state, error, failure } = now
  if (isSignedOut(now)) return { headline: 'Signed out', detail: 'Sign in again to watch', hint: '' }
  if (failure && ['connecting', 'waiting', 'reconnecting'].includes(state))
    return { headline: 'No connection for video', detail: failure.message, hint: failure.hint }
  const isError = state === 'unsupported' || state === 'reconnecting'
  return {
    headline: (isError && errorHeadlines[error?.code ?? '']) || headlines[state],
    detail: details[state](now),
    hint: (state === 'lost' ? now.camera?.hint : isError && error?.hint) || '',
  }
}

/** @param {Pick<Now, 'state' | 'error'>} now */
export const isSignedOut = ({ state, error }) => state === 'reconnecting' && error?.code === 'signed-out'

/** @param {Pick<Now, 'state' | 'error'> & { attempt: number, retryInMs: number }} now */
export function countdown({ state, error, attempt, retryInMs }) {
  if (state !== 'reconnecting' || isSignedOut({ state, error })) return ''
  if (retryInMs > 0) return `Retrying in ${Math.ceil(retryInMs / 1000)} s`
  return attempt > 1 ? `Attempt ${attempt}` : ''
}

/** The text of the button; "" while there is nothing to do. @param {Pick<Now, 'state' | 'error'> & { retryInMs: number }} now */
export function action({ state, error, retryInMs }) {
  if (isSignedOut({ state, error })) return 'Sign in'
  if (state === 'paused') return 'Play'
  if (state === 'unsupported') return 'Try again'
  return state === 'reconnecting' && retryInMs > 0 ? 'Try now' : ''
}

/**
 * The notice over a live video of which the server drops frames, otherwise "".
 * @param {{ state: TileState, viewerStatus: ViewerStatus | null }} now
 * @param {number} [cameraBps] bit/s of the camera
 */
export function congestion({ state, viewerStatus }, cameraBps) {
  if (state !== 'live' || !viewerStatus?.congested) return ''
  const { availableBitrateBps } = viewerStatus
  // The camera sends less than its configured bitrate at times, so that the estimate may be above that.
  const [has, needs] = [availableBitrateBps, cameraBps].map((bps) => Number(megabits(bps ?? 0)))
  if (has && needs && has >= needs) return 'Slow connection: frames are dropped'
  const available = availableBitrateBps ? `${megabits(availableBitrateBps)} Mbit/s available` : ''
  const needed = cameraBps ? `${megabits(cameraBps)} Mbit/s needed` : ''
  const rates = [available, needed].filter(Boolean).join(', ')
  return `Slow connection${rates && ` (${rates})`}: frames are dropped`
}

/**
 * The notice over a live video, otherwise "".
 * @param {{ state: TileState, viewerStatus: ViewerStatus | null, overHttp: boolean, refusal?: object | null, failure?: Now['failure'] }} now
 * @param {number} [cameraBps] bit/s of the camera
 */
export function videoNotice(now, cameraBps) {
  if (!now.overHttp) return congestion(now, cameraBps)
  if (now.state !== 'live') return ''
  if (now.refusal)
    return "Video over HTTP, with more delay, because this browser's WebRTC cannot decode the camera"
  return now.failure
    ? `Video over HTTP, with more delay. ${now.failure.message}`
    : 'Video over HTTP, with more delay, because WebRTC cannot connect. Still trying'
}

/** What is wrong with a camera that is live, and with the way to it, a line each, for its statistics. @param {Now} now */
export const cameraWarnings = ({ state, camera, failure }) =>
  state === 'live'
    ? [...(camera?.warnings ?? []), ...(failure ? [failure] : [])]
        .map(({ message, hint }) => `${message} ${hint}`)
        .join('\n')
    : ''

/** @param {number} bitsPerSecond */
const megabits = (bitsPerSecond) => (bitsPerSecond / 1e6).toFixed(bitsPerSecond < 95_000 ? 2 : 1)

/** The line in the page's head: "2 cameras live", "1 of 2 cameras live". @param {TileState[]} states */
export function summary(states) {
  const live = states.filter((state) => state === 'live').length
  const cameras = states.length === 1 ? 'camera' : 'cameras'
  if (live === states.length) return `${live} ${cameras} live`
  if (live > 0) return `${live} of ${states.length} ${cameras} live`
  return states.includes('connecting')
    ? `${states.length} ${cameras}`
    : `${states.length} ${cameras}, none live`
}
