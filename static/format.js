// @ts-check
/** Statistics as text. Pure. */

/**
 * @typedef {Partial<import('./stats-poller.js').CurrentStats> | null} Stats
 * @typedef {import('./latency-meter.js').Latency} Latency
 * @typedef {import('./words.js').Words} Words
 * @typedef {import('../src/signalling/websocket-messages.js').ViewerStatus} ViewerStatus
 * @typedef {import('../src/signalling/websocket-messages.js').CameraState} CameraState
 */

const unknown = '–'

/** @param {number | null | undefined} value @returns {value is number} */
const isKnown = (value) => value !== null && value !== undefined && Number.isFinite(value)

/** 2 340 000 -> "2.3 Mbit/s", 480 000 -> "480 kbit/s". @param {number | null | undefined} bitsPerSecond @param {Words} words */
export function bitRate(bitsPerSecond, words) {
  if (!isKnown(bitsPerSecond)) return unknown
  return bitsPerSecond < 999_500
    ? words.text('tile.value.kbit', { value: Math.round(bitsPerSecond / 1000) })
    : words.text('tile.value.mbit', { value: words.number(bitsPerSecond / 1e6, 1) })
}

/** @param {number | null | undefined} ms @param {Words} words */
const milliseconds = (ms, words, digits = 0) =>
  isKnown(ms) ? words.text('tile.value.ms', { value: words.number(ms, digits) }) : unknown

/** From capture to display, with a note where it is not exact. @param {Latency | null} measured @param {Words} words */
export function latency(measured, words) {
  if (!measured) return unknown
  const value = Math.round(measured.ms / 10) * 10 // the clock offset is not more exact
  if (value === 0) return words.text('tile.value.under-ms', { value: 10 })
  if (measured.since === 'arrival') return words.text('tile.value.more-ms', { value })
  return words.text(measured.approximate ? 'tile.value.about-ms' : 'tile.value.ms', { value })
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

/** @param {NonNullable<Stats>} stats @param {Words} words */
function losses({ lost: number, packets }, words) {
  if (!isKnown(number)) return unknown
  const percent = (100 * number) / Math.max(1, number + (packets ?? 0))
  if (number <= 0) return words.text('tile.value.none')
  if (percent < 0.1) return words.text('tile.value.small-share', { number, percent: words.number(0.1, 1) })
  return words.text('tile.value.share', { number, percent: words.number(percent, 1) })
}

/** Chromium has no counter before the first retransmission. @param {NonNullable<Stats>} stats @param {Words} words */
function retransmissions({ retransmitted, lost }, words) {
  if (!isKnown(retransmitted)) return lost === 0 ? words.text('tile.value.none') : unknown
  return retransmitted === 0 ? words.text('tile.value.none') : words.number(retransmitted)
}

/** @param {NonNullable<Stats>} stats @param {Words} words */
function freezes({ freezes: number, frozenMs }, words) {
  if (!isKnown(number)) return unknown
  if (number === 0) return words.text('tile.value.none')
  return words.text('tile.value.freezes', { number, seconds: words.number((frozenMs ?? 0) / 1000, 1) })
}

/**
 * The way of the video: "direct", "through the router", "relayed over TLS", "direct over TCP".
 * @param {import('./webrtc-stats.js').Path | undefined} used
 * @param {Words} words
 */
export function path(used, words) {
  if (!used?.local && !used?.remote) return unknown
  const kinds = [used.local, used.remote]
  const { relayProtocol = 'udp', protocol } = used
  if (kinds.includes('relay'))
    return pathOver('relayed', relayProtocol === 'udp' ? protocol : relayProtocol, words)
  const isMapped = kinds.includes('srflx') || kinds.includes('prflx')
  return pathOver(isMapped ? 'router' : 'direct', protocol, words)
}

/** UDP is usual. @param {'relayed' | 'router' | 'direct'} kind @param {string | undefined} protocol @param {Words} words */
const pathOver = (kind, protocol = 'udp', words) =>
  protocol === 'udp'
    ? words.text(`tile.value.${kind}`)
    : words.text(`tile.value.${kind}-over`, { protocol: protocol.toUpperCase() })

/** The line in the corner: "1280×720 · 30 fps · 85 ms". @param {Stats} stats @param {Latency | null} measured @param {Words} words */
export function statsLine(stats, measured, words) {
  if (!stats?.width) return ''
  return [
    `${stats.width}×${stats.height}`,
    isKnown(stats.fps) && words.text('tile.value.fps', { value: Math.round(stats.fps) }),
    measured && latency(measured, words),
  ]
    .filter(Boolean)
    .join(' · ')
}

/** What the video shows of the scene, and how the camera was asked for it. @param {CameraState['fieldOfView']} view @param {Words} words */
export function fieldOfView(view, words) {
  const { widthPercent: width, heightPercent: height, step } = view ?? {}
  if (!isKnown(width) || !isKnown(height)) return unknown
  if (width >= 100 && height >= 100) return words.text('tile.value.view-all', { step })
  return words.text('tile.value.view-part', { width, height, step })
}

/**
 * The text of each data-stat in index.html. Unknown values have a dash, so that the layout does not change when they are known.
 * @param {Stats} stats
 * @param {Latency | null} measured
 * @param {Pick<ViewerStatus, 'availableBitrateBps'> | null} viewerStatus
 * @param {Pick<CameraState, 'fieldOfView'> | null} camera
 * @param {Words} words
 */
export function statsRows(stats, measured, viewerStatus, camera, words) {
  const now = stats ?? {}
  return {
    latency: latency(measured, words),
    fps: isKnown(now.fps) ? words.text('tile.value.fps', { value: Math.round(now.fps) }) : unknown,
    resolution: now.width ? `${now.width}×${now.height}` : unknown,
    bitrate: bitRate(now.bitsPerSecond, words),
    bandwidth: bitRate(viewerStatus?.availableBitrateBps, words),
    lost: losses(now, words),
    retransmitted: retransmissions(now, words),
    freezes: freezes(now, words),
    path: path(now.path, words),
    roundTrip: milliseconds(now.roundTripMs, words),
    jitterBuffer: milliseconds(now.bufferMsPerFrame, words),
    decodeTime: milliseconds(now.decodeMsPerFrame, words, 1),
    codec: codec(now.mimeType, now.parameters),
    fieldOfView: fieldOfView(camera?.fieldOfView, words),
  }
}
