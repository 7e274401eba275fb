// @ts-check
/** Why a camera is not shown, in the words of the page. The server sends a cause and an English sentence, which serves for causes without words. Pure. */

/**
 * @typedef {import('./words.js').Words} Words
 * @typedef {object} Reason
 * @property {string} message
 * @property {string} hint what to do, or ""
 * @property {{ message: boolean, hint: boolean }} isEnglish whether it is a sentence of the server on a page of another language
 */

/** Of the end of a session. @param {import('./session.js').SessionError} error @param {Words} words @returns {Reason} */
export function reasonOfError({ code, message, hint, key, hintKey, parameters }, words) {
  const known = key ?? `tile.error.${code}`
  const isKnown = words.has(known)
  return {
    message: isKnown ? words.text(known, parameters) : message,
    hint: hintKey ? words.text(hintKey, parameters) : (hint ?? ''),
    isEnglish: { message: !isKnown && !words.isOfServer, hint: !hintKey && !words.isOfServer },
  }
}

/**
 * Of a lost camera, or a warning about one that is live. The hint has commands and names of this machine: it stays as it is.
 * @param {{ cause?: string, message?: string, hint?: string }} camera @param {Words} words
 * @returns {Reason}
 */
export function reasonOfCamera({ cause = '', message, hint = '' }, words) {
  const key = `cause.${cause}`
  const isKnown = !words.isOfServer && words.has(key)
  return {
    message: isKnown ? words.text(key) : (message ?? cause),
    hint,
    isEnglish: { message: !isKnown && !words.isOfServer, hint: !words.isOfServer },
  }
}

/**
 * Why WebRTC does not connect.
 * @param {import('../src/signalling/websocket-messages.js').ConnectFailure} failure @param {Words} words
 * @returns {Reason}
 */
export function reasonOfFailure({ cause, message, hint, parameters }, words) {
  const key = `connect.${cause}`
  if (words.isOfServer || !words.has(key))
    return { message, hint, isEnglish: { message: !words.isOfServer, hint: !words.isOfServer } }
  const { transports, ...values } = /** @type {Record<string, string | number | undefined>} */ (parameters)
  const all = {
    client: 'ADDRESS',
    publicPort: values['port'],
    ...values,
    port: String(values['port']),
    transports: words.list(String(transports).split(' and ')),
  }
  return {
    message: words.text(key, all),
    hint: words.text(`${key}-hint`, all),
    isEnglish: { message: false, hint: false },
  }
}

/** Whether words are needed that the page does not load at first. @param {Pick<import('./connection.js').Connection, 'state' | 'camera' | 'failure'>} now */
export const hasReason = ({ state, camera, failure }) =>
  state === 'lost' || Boolean(failure) || Boolean(camera?.warnings?.length)
