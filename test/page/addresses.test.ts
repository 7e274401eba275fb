import { expect, test } from 'vitest'
import { addressesOf, baseFor } from '../../static/addresses.js'
import { english } from './word-tables.js'

const at = (protocol: string, hostname: string, port: string, pathname = '/') => ({
  protocol,
  hostname,
  port,
  pathname,
})

test.each([
  [at('http:', 'pi.local', '8080'), '192.168.1.9', 'http://pi.local:8080'],
  [at('https:', 'cams.example', ''), '192.168.1.9', 'https://cams.example'],
  [at('http:', 'localhost', '8080'), '192.168.1.9', 'http://192.168.1.9:8080'],
  [at('http:', '127.0.0.1', '8080'), 'fd00::9', 'http://[fd00::9]:8080'],
  [at('http:', '[::1]', '8080'), undefined, 'http://[::1]:8080'],
  [at('https:', 'home.example', '', '/cams/'), '192.168.1.9', 'https://home.example/cams'],
  [at('https:', 'localhost', '8443'), '192.168.1.9', 'https://localhost:8443'],
])('with its root at %j on a machine at %s, the page shows addresses under %s', (root, piIp, base) =>
  expect(baseFor(root, piIp)).toBe(base),
)

/** "Home Assistant, WebRTC card" -> its address. */
const all = (origin: string): Record<string, string> =>
  Object.fromEntries(
    addressesOf({ key: 'camera2', width: 1280, height: 720 }, origin, english).flatMap(
      ({ title, addresses }) => addresses.map(({ label, value }) => [`${title}, ${label}`, value]),
    ),
  )

test('every program gets the kind of address that it accepts', () =>
  expect(all('http://pi:8080')).toMatchObject({
    'This camera, Page': 'http://pi:8080/camera2/',
    'This camera, WHEP': 'http://pi:8080/camera2/whep',
    'This camera, WebSocket': 'ws://pi:8080/camera2/ws',
    'Mainsail and Fluidd, WebRTC (MediaMTX)': 'http://pi:8080/camera2/',
    'Mainsail and Fluidd, WebRTC (camera-streamer)': 'http://pi:8080/camera2/webrtc',
    'Mainsail and Fluidd, WebRTC (go2rtc)': 'http://pi:8080/?src=camera2',
    'Home Assistant, WebRTC card': 'webrtc:http://pi:8080/camera2/whep',
    'Home Assistant, Still image': 'http://pi:8080/camera2/snapshot.jpg',
    'Home Assistant, Stream source': 'http://pi:8080/camera2/stream.mjpg',
    'OctoPrint, Stream': 'webrtc://pi:8080/camera2/webrtc',
    'OctoPrint, Snapshot': 'http://pi:8080/camera2/snapshot.jpg',
    'go2rtc, Frigate, Stream source': 'webrtc:http://pi:8080/camera2/whep',
    'OBS, Address': 'http://pi:8080/camera2/?controls=false&background=true',
    'VLC, Network address': 'http://pi:8080/camera2/stream.mjpg',
  }))

test('on an https page every address is encrypted', () => {
  const addresses = all('https://cams.example')
  expect(addresses['This camera, WebSocket']).toBe('wss://cams.example/camera2/ws')
  expect(addresses['OctoPrint, Stream']).toBe('webrtcs://cams.example/camera2/webrtc')
  for (const address of Object.values(addresses)) expect(address).not.toMatch(/(http|ws|webrtc):\/\//)
})

test('the iframe has the size of the video and allows full screen', () => {
  const frame = all('http://pi:8080')['This camera, Embedded in a page']
  expect(frame).toMatch(/^<iframe src="http:\/\/pi:8080\/camera2\/" width="1280" height="720"/)
  expect(frame).toContain('fullscreen')
})
