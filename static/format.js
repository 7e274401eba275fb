/** Figures in words: what the tile's corner and its statistics show. Pure. */

const unknown = '–'

const known = (value) => value !== null && value !== undefined && Number.isFinite(value)

/** 2 340 000 -> "2.3 Mbit/s", 480 000 -> "480 kbit/s". */
export function bitRate(bitsPerSecond) {
  if (!known(bitsPerSecond)) return unknown
  return bitsPerSecond < 999_500
    ? `${Math.round(bitsPerSecond / 1000)} kbit/s`
    : `${(bitsPerSecond / 1e6).toFixed(1)} Mbit/s`
}

const milliseconds = (ms, digits = 0) => (known(ms) ? `${ms.toFixed(digits)} ms` : unknown)

/** From capture to display; honest about what it does not know. */
export function delay(measured) {
  if (!measured) return unknown
  const about = measured.about ? 'about ' : ''
  return `${measured.since === 'arrival' ? 'more than ' : about}${milliseconds(measured.ms)}`
}

/** Profiles by profile_idc and the constraint flags that matter (RFC 6184 section 8.1, table 5). */
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

/** "VP8", "H.264 Constrained Baseline 3.1". */
export function codec(mimeType, parameters = '') {
  const name = mimeType?.replace(/^video\//i, '') ?? unknown
  if (name.toUpperCase() !== 'H264') return name
  const id = /profile-level-id=([0-9a-f]{6})/i.exec(parameters)?.[1]
  if (!id) return 'H.264'
  const [idc, flags, level] = [0, 2, 4].map((at) => parseInt(id.slice(at, at + 2), 16))
  const profile = profiles.find(([wanted, set]) => wanted === idc && (flags & set) === set)
  return ['H.264', profile?.[2], (level / 10).toFixed(1)].filter(Boolean).join(' ')
}

function losses({ lost, packets }) {
  if (!known(lost)) return unknown
  const share = (100 * lost) / Math.max(1, lost + (packets ?? 0))
  if (lost <= 0) return 'none'
  return `${lost} (${share < 0.1 ? 'under 0.1' : share.toFixed(1)} %)`
}

/** Chromium counts nothing here before the first one. */
function repeats({ sentAgain, lost }) {
  if (!known(sentAgain)) return lost === 0 ? 'none' : unknown
  return sentAgain === 0 ? 'none' : String(sentAgain)
}

function freezes({ freezes: count, frozenMs }) {
  if (!known(count)) return unknown
  return count === 0 ? 'none' : `${count} (${((frozenMs ?? 0) / 1000).toFixed(1)} s)`
}

/** The line in the corner: "1280×720 · 30 fps · 85 ms". */
export function inShort(figures, measured) {
  if (!figures?.width) return ''
  return [
    `${figures.width}×${figures.height}`,
    known(figures.fps) && `${Math.round(figures.fps)} fps`,
    measured && delay(measured),
  ]
    .filter(Boolean)
    .join(' · ')
}

/** Every row has its place whether it is known or not, so that nothing moves when it becomes known. */
export function statistics(figures, measured, link) {
  const now = figures ?? {}
  return {
    delay: delay(measured),
    fps: known(now.fps) ? `${now.fps.toFixed(0)} fps` : unknown,
    size: now.width ? `${now.width}×${now.height}` : unknown,
    bitrate: bitRate(now.bitsPerSecond),
    bandwidth: bitRate(link?.estimateBps),
    lost: losses(now),
    again: repeats(now),
    freezes: freezes(now),
    trip: milliseconds(now.roundTripMs),
    buffer: milliseconds(now.bufferMsPerFrame),
    decode: milliseconds(now.decodeMsPerFrame, 1),
    codec: codec(now.mimeType, now.parameters),
  }
}
