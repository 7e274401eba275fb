// @ts-check
/** The state of a Connection for the events of <rpi-camera>. Pure. */

import { describe } from './messages.js'

/** States in which there is a reason why the camera is not shown. */
const failedStates = ['lost', 'reconnecting', 'full', 'unsupported']

/**
 * @typedef {object} Report
 * @property {import('./tile-state.js').TileState} state
 * @property {string} code stable, for programs; "" while nothing is wrong
 * @property {string} message a sentence for people, or ""
 * @property {string} hint what to do, or ""
 * @property {'webrtc' | 'http' | ''} transport of the video while it is shown
 *
 * @param {import('./connection.js').Connection} connection
 * @param {import('./words.js').Words} words
 * @returns {Report}
 */
export function reportOf(connection, words) {
  const { state, overHttp } = connection
  const isFailed = failedStates.includes(state)
  const { detail, hint } = describe(connection, words)
  const transport = state !== 'live' ? '' : overHttp ? 'http' : 'webrtc'
  const code = isFailed || connection.failure ? codeOf(connection) : ''
  return { state, code, message: detail, hint, transport }
}

/** @param {Report} report */
export const isFailed = ({ state }) => failedStates.includes(state)

/** @param {import('./connection.js').Connection} connection */
function codeOf({ state, camera, error, failure }) {
  if (state === 'full') return 'camera-full'
  if (state === 'lost') return camera?.cause ?? error?.code ?? 'camera-lost'
  if (state === 'unsupported') return error?.code ?? ''
  return failure?.cause ?? error?.code ?? ''
}
