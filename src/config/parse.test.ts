import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { CONFIG_KEYS } from './keys.js'
import { defaultConfig, parseConfig, parseConfigWithWarnings, testModeConfig } from './parse.js'
import { ConfigError } from '../errors.js'

const problemsOf = (toml: string): readonly string[] => {
  try {
    parseConfig(toml, 'config.toml')
  } catch (error) {
    if (error instanceof ConfigError) return error.problems
    throw error
  }
  return []
}
const fixture = (name: string) => readFileSync(`test/fixtures/configs/${name}.toml`, 'utf8')
const camera = '[camera1]\ndevice = "/dev/video0"\n'

describe('files that load', () => {
  test('the file of the older implementation loads unchanged', () => {
    const config = parseConfig(fixture('older-config'), 'older-config.toml')
    expect(config.server).toMatchObject({ webPort: 8080, bindIp: '0.0.0.0', access: { names: [] } })
    expect(config.webrtc).toMatchObject({
      stunServer: 'stun:stun.l.google.com:19302',
      maxClients: 4,
      udpPort: 8189,
      udpBindIp: '0.0.0.0',
      announce: [],
    })
    expect(config.cameras).toHaveLength(2)
    expect(config.cameras[0]).toMatchObject({
      key: 'camera1',
      name: 'Camera 1',
      device: { kind: 'libcamera', name: '/base/axi/pcie@1000120000/rp1/i2c@88000/imx219@10' },
      width: 640,
      height: 480,
      fps: { min: 30, max: 30 },
      fieldOfView: 'full',
      overlay: undefined,
      tuningFile: undefined,
      hdr: false,
      dmabufImport: false,
      controls: {},
      webrtcPort: 5557,
      flipMethod: 'vertical-flip',
      format: 'auto',
      codec: 'vp8',
      bitrate: 2_000_000,
      keyframeInterval: 30,
      encoder: 'auto',
      onDemand: false,
      onDemandCloseAfterMs: 10_000,
    })
  })

  test('the test file of the older implementation loads unchanged, and in test mode needs no camera', () => {
    const config = parseConfig(fixture('older-test-config'), 'older-test-config.toml')
    expect(config.server).toMatchObject({
      webPort: 18080,
      bindIp: '127.0.0.1',
      piIp: '127.0.0.1',
      access: { names: [] },
    })
    expect(config.cameras.map(({ device }) => device)).toEqual([
      { kind: 'libcamera', name: 'test_camera_1' },
      { kind: 'libcamera', name: 'test_camera_2' },
    ])
    expect(testModeConfig(config).cameras.map(({ device, webrtcPort }) => [device, webrtcPort])).toEqual([
      [{ kind: 'test', pattern: 'smpte' }, 15557],
      [{ kind: 'test', pattern: 'smpte' }, 15558],
    ])
  })

  test('one camera with a device is enough, and it has the defaults', () => {
    const config = parseConfig(camera, 'config.toml')
    expect(config).toEqual({
      ...defaultConfig(),
      cameras: [{ ...defaultConfig().cameras[0], device: { kind: 'v4l2', path: '/dev/video0' } }],
    })
  })

  test('cameras are in the order of their numbers, gaps are allowed, and the number sets the port', () => {
    const toml = ['12', '2', '7'].map((n) => `[camera${n}]\ndevice = "test:ball"\n`).join('')
    expect(
      parseConfig(toml, 'config.toml').cameras.map(({ key, name, webrtcPort }) => [key, name, webrtcPort]),
    ).toEqual([
      ['camera2', 'Camera 2', 5558],
      ['camera7', 'Camera 7', 5563],
      ['camera12', 'Camera 12', 5568],
    ])
  })

  test('a camera overrides on-demand of [video], and seconds become milliseconds', () => {
    const config = parseConfig(
      `[camera1]\ndevice = "test:ball"\non-demand-close-after = 60\n[camera2]\ndevice = "test:ball"\non-demand = false
      [video]\non-demand = true\non-demand-close-after = 5`,
      'config.toml',
    )
    expect(config.cameras.map((c) => [c.onDemand, c.onDemandCloseAfterMs])).toEqual([
      [true, 60_000],
      [false, 5000],
    ])
  })

  test('a camera overrides codec and bitrate of [video]', () => {
    const config = parseConfig(
      `[camera1]\ndevice = "test:ball"\ncodec = "h264"\nbitrate = 900000\n[camera2]\ndevice = "test:ball"
      [video]\nkeyframe-interval = 90\nbitrate = 500000`,
      'config.toml',
    )
    expect(config.cameras.map((c) => [c.codec, c.bitrate, c.keyframeInterval, c.encoder])).toEqual([
      ['h264', 900_000, 90, 'auto'],
      ['vp8', 500_000, 90, 'auto'],
    ])
  })

  test.each([
    ['""', undefined],
    ['"stun://stun.example.org:3479"', 'stun:stun.example.org:3479'],
    ['"stun:stun.example.org:3479"', 'stun:stun.example.org:3479'],
    ['"stun:stun.example.org"', 'stun:stun.example.org:3478'],
    ['"stun://192.0.2.1"', 'stun:192.0.2.1:3478'],
    ['"stun:[2001:db8::1]:3478"', 'stun:[2001:db8::1]:3478'],
  ])('stun-server = %s is %s', (written, meant) =>
    expect(parseConfig(`${camera}[webrtc]\nstun-server = ${written}`, 'c').webrtc.stunServer).toBe(meant),
  )

  test.each([
    ['rtp://127.0.0.1:5004', { kind: 'rtp', port: 5004 }],
    ['test:zone-plate', { kind: 'test', pattern: 'zone-plate' }],
    ['/dev/v4l/by-id/usb-cam-index0', { kind: 'v4l2', path: '/dev/v4l/by-id/usb-cam-index0' }],
    ['platform/vimc.0 Sensor B', { kind: 'libcamera', name: 'platform/vimc.0 Sensor B' }],
  ])('device = "%s" is accepted', (device, meant) =>
    expect(parseConfig(`[camera1]\ndevice = "${device}"`, 'c').cameras[0]?.device).toEqual(meant),
  )

  test('a UDP port of 0 is accepted, and announced addresses of both families', () => {
    const toml = `${camera}[webrtc]\nudp-port = 0\nannounce = ["203.0.113.7", "2001:db8::7"]`
    expect(parseConfig(toml, 'c').webrtc).toMatchObject({
      udpPort: 0,
      announce: [
        { host: '203.0.113.7', port: undefined },
        { host: '2001:db8::7', port: undefined },
      ],
    })
  })

  test('the media port listens on server.bind-ip unless the file sets another address', () => {
    const udpBindIp = (webrtc: string): string =>
      parseConfig(`${camera}[server]\nbind-ip = "127.0.0.1"\n[webrtc]\n${webrtc}`, 'config.toml').webrtc
        .udpBindIp
    expect(udpBindIp('')).toBe('127.0.0.1')
    expect(udpBindIp('udp-bind-ip = "0.0.0.0"')).toBe('0.0.0.0')
  })

  test('line ends of Windows are accepted', () =>
    expect(problemsOf(camera.replaceAll('\n', '\r\n') + 'width = 640\r\n# done\r\n')).toEqual([]))
})

test('test mode keeps settings that need no hardware', () => {
  const toml = `[camera1]\ndevice = "test:ball"\nflip-method = "clockwise"
    [camera2]\ndevice = "/dev/video0"\ncodec = "h264"\nencoder = "v4l2h264enc"
    [camera3]\ndevice = "/dev/video1"\ncodec = "h264"\nencoder = "openh264enc"`
  expect(
    testModeConfig(parseConfig(toml, 'c')).cameras.map((c) => [c.device, c.flipMethod, c.encoder]),
  ).toEqual([
    [{ kind: 'test', pattern: 'ball' }, 'clockwise', 'auto'],
    [{ kind: 'test', pattern: 'smpte' }, 'none', 'auto'],
    [{ kind: 'test', pattern: 'smpte' }, 'none', 'openh264enc'],
  ])
})

/** Files with one problem each, and the message. */
const broken: readonly (readonly [string, string])[] = [
  [
    '',
    'config.toml: there is no camera: write a [camera1] table with a device ("rpi-webrtc cameras" lists what is there)',
  ],
  // tables
  [
    `${camera}[vidoe]\ncodec = "vp8"`,
    'config.toml:3: vidoe: is not a table of this file: did you mean [video]?',
  ],
  [
    `${camera}[storage]\nx = 1`,
    'config.toml:3: storage: is not a table of this file: there are [server], [camera1], [camera2], ..., [video], [webrtc], [rtsp] and [limits]',
  ],
  [
    '[camera01]\ndevice = "/dev/video0"',
    'config.toml:1: camera01: is not a table of this file: did you mean [camera1]?',
  ],
  [
    '[camera0]\ndevice = "/dev/video0"',
    'config.toml:1: camera0: is not a table of this file: cameras are counted from [camera1]',
  ],
  [
    '[cam1]\ndevice = "/dev/video0"',
    'config.toml:1: cam1: is not a table of this file: did you mean [camera1]?',
  ],
  [
    '[Camera2]\ndevice = "/dev/video0"',
    'config.toml:1: Camera2: is not a table of this file: did you mean [camera2]?',
  ],
  [
    '[camera]\ndevice = "/dev/video0"',
    'config.toml:1: camera: is not a table of this file: did you mean [camera1]?',
  ],
  [
    '[camera100]\ndevice = "/dev/video0"',
    'config.toml:1: camera100: is not a table of this file: cameras go from [camera1] to [camera99]',
  ],
  [
    '[[camera1]]\ndevice = "/dev/video0"',
    'config.toml:1: camera1: is a list of tables: write [camera1] with single brackets',
  ],
  [
    'camera1 = "/dev/video0"',
    'config.toml:1: camera1: has to be a table: write [camera1] on a line of its own and the keys below it',
  ],
  [`web-port = 80\n${camera}`, 'config.toml:1: web-port: is outside a table: put it below [server]'],
  [`debug = true\n${camera}`, 'config.toml:1: debug: is outside a table, and no table has such a key'],
  // keys
  [
    `${camera}[server]\nweb_port = 8080`,
    'config.toml:4: server.web_port: is not a key of [server]: did you mean "web-port"?',
  ],
  [
    `${camera}heigth = 480`,
    'config.toml:3: camera1.heigth: is not a key of [camera1]: did you mean "height"?',
  ],
  [
    `${camera}[video]\nwidth = 640`,
    'config.toml:4: video.width: is not a key of [video]: it belongs below [cameraN]',
  ],
  [
    `${camera}[server]\nbitrate = 1000000`,
    'config.toml:4: server.bitrate: is not a key of [server]: it belongs below [cameraN] or [video]',
  ],
  [
    `${camera}on-demand = "yes"`,
    'config.toml:3: camera1.on-demand: "yes" has to be true or false: write true without quotes',
  ],
  [`${camera}on-demand = 10`, 'config.toml:3: camera1.on-demand: 10 has to be true or false'],
  [
    `${camera}on-demand-close-after = -1`,
    'config.toml:3: camera1.on-demand-close-after: -1 is too small: from 0 to 86400 seconds',
  ],
  [
    `${camera}[server]\nsecret = 1`,
    'config.toml:4: server.secret: is not a key of [server], which has web-port, site-name, bind-ip, pi-ip, tls-cert, tls-key, username, password, token, allow-origins, names, trusted-proxies',
  ],
  [
    `${camera}[server]\n"a b\\u001b[31m" = 1`,
    'config.toml:4: server."a b\\u001b[31m": is not a key of [server], which has web-port, site-name, bind-ip, pi-ip, tls-cert, tls-key, username, password, token, allow-origins, names, trusted-proxies',
  ],
  // devices
  [
    '[camera1]\nwidth = 640',
    'config.toml:1: camera1.device: is missing: write device = "/dev/video0", or what "rpi-webrtc cameras" lists',
  ],
  [
    '[camera1]\ndevice = ""',
    'config.toml:2: camera1.device: "" is empty: write a camera name, /dev/videoN, test:smpte, rtp://127.0.0.1:PORT or whip',
  ],
  [
    '[camera1]\ndevice = 0',
    'config.toml:2: camera1.device: 0 is a number: write "/dev/video0" for a USB camera, or "csi0" or "csi1" for a camera module',
  ],
  [
    '[camera1]\ndevice = true',
    'config.toml:2: camera1.device: true has to be text: write it in quotes, "true"',
  ],
  [
    '[camera1]\ndevice = "video0"',
    'config.toml:2: camera1.device: "video0" is not a device: write "/dev/video0"',
  ],
  [
    '[camera1]\ndevice = "test:smtpe"',
    'config.toml:2: camera1.device: "test:smtpe" is not a test picture: write for example "test:smpte"',
  ],
  [
    '[camera1]\ndevice = "test:Bars!"',
    'config.toml:2: camera1.device: "test:Bars!" is not a test picture: write for example "test:smpte"',
  ],
  [
    '[camera1]\ndevice = "rtp://10.0.0.5:5004"',
    'config.toml:2: camera1.device: "rtp://10.0.0.5:5004" has to be rtp://127.0.0.1:PORT: RTP is accepted from programs on this machine only',
  ],
  [
    '[camera1]\ndevice = "rtsp://10.0.0.5/live"',
    'config.toml:2: camera1.device: "rtsp://10.0.0.5/live" is an address this program does not fetch: write "rtp://127.0.0.1:5004" and codec = "h264", and run ffmpeg -rtsp_transport tcp -i URL -an -c:v copy -bsf:v dump_extra -f rtp "rtp://127.0.0.1:5004?pkt_size=1200"',
  ],
  [
    '[camera1]\ndevice = "a\\u0000b"',
    'config.toml:2: camera1.device: "a\\u0000b" has a control character in it: write the name again',
  ],
  // numbers
  [`${camera}width = "640"`, 'config.toml:3: camera1.width: "640" is text: write 640 without quotes or unit'],
  [
    `${camera}width = 641`,
    'config.toml:3: camera1.width: 641 is odd, and encoders accept even numbers only: write 640',
  ],
  [`${camera}height = 16`, 'config.toml:3: camera1.height: 16 is too small: from 32 to 4608 pixels'],
  [
    `${camera}width = 12345678901234567890`,
    'config.toml:3: camera1.width: a number of more than 15 digits has to be a whole number',
  ],
  [`${camera}fps = inf`, 'config.toml:3: camera1.fps: inf is too large: from 0.1 to 120 frames per second'],
  [`${camera}fps = nan`, 'config.toml:3: camera1.fps: NaN is too small: from 0.1 to 120 frames per second'],
  [`${camera}fps = 240`, 'config.toml:3: camera1.fps: 240 is too large: from 0.1 to 120 frames per second'],
  [`${camera}fps = true`, 'config.toml:3: camera1.fps: true has to be a number'],
  [
    `${camera}fps = "29.97"`,
    'config.toml:3: camera1.fps: "29.97" is text: write 29.97 without quotes or unit, or a range such as "5-30"',
  ],
  [`${camera}fps = "30-5"`, 'config.toml:3: camera1.fps: "30-5" begins with the larger number: write "5-30"'],
  [
    `${camera}fps = "fast"`,
    'config.toml:3: camera1.fps: "fast" is no frame rate: write a number such as 30, or a range such as "5-30"',
  ],
  [
    `${camera}fps = "0-30"`,
    'config.toml:3: camera1.fps: "0-30" is too small: from 0.1 to 120 frames per second',
  ],
  [
    `${camera}field-of-view = "wide"`,
    'config.toml:3: camera1.field-of-view: "wide" is no field of view: write "full", "auto", or the size of a sensor mode such as "2304x1296"',
  ],
  [
    `${camera}tuning-file = "noir.json"`,
    'config.toml:3: camera1.tuning-file: "noir.json" is no tuning file: write its absolute path, such as "/usr/share/libcamera/ipa/rpi/vc4/imx219_noir.json"',
  ],
  [
    `${camera}controls = 3`,
    'config.toml:3: camera1.controls: 3 has to be a table: write [cameraN.controls] and the controls below it',
  ],
  [
    `${camera}bitrate = 2000`,
    'config.toml:3: camera1.bitrate: 2000 is too small, bitrate is in bit/s: write 2000000 for 2000 kbit/s',
  ],
  [
    `${camera}bitrate = 2`,
    'config.toml:3: camera1.bitrate: 2 is too small, bitrate is in bit/s: write 2000000 for 2 Mbit/s',
  ],
  [
    `${camera}bitrate = 90000000`,
    'config.toml:3: camera1.bitrate: 90000000 is too large: from 25000 to 25000000 bit/s',
  ],
  [
    `${camera}keyframe-interval = 0`,
    'config.toml:3: camera1.keyframe-interval: 0 is too small: from 1 to 3600 frames',
  ],
  [`${camera}webrtc-port = 0`, 'config.toml:3: camera1.webrtc-port: 0 is too small: from 1 to 65535'],
  [
    `${camera}[server]\nweb-port = 65536`,
    'config.toml:4: server.web-port: 65536 is too large: from 1 to 65535',
  ],
  [
    `${camera}[webrtc]\nudp-port = -1`,
    'config.toml:4: webrtc.udp-port: -1 is too small: from 0 to 65535, and 0 selects any free port',
  ],
  [
    `${camera}[webrtc]\nmax-clients = 0`,
    'config.toml:4: webrtc.max-clients: 0 is too small: from 1 to 100 viewers of each camera',
  ],
  // words
  [
    `${camera}flip-method = "vertical"`,
    'config.toml:3: camera1.flip-method: "vertical" is not a flip-method: write none, clockwise, rotate-180, counterclockwise, horizontal-flip, vertical-flip, upper-left-diagonal, upper-right-diagonal, automatic, identity, 90r, 180, 90l, horiz, vert, ul-lr, ur-ll or auto',
  ],
  [
    `${camera}flip-method = 180`,
    'config.toml:3: camera1.flip-method: 180 has to be text: write it in quotes, "180"',
  ],
  [
    `${camera}[video]\ncodec = "VP9"`,
    'config.toml:4: video.codec: "VP9" is not a codec: did you mean "vp8"?',
  ],
  [
    `${camera}encoder = "nvh264enc"`,
    'config.toml:3: camera1.encoder: "nvh264enc" is not an encoder: write auto, v4l2h264enc, x264enc, openh264enc or vp8enc',
  ],
  [
    `${camera}format = "jpeg"`,
    'config.toml:3: camera1.format: "jpeg" is not a format: did you mean "mjpeg"?',
  ],
  [`${camera}name = " "`, 'config.toml:3: camera1.name: " " is empty: write a name or delete the line'],
  [`${camera}name = 1979-05-27`, 'config.toml:3: camera1.name: a date has to be text in quotes'],
  // addresses
  [
    `${camera}[server]\nbind-ip = "localhost"`,
    'config.toml:4: server.bind-ip: "localhost" is a name: write "127.0.0.1"',
  ],
  [
    `${camera}[server]\nbind-ip = "*"`,
    'config.toml:4: server.bind-ip: "*" is not an IP address: "::" listens on all of them',
  ],
  [
    `${camera}[server]\npi-ip = "raspberrypi.local"`,
    'config.toml:4: server.pi-ip: "raspberrypi.local" is not an IP address: write one such as "192.168.1.20"',
  ],
  [
    `${camera}[server]\npi-ip = "0.0.0.0"`,
    'config.toml:4: server.pi-ip: "0.0.0.0" is not an address that a browser can reach: write one such as "192.168.1.20"',
  ],
  [
    `${camera}[webrtc]\nannounce = "203.0.113.7"`,
    'config.toml:4: webrtc.announce: "203.0.113.7" has to be a list: write ["203.0.113.7"]',
  ],
  [
    `${camera}[webrtc]\nannounce = ["203.0.113.7", "stun:8555"]`,
    'config.toml:4: webrtc.announce.1: "stun:8555" is go2rtc\'s word for asking a STUN server: write webrtc.stun-server = "stun:HOST:PORT"',
  ],
  [
    `${camera}[webrtc]\nstun-server = "stun.example.org:3478"`,
    'config.toml:4: webrtc.stun-server: "stun.example.org:3478" has no scheme: write "stun:stun.example.org:3478"',
  ],
  [
    `${camera}[webrtc]\nstun-server = "turn:turn.example.org"`,
    'config.toml:4: webrtc.stun-server: "turn:turn.example.org" is not a STUN server over UDP: write "stun:HOST:PORT", and a TURN server as webrtc.turn-servers',
  ],
  [
    `${camera}[webrtc]\nstun-server = "stun:example.org:99999"`,
    'config.toml:4: webrtc.stun-server: "stun:example.org:99999" has port 99999: ports go from 1 to 65535',
  ],
  [
    `${camera}[webrtc]\nstun-server = "stun:a b"`,
    'config.toml:4: webrtc.stun-server: "stun:a b" is not a STUN server: write "stun:HOST:PORT", or "" for none',
  ],
  // conflicts
  [
    `${camera}webrtc-port = 8080`,
    'config.toml:3: camera1.webrtc-port: 8080 is the port of server.web-port too: give each a port of its own',
  ],
  [
    `${camera}[rtsp]\nport = 5557`,
    'config.toml:4: rtsp.port: 5557 is the port of camera1.webrtc-port too: give each a port of its own',
  ],
  [
    `${camera}[camera2]\ndevice = "/dev/video1"\nwebrtc-port = 5557`,
    'config.toml:5: camera2.webrtc-port: 5557 is the port of camera1.webrtc-port too: give each a port of its own',
  ],
  [
    `${camera}[camera2]\ndevice = "/dev/video0"`,
    'config.toml:4: camera2.device: "/dev/video0" is the device of camera1 too: a camera can be opened only once',
  ],
  [
    '[camera1]\ndevice = "rtp://127.0.0.1:8189"',
    'config.toml:2: camera1.device: "rtp://127.0.0.1:8189" uses the UDP port of webrtc.udp-port: change one of them',
  ],
  [
    '[camera1]\ndevice = "whip"',
    'config.toml:1: camera1.whip-token: is missing: write a secret for the publisher, such as "openssl rand -hex 16" prints, or set server.username and server.password',
  ],
  [
    '[server]\ntoken = "0123456789abcdef"\n[camera1]\ndevice = "whip"\nwhip-token = "0123456789abcdef"',
    'config.toml:5: camera1.whip-token: is server.token too, so that every viewer could publish: write another one',
  ],
  [
    '[camera1]\ndevice = "whip"\nwhip-token = "0123456"',
    'config.toml:3: camera1.whip-token: has 7 characters, which can be guessed: write at least 16, such as "openssl rand -hex 16" prints',
  ],
  [
    `${camera}codec = "h264"\nencoder = "vp8enc"`,
    'config.toml:4: camera1.encoder: "vp8enc" encodes vp8, but camera1.codec is h264: write "auto"',
  ],
  [
    `${camera}[camera2]\ndevice = "/dev/video1"\n[video]\nencoder = "x264enc"`,
    'config.toml:6: video.encoder: "x264enc" encodes h264, but video.codec is vp8: write "auto"',
  ],
  [
    `${camera}codec = "vp8"\n[video]\ncodec = "h264"\nencoder = "x264enc"`,
    'config.toml:3: camera1.codec: "vp8" does not fit video.encoder, which is "x264enc": write encoder = "auto" in [camera1]',
  ],
  [
    `${camera}codec = "h264"\nencoder = "v4l2h264enc"\nfps = 5`,
    'config.toml:5: camera1.fps: "5" makes v4l2h264enc hang: write at least 9, or encoder = "x264enc"',
  ],
  [
    `${camera}codec = "h264"\nencoder = "v4l2h264enc"\n[video]\nkeyframe-interval = 1`,
    'config.toml:6: video.keyframe-interval: 1 makes v4l2h264enc hang: write at least 2, or encoder = "x264enc"',
  ],
  [
    `${camera}codec = "h264"\nencoder = "v4l2h264enc"\nwidth = 2592`,
    'config.toml:5: camera1.width: 2592 is more than v4l2h264enc accepts: write at most 1920, or encoder = "x264enc"',
  ],
  [
    `${camera}format = "h264"`,
    'config.toml: video.codec: "vp8" does not fit camera1.format = "h264", which passes the camera\'s own stream through: write codec = "h264" in [camera1]',
  ],
  [
    `${camera}format = "h264"\ncodec = "vp8"`,
    'config.toml:4: camera1.codec: "vp8" does not fit camera1.format = "h264", which passes the camera\'s own stream through: write codec = "h264" in [camera1]',
  ],
  [
    `${camera}format = "h264"\ncodec = "h264"\nflip-method = "rotate-180"`,
    'config.toml:5: camera1.flip-method: "rotate-180" cannot be applied to camera1.format = "h264", which is passed through without decoding: remove it, or write format = "auto"',
  ],
  [
    `${camera}format = "h264"\ncodec = "h264"\noverlay = "%H:%M"`,
    'config.toml:5: camera1.overlay: "%H:%M" cannot be drawn into the H.264 of the camera: delete it, or write format = "auto"',
  ],
  [
    '[camera1]\ndevice = "/base/soc/i2c0mux/i2c@1/imx219@10"\nformat = "h264"\ncodec = "h264"',
    'config.toml:3: camera1.format: "h264" is for USB cameras: a camera module delivers raw frames, write "auto"',
  ],
  // not TOML
  [
    `${camera}width = 640\nwidth = 800`,
    'config.toml:4: camera1.width: is written twice (first on line 3): delete one of them',
  ],
  [`${camera}\n${camera}`, 'config.toml:4: camera1: is written twice (first on line 1): delete one of them'],
  [
    '[camera1]\ndevice = "/dev/video0',
    'config.toml:2:22: the quote is not closed: end the text with the quote it begins with, in: device = "/dev/video0',
  ],
  [
    '[camera1]\ndevice = /dev/video0',
    'config.toml:2:10: there is no value here: text needs quotes, true and false are small letters, in: device = /dev/video0',
  ],
  [
    '[camera1]\ndevice = “/dev/video0”',
    'config.toml:2:10: these are typographic quotes: write straight ones, "like this", in: device = “/dev/video0”',
  ],
  [
    '[camera1]\nwidth = 640px',
    'config.toml:2:12: the line continues after the value: text needs quotes, numbers have no units, a comment begins with #, in: width = 640px',
  ],
  [
    '[camera1]\nwidth =',
    'config.toml:2:8: there is no value here: text needs quotes, true and false are small letters, in: width =',
  ],
  ['[camera1]\nwidth 640', 'config.toml:2:7: after the key comes "=": write key = value, in: width 640'],
  [
    '[camera1]\nwidth = 0640',
    'config.toml:2:13: this is not a number: write it without unit, leading zero or spaces, text in quotes, in: width = 0640',
  ],
  ['[camera 1]', 'config.toml:1:9: a table name is one word in brackets, such as [camera1], in: [camera 1]'],
  ['[camera1', 'config.toml:1:9: a table name is one word in brackets, such as [camera1], in: [camera1'],
  [
    '{ "camera1": {} }',
    'config.toml:1:1: a line begins with a key, a [table] or a # comment, in: { "camera1": {} }',
  ],
  [
    '[camera1]\ndevice = "C:\\x"',
    'config.toml:2:14: a backslash is an escape in double quotes: write the text in single quotes, in: device = "C:\\x"',
  ],
  [
    '[webrtc]\nannounce = ["1.2.3.4"',
    'config.toml:2:22: a list is written ["first", "second"], with commas between the values and ] at its end, in: announce = ["1.2.3.4"',
  ],
  [
    '[webrtc]\nannounce = ["1.2.3.4" "1.2.3.5"]',
    'config.toml:2:23: a list is written ["first", "second"], with commas between the values and ] at its end, in: announce = ["1.2.3.4" "1.2.3.5"]',
  ],
  [`${camera}[__proto__]\nx = 1`, 'config.toml:3: __proto__: cannot be the name of a table or key'],
  [`constructor.x = 1`, 'config.toml:1: constructor: cannot be the name of a table or key'],
  ['x'.repeat(300_000), 'the text has 300000 characters, more than 262144: this is not a configuration'],
]

describe('files that are rejected', () => {
  test.each(broken)('%j is rejected with a message that says how to fix it', (toml, message) =>
    expect(problemsOf(toml)).toEqual([message]),
  )

  test('all problems are reported at once in the order of the lines, conflicts included', () =>
    expect(
      problemsOf(`web-port = 8080
[server]
web_port = 8080
[camera1]
device = "video0"
width = "640"
[camera2]
fps = 0
[camera3]
device = "/dev/video0"
[camera4]
device = "/dev/video0"
webrtc-port = 5559
[video]
codec = "h265"
`),
    ).toEqual([
      'config.toml:1: web-port: is outside a table: put it below [server]',
      'config.toml:3: server.web_port: is not a key of [server]: did you mean "web-port"?',
      'config.toml:5: camera1.device: "video0" is not a device: write "/dev/video0"',
      'config.toml:6: camera1.width: "640" is text: write 640 without quotes or unit',
      'config.toml:7: camera2.device: is missing: write device = "/dev/video0", or what "rpi-webrtc cameras" lists',
      'config.toml:8: camera2.fps: 0 is too small: from 0.1 to 120 frames per second',
      'config.toml:12: camera4.device: "/dev/video0" is the device of camera3 too: a camera can be opened only once',
      'config.toml:13: camera4.webrtc-port: 5559 is the port of camera3.webrtc-port too: give each a port of its own',
      'config.toml:15: video.codec: "h265" is not a codec: did you mean "h264"?',
    ]))

  test('a wrong value takes no part in the search for conflicts', () =>
    expect(
      problemsOf(
        '[camera1]\ndevice = "test:ball"\nwebrtc-port = "x"\n[camera2]\ndevice = "test:ball"\nwebrtc-port = 5557',
      ),
    ).toEqual(['config.toml:3: camera1.webrtc-port: "x" is text, but has to be a whole number']))

  test('no file can pollute a prototype', () => {
    problemsOf('constructor.polluted = 1\n[__proto__]\npolluted = 1')
    problemsOf('"__proto__" = { polluted = 1 }')
    problemsOf('[camera1]\n__proto__.polluted = 1')
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
    expect((Object as unknown as Record<string, unknown>)['polluted']).toBeUndefined()
  })
})

describe('a key under its former name', () => {
  const limits = (lines: string): string => `${camera}[limits]\n${lines}\n`

  test('is accepted with a warning that has its line and the new name', () => {
    const { config, warnings } = parseConfigWithWarnings(
      limits('silent-websocket-seconds = 9'),
      'config.toml',
    )
    expect(config).toEqual(parseConfig(limits('websocket-idle-timeout-seconds = 9'), 'config.toml'))
    expect(config.limits.websocketIdleTimeoutMs).toBe(9000)
    expect(warnings).toEqual([
      {
        detail:
          'config.toml:4: limits.silent-websocket-seconds: was renamed to websocket-idle-timeout-seconds',
        hint: 'write the new name, because the next release rejects the old one',
      },
    ])
  })

  test('beside its new name is a problem that names both', () =>
    expect(problemsOf(limits('websocket-idle-timeout-seconds = 9\nsilent-websocket-seconds = 9'))).toEqual([
      'config.toml:5: limits.silent-websocket-seconds: is the former name of websocket-idle-timeout-seconds, which the table has too: delete this line',
    ]))

  test('with a wrong value is reported as it is written', () =>
    expect(problemsOf(limits('silent-websocket-seconds = 0'))).toEqual([
      'config.toml:4: limits.silent-websocket-seconds: 0 is too small: from 1 to 86400 seconds',
    ]))

  test('is not needed: a current file has no warnings', () =>
    expect(parseConfigWithWarnings(camera, 'config.toml').warnings).toEqual([]))
})

describe('config.example.toml', () => {
  const example = readFileSync('config.example.toml', 'utf8')

  test('is exactly the defaults', () =>
    expect(parseConfig(example, 'config.example.toml')).toEqual(defaultConfig()))

  test('explains every key', () => {
    const sections = new Map(
      example
        .split(/^\[/m)
        .slice(1)
        .map((section) => [section.slice(0, section.indexOf(']')), section]),
    )
    for (const [kind, keys] of Object.entries(CONFIG_KEYS)) {
      const section = sections.get(kind === 'camera' ? 'camera1' : kind)
      for (const key of keys) expect(section, `${kind}.${key}`).toMatch(new RegExp(`^#?${key} = .+$`, 'm'))
    }
  })

  // A TURN server has a secret or fixed credentials.
  test.each(['turn-secret', 'turn-username'])(
    'has only keys that exist, also where they are commented out, here without %s',
    (alternative) => {
      const others = alternative === 'turn-secret' ? [alternative] : ['turn-username', 'turn-password']
      const all = example.replaceAll(/^#(?=[a-z-]+ = )/gm, '')
      expect(
        problemsOf(others.reduce((text, key) => text.replace(`\n${key} =`, `\n#${key} =`), all)),
      ).toEqual([])
    },
  )
})
