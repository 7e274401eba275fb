/** What a tile can be in, and what takes it from there. An event without a row changes nothing. */

const whileWatching = {
  frame: 'live',
  cameraLost: 'lost',
  dropped: 'reconnecting',
  full: 'full',
  refused: 'unsupported',
  pause: 'paused',
}

export const transitions = {
  connecting: { ...whileWatching, stalled: 'waiting' },
  live: { ...whileWatching, stalled: 'waiting' },
  waiting: whileWatching,
  lost: { ...whileWatching, cameraLive: 'waiting' },
  reconnecting: { ...whileWatching, stalled: 'waiting' },
  // What the camera does is of no use to one who waits outside.
  full: { ...whileWatching, cameraLost: 'full', answered: 'connecting' },
  paused: { play: 'connecting' },
  unsupported: { play: 'connecting', pause: 'paused' },
}

export const next = (state, event) => transitions[state][event] ?? state
