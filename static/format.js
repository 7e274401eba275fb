// @ts-check
/** Statistics as text. Pure. */

/**
 * @typedef {Partial<import('./stats-poller.js').CurrentStats> | null} Stats
 * @typedef {import('./latency-meter.js').Latency} Latency
 * @typedef {import('../src/signalling/websocket-messages.js').ViewerStatus} ViewerStatus
 * @typedef {import('../src/signalling/websocket-messages.js').CameraState} CameraState
 */

const unknown = '–'

/** @param {number | null | undefined} value @returns {value is number} */
const isKnown = (value) => value !== null && value !== undefined && Number.isFinite(value)

/** 2 340 000 -> "2.3 Mbit/s", 480 000 -> "480 kbit/s". @param {number | null | undefined} bitsPerSecond */
export function bitRate(bitsPerSecond) {
  if (!isKnown(bitsPerSecond)) return unknown
  return bitsPerSecond < 999_500
    ? `${Math.round(bitsPerSecond / 1000)} kbit/s`
    : `${(bitsPerSecond / 1e6).toFixed(1)} Mbit/s`
}

/** @param {number | null | undefined} ms */
const milliseconds = (ms, digits = 0) => (isKnown(ms) ? `${ms.toFixed(digits)} ms` : unknown)

/** From capture to display, with a note where it is not exact. @param {Latency | null} measured */
export function latency(measured) {
  if (!measured) return unknown
  const about = measured.approximate ? 'about ' : ''
  const tens = Math.round(measured.ms / 10) * 10 // the clock offset is not more exact
  if (tens === 0) return 'under 10 ms'
  return `${measured.since === 'arrival' ? 'more than ' : about}${tens} ms`
}

/**
 * Profiles by profile_idc and the constraint flags that matter (RFC 6184 section 8.1, table 5).
 * @type {[number, number, string][]}
 */
const profiles = [
  [0x42, 0x40, 'Constrained Baseline'],
  [0x42, 0x00, 'Baseline'],
  [0x4d, 0x80, 'Constrained Baseline'],
  [0x4d, 0x00, 'Main'],
  [0x58, 0xc0, 'Constrained Baseline'],
  [0x58, 0x00, 'Extended'],
  [0x64, 0x0c, 'Constrained High'],
  [0x64, 0x00, 'High'],
]

/** "VP8", "H.264 Constrained Baseline 3.1". @param {string} [mimeType] @param {string} [parameters] of SDP's fmtp line */
export function codec(mimeType, parameters = '') {
  const name = mimeType?.replace(/^video\//i, '') ?? unknown
  if (name.toUpperCase() !== 'H264') return name
  const id = /profile-level-id=([0-9a-f]{6})/i.exec(parameters)?.[1]
  if (!id) return 'H.264'
  const byte = (/** @type {number} */ index) => parseInt(id.slice(2 * index, 2 * index + 2), 16)
  const profile = profiles.find(([idc, flags]) => idc === byte(0) && (byte(1) & flags) === flags)
  return ['H.264', profile?.[2], (byte(2) / 10).toFixed(1)].filter(Boolean).join(' ')
}

/** @param {NonNullable<Stats>} stats */
function losses({ lost, packets }) {
  if (!isKnown(lost)) return unknown
  const percent = (100 * lost) / Math.max(1, lost + (packets ?? 0))
  if (lost <= 0) return 'none'
  return `${lost} (${percent < 0.1 ? 'under 0.1' : percent.toFixed(1)} %)`
}

/** Chromium has no counter before the first retransmission. @param {NonNullable<Stats>} stats */
function retransmissions({ retransmitted, lost }) {
  if (!isKnown(retransmitted)) return lost === 0 ? 'none' : unknown
  return retransmitted === 0 ? 'none' : String(retransmitted)
}

/** @param {NonNullable<Stats>} stats */
function freezes({ freezes: count, frozenMs }) {
  if (!isKnown(count)) return unknown
  return count === 0 ? 'none' : `${count} (${((frozenMs ?? 0) / 1000).toFixed(1)} s)`
}

/**
 * The way of the video: "direct", "through the router", "relayed over TLS", "direct over TCP".
 * @param {import('./webrtc-stats.js').Path} [used]
 */
export function path(used) {
  if (!used?.local && !used?.remote) return unknown
  const kinds = [used.local, used.remote]
  const { relayProtocol = 'udp', protocol } = used
  if (kinds.includes('relay')) return `relayed${over(relayProtocol === 'udp' ? protocol : relayProtocol)}`
  const isMapped = kinds.includes('srflx') || kinds.includes('prflx')
  return `${isMapped ? 'through the router' : 'direct'}${over(protocol)}`
}

/** UDP is usual. @param {string} [protocol] */
const over = (protocol = 'udp') => (protocol === 'udp' ? '' : ` over ${protocol.toUpperCase()}`)

/** The line in the corner: "1280×720 · 30 fps · 85 ms". @param {Stats} stats @param {Latency | null} measured */
export function statsLine(stats, measured) {
  if (!stats?.width) return ''
  return [
    `${stats.width}×${stats.height}`,
    isKnown(stats.fps) && `${Math.round(stats.fps)} fps`,
    measured && latency(measured),
  ]
    .filter(Boolean)
    .join(' · ')
}

/** What the video shows of the scene, and how the camera was asked for it. @param {CameraState['fieldOfView']} view */
export function fieldOfView(view) {
  const { widthPercent, heightPercent, step } = view ?? {}
  if (!isKnown(widthPercent) || !isKnown(heightPercent)) return unknown
  if (widthPercent >= 100 && heightPercent >= 100) return `all of the scene (${step})`
  return `${widthPercent} % of the width, ${heightPercent} % of the height (${step})`
}

/**
 * The text of each data-stat in index.html. Unknown values have a dash, so that the layout does not change when they are known.
 * @param {Stats} stats
 * @param {Latency | null} measured
 * @param {Pick<ViewerStatus, 'availableBitrateBps'> | null} viewerStatus
 * @param {Pick<CameraState, 'fieldOfView'> | null} [camera]
 */
export function statsRows(stats, measured, viewerStatus, camera) {
  const now = stats ?? {}
  return {
    latency: latency(measured),
    fps: isKnown(now.fps) ? `${now.fps.toFixed(0)} fps` : unknown,
    resolution: now.width ? `${now.width}×${now.height}` : unknown,
    bitrate: bitRate(now.bitsPerSecond),
    bandwidth: bitRate(viewerStatus?.availableBitrateBps),
    lost: losses(now),
    retransmitted: retransmissions(now),
    freezes: freezes(now),
    path: path(now.path),
    roundTrip: milliseconds(now.roundTripMs),
    jitterBuffer: milliseconds(now.bufferMsPerFrame),
    decodeTime: milliseconds(now.decodeMsPerFrame, 1),
    codec: codec(now.mimeType, now.parameters),
    fieldOfView: fieldOfView(camera?.fieldOfView),
  }
}
