// @ts-check
/** Requests to /api/cameras/KEY/controls. Every failure becomes a SettingsError with a sentence for the user. */

import { words } from './page-words.js'

/**
 * @typedef {import('../src/http/routes/controls-answer.js').ControlValue} Value
 * @typedef {import('../src/http/routes/controls-answer.js').ControlAnswer} Control
 * @typedef {import('../src/http/routes/controls-answer.js').ControlsAnswer} Settings
 * @typedef {import('../src/http/routes/controls-answer.js').ControlsSavedAnswer} Saved
 * @typedef {Record<string, Value | null>} Changes null: back to the default
 * @typedef {ReturnType<typeof createSettingsApi>} SettingsApi
 */

const readTimeoutMs = 15_000
/** A camera that does not come back is restarted with its previous values before the server answers. */
const changeTimeoutMs = 60_000

export class SettingsError extends Error {
  /** Whether the same request may succeed later. */
  retryable
  /** Whether the server certainly changed nothing. */
  rejected

  /** @param {string} message @param {{ retryable?: boolean, rejected?: boolean }} [about] */
  constructor(message, { retryable = false, rejected = false } = {}) {
    super(message)
    this.retryable = retryable
    this.rejected = rejected
  }
}

/** @param {string} key of the camera @param {URL} root of the server */
export function createSettingsApi(key, root) {
  const address = new URL(`api/cameras/${encodeURIComponent(key)}/controls`, root).href
  return {
    /** @returns {Promise<Settings>} */
    read: () => request(address, {}, readTimeoutMs),
    /** @param {Changes} changes @returns {Promise<Settings>} */
    change: (changes) =>
      request(
        address,
        {
          method: 'PATCH',
          headers: { 'Content-Type': 'application/json' },
          body: JSON.stringify(changes),
        },
        changeTimeoutMs,
      ),
    /** @returns {Promise<Saved>} */
    save: () => request(`${address}/save`, { method: 'POST' }, readTimeoutMs),
  }
}

/** @param {string} address @param {RequestInit} init @param {number} timeoutMs */
export async function request(address, init, timeoutMs) {
  const timeout = new AbortController()
  const timer = setTimeout(() => timeout.abort(), timeoutMs)
  try {
    const response = await fetch(address, { ...init, cache: 'no-store', signal: timeout.signal })
    const body = response.status === 204 ? {} : await response.json().catch(() => undefined)
    if (!response.ok) throw errorOf(response.status, body)
    if (typeof body !== 'object' || body === null)
      throw new SettingsError(words.text('settings.error.unreadable'))
    return body
  } catch (error) {
    if (error instanceof SettingsError) throw error
    const message = timeout.signal.aborted
      ? words.text('settings.error.timeout', { seconds: timeoutMs / 1000 })
      : words.text('settings.error.away')
    throw new SettingsError(message, { retryable: true })
  } finally {
    clearTimeout(timer)
  }
}

/** @param {number} status @param {{ message?: unknown, hint?: unknown } | undefined} body */
function errorOf(status, body) {
  if (status === 401) return new SettingsError(words.text('settings.error.signed-out'), { rejected: true })
  const texts = [body?.message, body?.hint].filter((text) => typeof text === 'string' && text !== '')
  const reason = texts.length > 0 ? texts.join('. ') : words.text('settings.error.status', { status })
  const message = status === 403 ? words.text('settings.error.forbidden', { reason }) : reason
  return new SettingsError(message, {
    retryable: status === 429 || status >= 500,
    rejected: status >= 400 && status < 500 && status !== 409,
  })
}
