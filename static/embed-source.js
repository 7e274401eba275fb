// @ts-check
/** The address of a camera in the attribute src of <rpi-camera>. Pure. */

const example = 'http://raspberrypi.local:8080/camera1'
const texts = {
  missing: 'The attribute src is missing.',
  invalid: 'The attribute src is not the address of a camera.',
  password: 'The attribute src has a name and a password. Browsers reject them in the addresses of a page.',
  mixed: 'This page uses https and the camera http. Browsers block that.',
}
const hints = {
  src: `Write the address of a camera, such as "${example}".`,
  password: 'Use the token of the server: its configuration has it as server.token.',
  mixed: 'Give the camera server a certificate (server.tls-cert), or open this page with http.',
}

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
  if (!src) throw failure(texts.missing, hints.src)
  if (!URL.canParse(src, page.href)) throw failure(texts.invalid, hints.src)
  const url = new URL(src, page.href)
  const match = /^(.*\/)(camera[1-9]\d?)\/?$/.exec(url.pathname)
  if (!match || !/^https?:$/.test(url.protocol)) throw failure(texts.invalid, hints.src)
  if (url.username || url.password) throw failure(texts.password, hints.password)
  if (page.protocol === 'https:' && url.protocol === 'http:' && !isLoopback(url.hostname))
    throw failure(texts.mixed, hints.mixed, 'mixed-content')
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

/** @param {string} message @param {string} hint @returns {import('./session.js').SessionError} */
const failure = (message, hint, code = 'bad-src') => ({ code, message, hint, isFinal: true })
