/** The addresses of one camera, as other programs want to be told them. Pure. */

const isLoopback = (host) => /^(localhost|127\.|\[::1\])/.test(host)

/**
 * The origin that another machine reaches this server at. Somebody who looks from the machine itself sees "localhost", which is of
 * no use elsewhere; a proxy with TLS in front is how everybody gets here.
 */
export function originFor({ protocol, hostname, port }, piIp) {
  const local = isLoopback(hostname) && protocol === 'http:' && piIp
  const host = local ? (piIp.includes(':') ? `[${piIp}]` : piIp) : hostname
  return `${protocol}//${host}${port === '' ? '' : `:${port}`}`
}

/** @returns groups, each {title, where, addresses: [{label, value}]}. `origin` is http or https, and so is what follows from it. */
export function addressesOf({ key, width = 640, height = 480 }, origin) {
  const url = (path) => `${origin}/${key}/${path}`
  const page = url('')
  const stream = url('stream.mjpg')
  const still = url('snapshot.jpg')
  const web = origin.replace(/^http/, '')
  const at = (label, value) => ({ label, value })
  return [
    {
      title: 'This camera',
      where: 'For a browser, a page of your own, or any program that speaks WHEP.',
      addresses: [
        at('Page', page),
        at(
          'Embedded in a page',
          `<iframe src="${page}" width="${width}" height="${height}" style="border:0" allow="autoplay; fullscreen; picture-in-picture"></iframe>`,
        ),
        at('WHEP', url('whep')),
        at('WebSocket', `ws${web}/${key}/ws`),
        at('Still picture', still),
      ],
    },
    {
      title: 'Mainsail and Fluidd',
      where: 'Settings, Webcams or Cameras: one of these types with its stream address.',
      addresses: [
        at('WebRTC (MediaMTX)', page),
        at('WebRTC (camera-streamer)', url('webrtc')),
        at('WebRTC (go2rtc)', `${origin}/?src=${key}`),
        at('Snapshot', still),
      ],
    },
    {
      title: 'Home Assistant',
      where: 'WebRTC Camera card: the url. Without it, the integration Generic Camera.',
      addresses: [
        at('WebRTC card', `webrtc:${url('whep')}`),
        at('Still image', still),
        at('Stream source', stream),
      ],
    },
    {
      title: 'OctoPrint',
      where: 'Settings, Classic Webcam.',
      addresses: [at('Stream', `webrtc${web}/${key}/webrtc`), at('Snapshot', still)],
    },
    {
      title: 'go2rtc, Frigate',
      where: 'In go2rtc.yaml, below streams.',
      addresses: [at('Source', `webrtc:${url('whep')}`)],
    },
    {
      title: 'OBS',
      where: `A browser source of ${width} by ${height}.`,
      addresses: [at('Address', `${page}?controls=false`)],
    },
    { title: 'VLC', where: 'Media, Open Network Stream.', addresses: [at('Network address', stream)] },
    {
      title: 'GStreamer',
      where: 'In a terminal.',
      addresses: [
        at(
          'Command',
          `gst-launch-1.0 souphttpsrc location=${stream} is-live=true do-timestamp=true ! multipartdemux ! jpegdec ! videoconvert ! autovideosink`,
        ),
      ],
    },
  ]
}
