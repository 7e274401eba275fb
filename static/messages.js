// @ts-check
/** The texts of a tile in each state. Pure. */

import { reasonOfCamera, reasonOfError, reasonOfFailure } from './reasons.js'

/**
 * @typedef {import('./words.js').Words} Words
 * @typedef {import('./tile-state.js').TileState} TileState
 * @typedef {import('../src/signalling/websocket-messages.js').CameraState} CameraState
 * @typedef {import('../src/signalling/websocket-messages.js').ViewerStatus} ViewerStatus
 * @typedef {object} Now a Connection has all of it
 * @property {TileState} state
 * @property {Partial<CameraState> | null} [camera]
 * @property {import('./session.js').SessionError | null | undefined} [error]
 * @property {number} [maxViewers]
 * @property {import('../src/signalling/websocket-messages.js').ConnectFailure | null} [failure] why WebRTC does not connect
 */

/** Codes of errors with a headline of their own. */
const errorHeadlines = ['removed', 'camera-removed', 'unauthorized', 'origin-not-allowed', 'no-such-camera']

/** @type {Record<TileState, (now: Now, words: Words) => string>} */
const details = {
  connecting: ({ camera }, words) => (camera?.state === 'starting' ? words.text('tile.starting') : ''),
  live: () => '',
  waiting: ({ camera }, words) =>
    words.text(camera?.state === 'starting' ? 'tile.starting' : 'tile.no-video'),
  lost: (now, words) => {
    const reason = reasonOf(now, words)?.message ?? ''
    if (now.camera?.state !== 'starting') return reason
    return reason ? words.text('tile.restarting', { reason }) : words.text('tile.restarting-alone')
  },
  reconnecting: (now, words) => reasonOf(now, words)?.message ?? words.text('tile.error.peer-lost'),
  full: ({ maxViewers: count }, words) =>
    count ? words.text('tile.full', { count }) : words.text('tile.full-unknown'),
  paused: (_, words) => words.text('tile.slot-free'),
  unwatched: (_, words) => words.text('tile.slot-free'),
  unsupported: (now, words) => reasonOf(now, words)?.message ?? '',
}

/** @param {Now} now @param {Words} words */
function reasonOf({ state, camera, error }, words) {
  if (state === 'lost' && (camera?.message || !error)) return reasonOfCamera(camera ?? {}, words)
  return error ? reasonOfError(error, words) : undefined
}

/** @param {Now} now @param {Words} words @returns {{ headline: string, detail: string } & Omit<import('./reasons.js').Reason, 'message'>} */
export function describe(now, words) {
  const { state, error, failure } = now
  const isError = state === 'unsupported' || state === 'reconnecting'
  const code = error?.code ?? ''
  if (failure && !isSignedOut(now) && ['connecting', 'waiting', 'reconnecting'].includes(state))
    return withHeadline(words.text('tile.headline.failure'), reasonOfFailure(failure, words))
  const reason = state === 'lost' || isError ? reasonOf(now, words) : undefined
  const headline = isSignedOut(now)
    ? words.text('tile.headline.signed-out')
    : isError && errorHeadlines.includes(code)
      ? words.text(`tile.headline.${code}`)
      : words.text(`tile.state.${state}`)
  const isEnglish = reason?.isEnglish ?? { message: false, hint: false }
  return withHeadline(headline, {
    message: details[state](now, words),
    hint: reason?.hint ?? '',
    isEnglish,
  })
}

/** @param {string} headline @param {import('./reasons.js').Reason} reason */
const withHeadline = (headline, { message: detail, ...rest }) => ({ headline, detail, ...rest })

/** @param {Pick<Now, 'state' | 'error'>} now */
export const isSignedOut = ({ state, error }) => state === 'reconnecting' && error?.code === 'signed-out'

/** @param {Pick<Now, 'state' | 'error'> & { attempt: number, retryInMs: number }} now @param {Words} words */
export function countdown({ state, error, attempt, retryInMs }, words) {
  if (state !== 'reconnecting' || isSignedOut({ state, error })) return ''
  if (retryInMs > 0) return words.text('tile.retry-in', { seconds: Math.ceil(retryInMs / 1000) })
  return attempt > 1 ? words.text('tile.attempt', { number: attempt }) : ''
}

/** The text of the button; "" while there is nothing to do. @param {Pick<Now, 'state' | 'error'> & { retryInMs: number }} now @param {Words} words */
export function action({ state, error, retryInMs }, words) {
  if (isSignedOut({ state, error })) return words.text('tile.sign-in')
  if (state === 'paused') return words.text('tile.play')
  if (state === 'unsupported') return words.text('tile.try-again')
  return state === 'reconnecting' && retryInMs > 0 ? words.text('tile.try-now') : ''
}

/**
 * The notice over a live video of which the server drops frames, otherwise "".
 * @param {{ state: TileState, viewerStatus: ViewerStatus | null }} now
 * @param {Words} words
 * @param {number} [cameraBps] bit/s of the camera
 */
export function congestion({ state, viewerStatus }, words, cameraBps) {
  if (state !== 'live' || !viewerStatus?.congested) return ''
  const { availableBitrateBps } = viewerStatus
  const [available, needed] = [availableBitrateBps, cameraBps].map((bps) => (bps ? megabits(bps, words) : ''))
  // The camera sends less than its configured bitrate at times, so that the estimate may be above that.
  const isEnough = [availableBitrateBps, cameraBps].map((bps = 0) =>
    Number((bps / 1e6).toFixed(digitsOf(bps))),
  )
  if (available && needed && Number(isEnough[0]) >= Number(isEnough[1])) return words.text('tile.slow')
  if (available && needed) return words.text('tile.slow-both', { available, needed })
  if (available) return words.text('tile.slow-available', { available })
  return needed ? words.text('tile.slow-needed', { needed }) : words.text('tile.slow')
}

/**
 * The notice over a live video, otherwise "".
 * @param {{ state: TileState, viewerStatus: ViewerStatus | null, overHttp: boolean, refusal?: object | null, failure?: Now['failure'] }} now
 * @param {Words} words
 * @param {number} [cameraBps] bit/s of the camera
 */
export function videoNotice(now, words, cameraBps) {
  if (!now.overHttp) return congestion(now, words, cameraBps)
  if (now.state !== 'live') return ''
  if (now.refusal) return words.text('tile.http-codec')
  if (!now.failure) return words.text('tile.http')
  return words.text('tile.http-why', { reason: reasonOfFailure(now.failure, words).message })
}

/**
 * What is wrong with the way to a camera: the same sentence for all of them, if it is not the camera. "" where nothing is.
 * @param {Now & { overHttp: boolean, refusal?: object | null, viewerStatus: ViewerStatus | null }} now
 * @param {Words} words
 */
export function problemOf(now, words) {
  if (now.state === 'live') {
    if (!now.overHttp) return ''
    const hint = now.failure && !now.refusal ? reasonOfFailure(now.failure, words).hint : ''
    return [videoNotice(now, words), hint].filter(Boolean).join(' ')
  }
  const isOfWay =
    now.state === 'reconnecting' || (now.failure && ['connecting', 'waiting'].includes(now.state))
  const { detail, hint } = isOfWay ? describe(now, words) : { detail: '', hint: '' }
  return [detail, hint].filter(Boolean).join(' ')
}

/** What is wrong with a camera that is live, and with the way to it, a line each, for its statistics. @param {Now} now @param {Words} words */
export const cameraWarnings = ({ state, camera, failure }, words) =>
  state === 'live'
    ? [
        ...(camera?.warnings ?? []).map((warning) => reasonOfCamera(warning, words)),
        ...(failure ? [reasonOfFailure(failure, words)] : []),
      ]
        .map(({ message, hint }) => `${message} ${hint}`)
        .join('\n')
    : ''

/** @param {number} bitsPerSecond */
const digitsOf = (bitsPerSecond) => (bitsPerSecond < 95_000 ? 2 : 1)

/** @param {number} bitsPerSecond @param {Words} words */
const megabits = (bitsPerSecond, words) => words.number(bitsPerSecond / 1e6, digitsOf(bitsPerSecond))

/** The line in the page's head: "2 cameras live", "1 of 2 cameras live". @param {TileState[]} states @param {Words} words */
export function summary(states, words) {
  const live = states.filter((state) => state === 'live').length
  const count = states.length
  if (live === count) return words.text('page.summary.live', { count })
  if (live > 0) return words.text('page.summary.some', { live, count })
  return words.text(states.includes('connecting') ? 'page.summary.cameras' : 'page.summary.none', { count })
}
