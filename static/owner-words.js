// @ts-check
/** The values of the owner's page as text. */

import { words } from './page-words.js'
import { reasonOfCamera } from './reasons.js'

/**
 * @typedef {import('../src/http/routes/owner-answer.js').FieldAnswer} Field
 * @typedef {import('../src/http/routes/owner-answer.js').SettingValue} Value
 */

/** Keys that the form explains shorter than the server does, or not at all. */
const unexplained = ['name', 'width', 'height', 'flip-method']

/** @param {Pick<Field, 'name' | 'about'>} field */
export function noteOf({ name, about }) {
  if (unexplained.includes(name)) return ''
  return words.has(`owner.note.${name}`) ? words.text(`owner.note.${name}`) : about
}

/** A new key is shown by its name until it has a label here. @param {string} name */
export const labelOf = (name) => wordOr(`owner.label.${name}`, name)

/** @param {Value | undefined} value */
export function valueText(value) {
  if (value === undefined) return ''
  if (typeof value === 'boolean') return words.text(value ? 'owner.yes' : 'owner.no')
  return wordOr(`owner.choice.${value}`, codecs[String(value)] ?? String(value))
}

/** @type {Record<string, string>} */
const codecs = { vp8: 'VP8', h264: 'H.264' }

/** @param {string} state */
export const stateText = (state) => wordOr(`owner.state.${state}`, state)

/** Why a camera is lost, and what to do; "" for one that is not. @param {{ cause?: string, message?: string, hint?: string }} camera */
export function reasonText(camera) {
  const { message, hint } = reasonOfCamera(camera, words)
  return [message, hint].filter(Boolean).join(' ')
}

/** The state of a camera with the same colour. @type {Record<string, string>} */
const likeCamera = {
  live: 'live',
  connecting: 'starting',
  waiting: 'starting',
  retrying: 'lost',
  idle: 'idle',
}

/** Of a push to a media server. @param {string} state @returns {[text: string, like: string]} */
export const pushStateText = (state) => [
  wordOr(`owner.push-state.${state}`, state),
  likeCamera[state] ?? 'lost',
]

/** 75 -> "1 min". @param {number} seconds */
export function durationText(seconds) {
  if (seconds < 60) return words.text('owner.seconds', { number: seconds })
  if (seconds < 3600) return words.text('owner.minutes', { number: Math.floor(seconds / 60) })
  const hours = Math.floor(seconds / 3600)
  return hours < 48
    ? words.text('owner.hours', { number: hours })
    : words.text('owner.days', { count: Math.floor(hours / 24) })
}

/** @param {string} key @param {string} otherwise */
const wordOr = (key, otherwise) => (words.has(key) ? words.text(key) : otherwise)

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
