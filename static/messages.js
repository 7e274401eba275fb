/** What a tile says in each state. Pure. */

const headlines = {
  connecting: 'Connecting',
  live: 'Live',
  waiting: 'Waiting for picture',
  lost: 'Camera lost',
  reconnecting: 'Reconnecting',
  full: 'Camera full',
  paused: 'Paused',
  unsupported: 'Cannot play here',
}

const endings = { removed: 'Ended', 'camera-removed': 'Camera removed' }

const refusals = {
  'no-webrtc': 'This browser has no WebRTC, which live pictures need. Any current browser has it.',
  'no-common-codec': 'This browser cannot decode the codec of this camera.',
  removed: 'Whoever looks after this server ended it.',
  'camera-removed':
    'It was taken out of the configuration. Load the page again to see the cameras there are.',
}

const details = {
  connecting: ({ camera }) => (camera?.state === 'starting' ? 'The camera is starting' : ''),
  live: () => '',
  waiting: ({ camera }) =>
    camera?.state === 'starting' ? 'The camera is starting' : 'Connected, but no picture arrives',
  lost: ({ camera, error }) => {
    const why = camera?.message ?? error?.message ?? camera?.cause ?? ''
    return camera?.state === 'starting' ? sentences(why, 'Starting it again') : why
  },
  reconnecting: ({ error }) => error?.message ?? 'The connection was lost',
  full: ({ maxViewers }) =>
    `This camera has its maximum of ${count(maxViewers, 'viewer')}; trying again by itself`,
  paused: () => 'The stream is stopped and its place is free',
  unsupported: ({ error }) => refusals[error?.code] ?? error?.message ?? '',
}

const count = (number, noun) => (number === 1 ? `1 ${noun}` : `${number || ''} ${noun}s`.trim())

const sentences = (...parts) => parts.filter(Boolean).join('. ')

export function describe(now) {
  const { state, error } = now
  return {
    headline: endings[state === 'unsupported' && error?.code] ?? headlines[state],
    detail: details[now.state](now),
    hint: now.state === 'lost' ? (now.camera?.hint ?? '') : '',
  }
}

export function countdown({ state, attempt, retryInMs }) {
  if (state !== 'reconnecting') return ''
  if (retryInMs > 0) return `Next try in ${Math.ceil(retryInMs / 1000)} s`
  return attempt > 1 ? `Try ${attempt}` : ''
}

/** What is said over a live picture of which a part does not arrive: "" while all of it does. */
export function congestion({ state, link }, bitsPerSecond) {
  if (state !== 'live' || !link?.congested) return ''
  const takes = link.estimateBps ? `takes ${megabits(link.estimateBps)} Mbit/s` : 'takes too little'
  const sends = bitsPerSecond ? `, the camera sends ${megabits(bitsPerSecond)}` : ''
  return `Your connection ${takes}${sends}: pictures are left out`
}

const megabits = (bitsPerSecond) => (bitsPerSecond / 1e6).toFixed(bitsPerSecond < 95_000 ? 2 : 1)

/** The line in the page's head: "2 cameras live", "1 of 2 cameras live". */
export function summary(states) {
  const live = states.filter((state) => state === 'live').length
  const cameras = states.length === 1 ? 'camera' : 'cameras'
  if (live === states.length) return `${live} ${cameras} live`
  if (live > 0) return `${live} of ${states.length} ${cameras} live`
  return states.includes('connecting')
    ? `${states.length} ${cameras}`
    : `${states.length} ${cameras}, none live`
}
