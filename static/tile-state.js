// @ts-check
/** The states of a tile and their transitions. An event without a row changes nothing. */

/**
 * @typedef {'connecting' | 'live' | 'waiting' | 'lost' | 'reconnecting' | 'full' | 'paused' | 'unwatched' | 'unsupported'} TileState
 * @typedef {'frame' | 'cameraLost' | 'cameraLive' | 'dropped' | 'full' | 'refused' | 'stalled' | 'answered' | 'play' | 'pause' | 'unseen'} TileEvent
 * @typedef {Partial<Record<TileEvent, TileState>>} Row
 */

/** @type {Row} */
const whileWatching = {
  frame: 'live',
  cameraLost: 'lost',
  dropped: 'reconnecting',
  full: 'full',
  refused: 'unsupported',
  pause: 'paused',
  unseen: 'unwatched',
}

/** @type {Record<TileState, Row>} */
export const transitions = {
  connecting: { ...whileWatching, stalled: 'waiting' },
  live: { ...whileWatching, stalled: 'waiting' },
  waiting: whileWatching,
  lost: { ...whileWatching, cameraLive: 'waiting' },
  reconnecting: { ...whileWatching, stalled: 'waiting' },
  // Without a viewer slot the state of the camera does not matter.
  full: { ...whileWatching, cameraLost: 'full', answered: 'connecting' },
  paused: { play: 'connecting' },
  // Nobody sees the tile.
  unwatched: { play: 'connecting', pause: 'paused' },
  unsupported: { play: 'connecting', pause: 'paused' },
}

/** @param {TileState} state @param {TileEvent} event */
export const next = (state, event) => transitions[state][event] ?? state

/** Only play() ends these. @param {TileState} state */
export const waitsForUser = (state) => ['paused', 'unwatched', 'unsupported'].includes(state)

/** Of the end of a session, unless it is final. @param {string} code of its error @returns {TileEvent} */
export const eventOf = (code) =>
  code === 'camera-full' ? 'full' : code === 'no-video' ? 'cameraLost' : 'dropped'
