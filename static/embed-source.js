// @ts-check
/** The address of a camera in the attribute src of <rpi-camera>. Pure. */

const example = 'http://raspberrypi.local:8080/camera1'

/**
 * @typedef {object} Source
 * @property {URL} root of the server, with the prefix of a proxy
 * @property {string} key of the camera
 * @property {string} token or ""
 */

/**
 * @param {string | null} src
 * @param {string} token
 * @param {{ href: string, protocol: string }} page its address
 * @returns {Source}
 * @throws SessionError
 */
export function parseSource(src, token, page) {
  if (!src) throw failure('embed.missing', 'embed.src-hint')
  if (!URL.canParse(src, page.href)) throw failure('embed.invalid', 'embed.src-hint')
  const url = new URL(src, page.href)
  const match = /^(.*\/)(camera[1-9]\d?)\/?$/.exec(url.pathname)
  if (!match || !/^https?:$/.test(url.protocol)) throw failure('embed.invalid', 'embed.src-hint')
  if (url.username || url.password) throw failure('embed.password', 'embed.password-hint')
  if (page.protocol === 'https:' && url.protocol === 'http:' && !isLoopback(url.hostname))
    throw failure('embed.mixed', 'embed.mixed-hint', 'mixed-content')
  return {
    root: new URL(match[1] ?? '/', url.origin),
    key: match[2] ?? '',
    token: token || url.searchParams.get('token') || '',
  }
}

/** With the token, for requests that cannot send a header: those of a WebSocket and of an image. @param {Source} source @param {string} path */
export function addressOf({ root, token }, path) {
  const url = new URL(path, root)
  if (token) url.searchParams.set('token', token)
  return url.href
}

/** Browsers trust it without TLS (W3C secure contexts, section 3.1). @param {string} hostname */
const isLoopback = (hostname) => /^(.*\.)?localhost$|^127\.|^\[::1\]$/.test(hostname)

/** @param {string} key @param {string} hintKey @returns {import('./session.js').SessionError} */
const failure = (key, hintKey, code = 'bad-src') => ({
  code,
  message: '',
  key,
  hintKey,
  parameters: { example },
  isFinal: true,
})
