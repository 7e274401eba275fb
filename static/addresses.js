// @ts-check
/** The addresses of one camera, in the form that each program expects. Pure. */

/**
 * @typedef {object} AddressGroup
 * @property {string} title
 * @property {string} usage where to enter the addresses
 * @property {{ label: string, value: string }[]} addresses
 */

/** @param {string} host */
const isLoopback = (host) => /^(localhost|127\.|\[::1\])/.test(host)

/**
 * The address at which other machines reach this server, without a slash at its end: "localhost" becomes the server's address. The
 * origin of an https page stays, because it may be that of a proxy.
 * @param {{ protocol: string, hostname: string, port: string, pathname: string }} root of the server
 * @param {string} [piIp]
 */
export function baseFor({ protocol, hostname, port, pathname }, piIp) {
  const local = isLoopback(hostname) && protocol === 'http:' && piIp
  const host = local ? (piIp.includes(':') ? `[${piIp}]` : piIp) : hostname
  return `${protocol}//${host}${port === '' ? '' : `:${port}`}${pathname.replace(/\/$/, '')}`
}

/**
 * @param {Pick<import('../src/http/routes/client-config-answer.js').CameraAnswer, 'key'> & { width?: number, height?: number }} camera
 * @param {string} base http or https; the addresses are encrypted accordingly
 * @param {import('./words.js').Words} words
 * @returns {AddressGroup[]}
 */
export function addressesOf({ key, width = 640, height = 480 }, base, words) {
  const url = (/** @type {string} */ path) => `${base}/${key}/${path}`
  const page = url('')
  const stream = url('stream.mjpg')
  const snapshot = url('snapshot.jpg')
  const web = base.replace(/^http/, '')
  const at = (/** @type {string} */ label, /** @type {string} */ value) => ({ label, value })
  return [
    {
      title: words.text('page.share.camera'),
      usage: words.text('page.share.camera-usage'),
      addresses: [
        at(words.text('page.share.page'), page),
        at(
          words.text('page.share.embedded'),
          `<iframe src="${page}" width="${width}" height="${height}" style="border:0" allow="autoplay; fullscreen; picture-in-picture"></iframe>`,
        ),
        at('WHEP', url('whep')),
        at('WebSocket', `ws${web}/${key}/ws`),
        at(words.text('page.share.snapshot'), snapshot),
      ],
    },
    {
      title: words.text('page.share.mainsail'),
      usage: words.text('page.share.mainsail-usage'),
      addresses: [
        at('WebRTC (MediaMTX)', page),
        at('WebRTC (camera-streamer)', url('webrtc')),
        at('WebRTC (go2rtc)', `${base}/?src=${key}`),
        at(words.text('page.share.snapshot'), snapshot),
      ],
    },
    {
      title: 'Home Assistant',
      usage: words.text('page.share.home-assistant-usage'),
      addresses: [
        at(words.text('page.share.card'), `webrtc:${url('whep')}`),
        at(words.text('page.share.still'), snapshot),
        at(words.text('page.share.source'), stream),
      ],
    },
    {
      title: 'OctoPrint',
      usage: words.text('page.share.octoprint-usage'),
      addresses: [
        at(words.text('page.share.stream'), `webrtc${web}/${key}/webrtc`),
        at(words.text('page.share.snapshot'), snapshot),
      ],
    },
    {
      title: 'go2rtc, Frigate',
      usage: words.text('page.share.go2rtc-usage'),
      addresses: [at(words.text('page.share.source'), `webrtc:${url('whep')}`)],
    },
    {
      title: 'OBS',
      usage: words.text('page.share.obs-usage', { width, height }),
      addresses: [at(words.text('page.share.address'), `${page}?controls=false&background=true`)],
    },
    {
      title: 'VLC',
      usage: words.text('page.share.vlc-usage'),
      addresses: [at(words.text('page.share.network-address'), stream)],
    },
    {
      title: 'GStreamer',
      usage: words.text('page.share.gstreamer-usage'),
      addresses: [
        at(
          words.text('page.share.command'),
          `gst-launch-1.0 souphttpsrc location=${stream} is-live=true do-timestamp=true ! multipartdemux ! jpegdec ! videoconvert ! autovideosink`,
        ),
      ],
    },
  ]
}
