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
 * @returns {AddressGroup[]}
 */
export function addressesOf({ key, width = 640, height = 480 }, base) {
  const url = (/** @type {string} */ path) => `${base}/${key}/${path}`
  const page = url('')
  const stream = url('stream.mjpg')
  const snapshot = url('snapshot.jpg')
  const web = base.replace(/^http/, '')
  const at = (/** @type {string} */ label, /** @type {string} */ value) => ({ label, value })
  return [
    {
      title: 'This camera',
      usage: 'For browsers, your own web page, and any WHEP client.',
      addresses: [
        at('Page', page),
        at(
          'Embedded in a page',
          `<iframe src="${page}" width="${width}" height="${height}" style="border:0" allow="autoplay; fullscreen; picture-in-picture"></iframe>`,
        ),
        at('WHEP', url('whep')),
        at('WebSocket', `ws${web}/${key}/ws`),
        at('Snapshot', snapshot),
      ],
    },
    {
      title: 'Mainsail and Fluidd',
      usage: 'Settings > Webcams (or Cameras): choose one of these types and enter its address.',
      addresses: [
        at('WebRTC (MediaMTX)', page),
        at('WebRTC (camera-streamer)', url('webrtc')),
        at('WebRTC (go2rtc)', `${base}/?src=${key}`),
        at('Snapshot', snapshot),
      ],
    },
    {
      title: 'Home Assistant',
      usage: 'The first for the WebRTC Camera card, the others for the Generic Camera integration.',
      addresses: [
        at('WebRTC card', `webrtc:${url('whep')}`),
        at('Still image', snapshot),
        at('Stream source', stream),
      ],
    },
    {
      title: 'OctoPrint',
      usage: 'Settings > Classic Webcam.',
      addresses: [at('Stream', `webrtc${web}/${key}/webrtc`), at('Snapshot', snapshot)],
    },
    {
      title: 'go2rtc, Frigate',
      usage: 'In go2rtc.yaml, under streams.',
      addresses: [at('Source', `webrtc:${url('whep')}`)],
    },
    {
      title: 'OBS',
      usage: `Add a Browser source of ${width} by ${height}.`,
      addresses: [at('Address', `${page}?controls=false&background=true`)],
    },
    { title: 'VLC', usage: 'Media > Open Network Stream.', addresses: [at('Network address', stream)] },
    {
      title: 'GStreamer',
      usage: 'Run this in a terminal.',
      addresses: [
        at(
          'Command',
          `gst-launch-1.0 souphttpsrc location=${stream} is-live=true do-timestamp=true ! multipartdemux ! jpegdec ! videoconvert ! autovideosink`,
        ),
      ],
    },
  ]
}
