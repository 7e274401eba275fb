// @ts-check
/** Reads the settings of a camera from its server, or finds out why it does not get them. */

import { addressOf } from './embed-source.js'

const timeoutMs = 8000
/** @type {import('./session.js').SessionError} */
const away = { code: 'closed', message: '', key: 'embed.away' }

/**
 * @typedef {import('./session.js').SessionError} SessionError
 * @typedef {import('../src/http/routes/client-config-answer.js').ConfigAnswer} ConfigAnswer
 */

/**
 * @param {import('./embed-source.js').Source} source
 * @param {string} pageOrigin
 * @param {AbortSignal} signal
 * @returns {Promise<import('./tile-context.js').Prepared>} rejects with a SessionError
 */
export async function readSettings(source, pageOrigin, signal) {
  const answer = await request(addressOf(source, 'api/config'), 'GET', signal)
  if (!answer) throw await whyUnreachable(source, pageOrigin, signal)
  const body = await answer.json().catch(() => null)
  if (!answer.ok) throw errorOf(answer.status, body, source)
  return settingsFrom(body, source)
}

/** @param {ConfigAnswer} config @param {import('./embed-source.js').Source} source */
function settingsFrom(config, source) {
  const { key } = source
  const cameras = Array.isArray(config?.cameras) ? config.cameras : []
  const found = cameras.find((camera) => camera.key === key)
  if (!found) {
    const keys = cameras.map((camera) => camera.key).join(', ')
    const error = { code: 'no-such-camera', message: '', key: 'embed.no-camera' }
    const hint = keys && { hintKey: 'embed.camera-hint', parameters: { keys } }
    throw /** @type {SessionError} */ ({ ...error, ...hint })
  }
  const camera = {
    ...found,
    ws: addressOf(source, `${key}/ws`),
    snapshot: found.snapshot && addressOf(source, `${key}/snapshot.jpg`),
    maxViewers: config.max_clients,
    mayAdminister: false, // the settings of the camera are on its own page
  }
  return { camera, iceServers: config.ice_servers }
}

/** @param {number} status @param {any} body @param {import('./embed-source.js').Source} source @returns {SessionError} */
function errorOf(status, body, { token }) {
  if (status === 401) {
    // Not tried again: the server locks out an address that sends a wrong token again and again.
    const key = token ? 'embed.wrong-token' : 'embed.no-token'
    return { code: 'unauthorized', message: '', key, hintKey: 'embed.token-hint', isFinal: true }
  }
  const { error, message } = Object(body)
  return typeof error === 'string' && typeof message === 'string' ? { code: error, message } : away
}

/**
 * Browsers do not tell a page why a request to another origin failed. The module of the element is served to every page: a server that
 * sends it, but not its settings, does not accept the page.
 * @param {import('./embed-source.js').Source} source
 * @param {string} pageOrigin
 * @param {AbortSignal} signal
 * @returns {Promise<SessionError>}
 */
async function whyUnreachable({ root }, pageOrigin, signal) {
  const isThere = root.origin !== pageOrigin && (await request(`${root}rpi-camera.js`, 'HEAD', signal))?.ok
  if (!isThere) return away
  return {
    code: 'origin-not-allowed',
    message: '',
    key: 'embed.foreign',
    hintKey: 'embed.foreign-hint',
    parameters: { origin: pageOrigin },
  }
}

/** @param {string} address @param {string} method @param {AbortSignal} signal @returns {Promise<Response | null>} null without an answer */
async function request(address, method, signal) {
  const timeout = new AbortController()
  const abort = () => timeout.abort()
  const timer = setTimeout(abort, timeoutMs)
  signal.addEventListener('abort', abort)
  try {
    return await fetch(address, { method, cache: 'no-store', signal: timeout.signal })
  } catch {
    return null
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', abort)
  }
}
