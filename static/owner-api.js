// @ts-check
/** Requests of the owner's page. Every failure is a SettingsError with a sentence for the user. */

import { request } from './settings-api.js'

/**
 * @typedef {import('../src/http/routes/owner-answer.js').SettingsAnswer} SettingsAnswer
 * @typedef {import('../src/http/routes/owner-answer.js').SettingsChange} SettingsChange
 * @typedef {import('../src/http/routes/owner-answer.js').PreviewAnswer} PreviewAnswer
 * @typedef {import('../src/http/routes/owner-answer.js').AppliedAnswer} AppliedAnswer
 * @typedef {import('../src/http/routes/owner-answer.js').DevicesAnswer} DevicesAnswer
 * @typedef {import('../src/http/routes/owner-answer.js').SizesAnswer} SizesAnswer
 * @typedef {import('../src/http/routes/owner-answer.js').DoctorAnswer} DoctorAnswer
 * @typedef {import('../src/http/routes/owner-answer.js').LogAnswer} LogAnswer
 *
 * @typedef {object} Camera of /api/cameras
 * @property {string} key
 * @property {string} name
 * @property {string} state
 * @property {string} [cause]
 * @property {string} [message]
 * @property {string} [hint]
 * @property {number} width
 * @property {number} height
 * @property {number} fps
 * @property {Push[]} [pushes] where it is sent to
 *
 * @typedef {{ name: string, state: string, relayed?: boolean, message?: string, hint?: string }} Push
 *
 * @typedef {object} Viewer of /api/viewers
 * @property {number} id
 * @property {string} camera
 * @property {string} via
 * @property {string} [address]
 * @property {string} [transport]
 * @property {number} for_seconds
 * @property {boolean} connected
 * @property {boolean} [congested]
 *
 * @typedef {object} Publisher of /api/publishers
 * @property {string} camera
 * @property {string} [address]
 * @property {string} transport
 * @property {number} for_seconds
 * @property {boolean} connected
 * @property {number} [bitrate_bps]
 *
 * @typedef {import('../src/signalling/websocket-messages.js').ConnectFailure & { camera: string, address: string, seconds_ago: number }} Failure
 * @typedef {ReturnType<typeof createOwnerApi>} OwnerApi
 */

const quickMs = 15_000
/** A change starts capture processes, a search and the checks start many programs. */
const slowMs = 90_000

/** @param {URL} root of the server */
export function createOwnerApi(root) {
  const address = (/** @type {string} */ path) => new URL(`api/${path}`, root).href
  const get = (/** @type {string} */ path, timeoutMs = quickMs) => request(address(path), {}, timeoutMs)
  const post = (/** @type {string} */ path, /** @type {object} */ body) =>
    request(
      address(path),
      { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) },
      slowMs,
    )
  return {
    /** @returns {Promise<SettingsAnswer>} */
    settings: () => get('settings'),
    /** @returns {Promise<{ cameras: Camera[] }>} */
    cameras: () => get('cameras'),
    /** @param {SettingsChange} change @returns {Promise<PreviewAnswer>} */
    preview: (change) => post('settings/preview', change),
    /** @param {SettingsChange} change @param {string} preview @returns {Promise<AppliedAnswer>} */
    apply: (change, preview) => post('settings', { ...change, preview }),
    /** @returns {Promise<AppliedAnswer>} */
    undo: () => post('settings/undo', {}),
    /** @returns {Promise<DevicesAnswer>} */
    devices: () => get('devices', slowMs),
    /** @param {string} camera @returns {Promise<SizesAnswer>} */
    sizes: (camera) => get(`cameras/${camera}/sizes`),
    /** @returns {Promise<DoctorAnswer>} */
    doctor: () => get('doctor', slowMs),
    /** @param {number} after @returns {Promise<LogAnswer>} */
    log: (after) => get(`log?after=${after}`),
    /** @returns {Promise<{ viewers: Viewer[], could_not_connect: Failure[] }>} */
    viewers: () => get('viewers'),
    /** @param {number} id */
    end: (id) => request(address(`viewers/${id}`), { method: 'DELETE' }, quickMs),
    /** @returns {Promise<{ publishers: Publisher[] }>} */
    publishers: () => get('publishers'),
    /** @param {string} camera */
    endPublisher: (camera) => request(address(`publishers/${camera}`), { method: 'DELETE' }, quickMs),
    /** @param {string} camera */
    restartCamera: (camera) => post(`cameras/${camera}/restart`, {}),
    restartProgram: () => post('restart', {}),
  }
}
