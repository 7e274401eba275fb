// @ts-check
/** The sentences of the owner's page. Pure. */

/**
 * @typedef {import('../src/http/routes/owner-answer.js').FieldAnswer} Field
 * @typedef {import('../src/http/routes/owner-answer.js').SettingValue} Value
 */

export const words = {
  loading: 'One moment…',
  noCameras: 'No camera is configured.',
  noTable: 'The configuration file has no table of this camera, so there is nothing to change here.',
  found: 'The file names no camera, so the cameras found are served. A change writes their tables into it.',
  saved: (/** @type {string} */ path) => `Saved in ${path}. The change is in force.`,
  undone: (/** @type {string} */ path) => `Undone: ${path} is as it was before.`,
  unchanged: 'Nothing has changed.',
  willChange: (/** @type {string} */ path) => `These lines of ${path} will change:`,
  lines: 'Lines of the file',
  removedLine: 'removed: ',
  addedLine: 'added: ',
  undoLines: 'These lines will change back:',
  restart: 'Restart this camera',
  save: 'Save',
  discard: 'Discard',
  undo: 'Undo',
  undoTitle: 'Undo the last change',
  addTitle: 'Add a camera',
  controls: 'Focus, light and colours',
  deviceOf: (/** @type {string} */ device) => `Device: ${device}`,
  programTitle: 'The program',
  doctorTitle: 'This machine',
  camerasTitle: 'Cameras',
  pushTo: (/** @type {string} */ camera, /** @type {string} */ server) => `${camera}, sent to ${server}`,
  restarted: (/** @type {string} */ camera) => `${camera} restarts. Viewers stay connected.`,
  ended: 'The session has ended.',
  search: 'Search for cameras',
  searchAgain: 'Search again',
  searching: 'Searching. This takes some seconds…',
  useThis: 'Use this one',
  used: (/** @type {string} */ camera) => `In use as ${camera}`,
  noneFound: 'No camera was found.',
  nobody: 'Nobody is watching.',
  failedTitle: 'Could not connect lately',
  end: 'End',
  endOf: (/** @type {string} */ address) => `End the session of ${address}`,
  unknownAddress: 'an unknown address',
  connecting: 'connecting',
  slow: 'slow connection',
  check: 'Check this machine',
  checkAgain: 'Check again',
  checking: 'Checking. This takes some seconds…',
  allWell: 'No problems found.',
  fine: (/** @type {number} */ count) => (count === 1 ? '1 check is fine' : `${count} checks are fine`),
  restartProgram: 'Restart the program',
  confirmRestart: 'Restart the program? All pictures stop for some seconds.',
  restarting: 'The program restarts. This page comes back by itself.',
  back: 'The program is back.',
  noLog: 'There are no lines yet.',
  somethingWrong: 'Something went wrong on this page. Reload it, then try again.',
  preview: (/** @type {string} */ name) => `Picture of ${name}`,
  usualSizes: 'Usual sizes',
  otherSize: 'Other',
  defaultChoice: (/** @type {string} */ value) => `Default: ${value}`,
  /** @type {Record<import('../src/http/routes/owner-answer.js').CheckAnswer['status'], string>} */
  statuses: { ok: 'Fine', warning: 'Warning', problem: 'Problem' },
  /** @type {Record<import('../src/http/routes/owner-answer.js').LogLineAnswer['level'], string>} */
  levels: { info: '', warn: 'Warning', error: 'Error' },
  yes: 'Yes',
  no: 'No',
}

/** What a change of these lines does. @type {Record<import('../src/http/routes/owner-answer.js').Effect, string>} */
export const effects = {
  live: 'The picture goes on.',
  restart: 'The picture pauses for about half a second. Viewers stay connected.',
  reconnect: 'Viewers of this camera connect again.',
  added: 'The camera starts at once.',
}

/** @type {Record<string, string>} */
const labels = {
  name: 'Name',
  width: 'Width',
  height: 'Height',
  fps: 'Frames per second',
  'flip-method': 'Rotation',
  codec: 'Codec',
  bitrate: 'Bits per second',
  overlay: 'Text in the picture',
}

/** @type {Record<string, string>} */
const choices = {
  none: 'None',
  clockwise: 'A quarter turn clockwise',
  'rotate-180': 'Half a turn',
  counterclockwise: 'A quarter turn counterclockwise',
  'horizontal-flip': 'Mirrored from left to right',
  'vertical-flip': 'Mirrored from top to bottom',
  'upper-left-diagonal': 'Mirrored along the diagonal from the upper left',
  'upper-right-diagonal': 'Mirrored along the diagonal from the upper right',
  vp8: 'VP8',
  h264: 'H.264',
}

/** Instead of the explanation of the server, which is longer. @type {Record<string, string>} */
const notes = {
  name: '',
  width: '',
  height: '',
  fps: 'Such as 30, or 5-30: slower in the dark.',
  'flip-method': '',
  codec: 'VP8 plays everywhere. H.264 saves CPU time on a Raspberry Pi up to the 4.',
  bitrate: 'For each viewer. 640 × 480 needs about 1000000, 1280 × 720 2500000.',
  overlay: 'Such as %Y-%m-%d %H:%M:%S for date and time.',
}

/** @param {Pick<Field, 'name' | 'about'>} field */
export const noteOf = ({ name, about }) => notes[name] ?? about

/** A new key is shown by its name until it has a label here. @param {string} name */
export const labelOf = (name) => labels[name] ?? name

/** @param {Value | undefined} value */
export function valueText(value) {
  if (value === undefined) return ''
  if (typeof value === 'boolean') return value ? words.yes : words.no
  return choices[String(value)] ?? String(value)
}

/** @type {Record<string, string>} */
const states = {
  live: 'Live',
  starting: 'Starting',
  lost: 'Lost',
  idle: 'Off, because nobody watches',
}

/** @param {string} state */
export const stateText = (state) => states[state] ?? state

/** Of a push to a media server, and the colour of a camera that is as well off. @type {Record<string, [text: string, like: string]>} */
const pushStates = {
  live: ['Sending', 'live'],
  connecting: ['Connecting', 'starting'],
  waiting: ['Waits for the camera', 'starting'],
  retrying: ['Not connected, tries again', 'lost'],
  idle: ['Off, because nobody watches', 'idle'],
}

/** @param {string} state @returns {[text: string, like: string]} */
export const pushStateText = (state) => pushStates[state] ?? [state, 'lost']

/** 75 -> "1 min". @param {number} seconds */
export function durationText(seconds) {
  if (seconds < 60) return `${seconds} s`
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`
  const hours = Math.floor(seconds / 3600)
  return hours < 48 ? `${hours} h` : `${Math.floor(hours / 24)} days`
}

/**
 * What a field's text means; null: the default. Pure.
 * @param {Pick<Field, 'type'>} field @param {string} text
 * @returns {Value | null}
 */
export function valueOf({ type }, text) {
  if (text.trim() === '') return null
  if (type === 'integer') return Number(text)
  if (type === 'boolean') return text === 'true'
  if (type === 'number-or-text' && /^\s*\d+(?:\.\d+)?\s*$/.test(text)) return Number(text)
  return type === 'text' ? text : text.trim()
}
