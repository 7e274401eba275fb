import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { ConfigError } from '../errors.js'
import { CONFIG_KEYS } from './keys.js'
import { foreignKey } from './foreign-keys.js'
import { PICTURE_ROWS } from './foreign-picture.js'
import { SERVICE_ROWS } from './foreign-services.js'
import { parseConfig } from './parse.js'

const problemsOf = (toml: string): readonly string[] => {
  try {
    parseConfig(toml, 'config.toml')
  } catch (error) {
    if (error instanceof ConfigError) return error.problems
    throw error
  }
  return []
}

/** A line in [camera1] -> what the message ends with. */
const CAMERA: readonly (readonly [string, string])[] = [
  // Picture
  ['rotation = 180', 'write flip-method = "rotate-180"'],
  ['rotate = 90', 'write flip-method = "clockwise"'],
  ['rpiCameraRotation = 270', 'write flip-method = "counterclockwise"'],
  ['rotation = 0', 'it is not needed here: delete the line'],
  ['hflip = true', 'write flip-method = "horizontal-flip"'],
  ['rpiCameraVFlip = true', 'write flip-method = "vertical-flip"'],
  ['vflip = false', 'it is not needed here: delete the line'],
  ['resolution = "1280x720"', 'write width = 1280 and height = 720'],
  ['video_size = "720p"', 'write width = 1280 and height = 720'],
  ['size = [1920, 1080]', 'write width = 1920 and height = 1080'],
  ['camera-width = 1920', 'write width = 1920'],
  ['rpiCameraHeight = 1080', 'write height = 1080'],
  ['mode = "2304:1296:10:P"', 'write field-of-view = "2304x1296"'],
  ['framerate = 15', 'write fps = 15'],
  ['max_fps = "30fps"', 'write fps = 30'],
  ['rpiCameraFPS = 25', 'write fps = 25'],
  ['input_format = "mjpeg"', 'write format = "mjpeg"'],
  ['v4l2_palette = 15', 'write format = "raw"'],
  ['rpiCameraBitrate = 5000000', 'write bitrate = 5000000'],
  ['video_bitrate = "2M"', 'write bitrate = 2000000'],
  ['max_bitrate = 2500', 'write bitrate = 2500000'],
  ['rpiCameraIDRPeriod = 60', 'write keyframe-interval = 60'],
  ['rpiCameraCodec = "hardwareH264"', 'write codec = "h264"'],
  ['sourceOnDemand = true', 'write on-demand = true'],
  ['sourceOnDemandCloseAfter = "10s"', 'write on-demand-close-after = 10'],
  ['rpiCameraTextOverlay = "%H:%M"', 'write overlay = "%H:%M"'],
  ['rpiCameraTuningFile = "/a.json"', 'write tuning-file = "/a.json"'],
  ['rpiCameraHDR = true', 'write hdr = true'],
  // Device
  ['source = "rpiCamera"', 'write device = "csi0"'],
  ['camera = "libcamera:1"', 'write device = "csi1"'],
  ['videodevice = "/dev/video0"', 'write device = "/dev/video0"'],
  ['path = "v4l2:device?video=/dev/video2"', 'write device = "/dev/video2"'],
  ['title = "Printer"', 'write name = "Printer"'],
  // Controls
  ['brightness = 0.1', 'write brightness = 0.1 in [camera1.controls]'],
  ['rpiCameraContrast = 1.5', 'write contrast = 1.5 in [camera1.controls]'],
  ['autofocus-mode = "manual"', 'write autofocus = "manual" in [camera1.controls]'],
  ['rpiCameraAfMode = "auto"', 'write autofocus = "continuous" in [camera1.controls]'],
  ['lens-position = 2.5', 'write lens-position = 2.5 in [camera1.controls]'],
  ['rpiCameraAfRange = "macro"', 'write autofocus-range = "macro" in [camera1.controls]'],
  ['rpiCameraAfSpeed = "fast"', 'write autofocus-speed = "fast" in [camera1.controls]'],
  ['af-window = "0.4,0.4,0.2,0.2"', 'write autofocus-window = [0.4, 0.4, 0.2, 0.2] in [camera1.controls]'],
  ['exposure = "sport"', 'write exposure = "short" in [camera1.controls]'],
  ['shutter = 10000', 'write exposure-time-us = 10000 in [camera1.controls]'],
  ['gain = 2.5', 'write analogue-gain = 2.5 in [camera1.controls]'],
  ['iso = 400', 'write analogue-gain = 4 in [camera1.controls]'],
  ['ev = -0.5', 'write exposure-value = -0.5 in [camera1.controls]'],
  ['metering = "centre"', 'write metering = "centre-weighted" in [camera1.controls]'],
  ['awb = "greyworld"', 'write awb = "auto" in [camera1.controls]'],
  ['rpiCameraAWB = "tungsten"', 'write awb = "tungsten" in [camera1.controls]'],
  ['awbgains = "1.8,1.5"', 'write colour-gains = [1.8, 1.5] in [camera1.controls]'],
  ['roi = "0.25,0.25,0.5,0.5"', 'write zoom = [0.25, 0.25, 0.5, 0.5] in [camera1.controls]'],
  [
    'v4l2ctl = "focus_automatic_continuous=0,focus_absolute=45"',
    'write focus_automatic_continuous = 0 and focus_absolute = 45 in [camera1.controls]',
  ],
  ['denoise = "cdn_off"', 'which GStreamer cannot set on a camera module: delete the line'],
  ['flicker-period = 10000', 'write power_line_frequency = 1 (50 Hz) or 2 (60 Hz) in [cameraN.controls]'],
  // Not part of this program
  ['microphone = true', 'write [cameraN.audio] on a line of its own, and device = "auto" below it'],
  ['custom_flags = "--x"', 'write each setting as a key of this file'],
  ['record = true', 'or as MJPEG (/camera1/stream.mjpg)'],
  ['enable_rtsp = true', 'write port = 8554 in [rtsp]'],
  ['rtsp_port = 8555', 'write port = 8555 in [rtsp] if recorders need it'],
  ['rtspsAddress = ":8322"', 'and use a VPN (docs/recorders.md)'],
  ['port = 8080', 'write web-port = 8080 in [server]'],
  ['enabled = false', 'a camera is switched off by deleting its table: delete the line'],
  ['jpeg_quality = 80', 'and that of snapshots is fixed: delete the line'],
  ['pass = "hunter2"', '"rpi-webrtc hash-password" prints the password line'],
  ['mqtt-host = "a"', 'let that server read http://PI:8080/camera1/whep'],
]

describe('a key of another program in the table of a camera', () => {
  test.each(CAMERA)('%s', (line, answer) => {
    const [problem = '', ...others] = problemsOf(`[camera1]\ndevice = "test:ball"\n${line}`)
    expect(others).toEqual([])
    expect(problem).toMatch(/^config\.toml:3: camera1\.[\w-]+: is not a key of \[camera1\]: /)
    expect(problem.endsWith(answer), problem).toBe(true)
  })

  test('that is mirrored both ways is turned', () =>
    expect(
      problemsOf('[camera1]\ndevice = "test:ball"\nrpiCameraHFlip = true\nrpiCameraVFlip = true'),
    ).toEqual([
      'config.toml:3: camera1.rpiCameraHFlip: is not a key of [camera1]: write flip-method = "rotate-180"',
      'config.toml:4: camera1.rpiCameraVFlip: is not a key of [camera1]: write flip-method = "rotate-180"',
    ]))

  test('never shows a password', () => {
    const toml =
      '[camera1]\ndevice = "test:ball"\nsource = "rtsp://admin:hunter2@10.0.0.4/live"\npass = "hunter2"'
    expect(problemsOf(toml).join()).not.toContain('hunter2')
  })
})

describe('a key of another program elsewhere', () => {
  const camera = '[camera1]\ndevice = "test:ball"\n'
  test.each([
    [`webrtcAddress = ":8889"\n${camera}`, 'is not a key of this file: write web-port = 8889 in [server]'],
    [
      `webrtcLocalUDPAddress = ":8189"\n${camera}`,
      'is not a key of this file: write udp-port = 8189 in [webrtc]',
    ],
    [`rpiCameraWidth = 640\n${camera}`, 'is not a key of this file: write width = 640 in [cameraN]'],
    [`${camera}[server]\nlisten = "127.0.0.1:8081"`, 'write web-port = 8081 and bind-ip = "127.0.0.1"'],
    [`${camera}[server]\nhost = "0.0.0.0"`, 'write bind-ip = "0.0.0.0"'],
    [`${camera}[server]\nssl_cert = "/a.pem"`, 'write tls-cert = "/a.pem"'],
    [`${camera}[video]\nrotation = 180`, 'write flip-method = "rotate-180" in [cameraN]'],
    [`${camera}[video]\ngop = 30`, 'write keyframe-interval = 30'],
    [`${camera}[webrtc]\nturn-server = "turn:example.org"`, 'write turn-servers ='],
    [
      `${camera}[webrtc]\nstun-url = "stun:stun.example.org:3478"`,
      'write stun-server = "stun:stun.example.org:3478"',
    ],
    [
      `${camera}[webrtc]\nice-servers = [{ urls = "stun:stun.example.org" }]`,
      'write stun-server = "stun:stun.example.org"',
    ],
    [`${camera}[webrtc]\nice-servers = [{ urls = "turn:t.example.org" }]`, 'write turn-servers ='],
    [`${camera}[webrtc]\nwebrtcAdditionalHosts = ["203.0.113.7"]`, 'write announce = ["203.0.113.7"]'],
    [`${camera}[webrtc]\nmax-viewers = 8`, 'it belongs below [limits]'],
    [`${camera}[webrtc]\nmaxReaders = 8`, 'write max-clients = 8'],
    [`${camera}[rtsp]\nrtspAddress = ":8554"`, 'write port = 8554 in [rtsp] if recorders need it'],
    [`${camera}[record]\npath = "/a"`, 'or as MJPEG (/camera1/stream.mjpg)'],
    [`${camera}[streams]\na = "b"`, 'cameras are tables of this file'],
  ])('%j', (toml, answer) => {
    const problems = problemsOf(toml)
    expect(problems).toHaveLength(1)
    expect(problems[0]!.endsWith(answer) || problems[0]!.includes(`: ${answer}`), problems[0]).toBe(true)
  })
})

test('every key of the list of wishes is answered', () => {
  const problems = problemsOf(readFileSync('test/fixtures/configs/wishes.toml', 'utf8'))
  expect(problems).toHaveLength(15) // with hdr and tuning-file, which a test picture does not have
  for (const problem of problems) expect(problem).not.toContain(', which has ')
})

describe('the table of foreign keys', () => {
  const names = [...PICTURE_ROWS, ...SERVICE_ROWS].flatMap(([spellings]) => spellings.split(' '))

  test('has each name once', () => expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([]))

  test('has no name that is a key of this program, whose suggestion is better', () => {
    // Outside of [rtsp] a port is that of other programs' web pages.
    const own = Object.values({ ...CONFIG_KEYS, rtsp: [] }).flat()
    expect(own.map((key) => key.replaceAll('-', '')).filter((key) => names.includes(key))).toEqual([])
  })

  test('has no name that can never be looked up', () =>
    expect(names.filter((name) => !/^[a-z0-9]+$/.test(name))).toEqual([]))

  test('answers every name for every kind of value', () => {
    for (const name of names)
      for (const value of [undefined, '', 'x', 1, -1, true, [], {}, new Date(0), '__proto__', 'constructor'])
        expect(foreignKey(name, value), name).toBeDefined()
  })

  test('only tells to write keys that exist', () => {
    const keys = new Set(Object.values(CONFIG_KEYS).flat())
    for (const name of names)
      for (const value of ['1', 'x', 'true', '1280x720', 'stun:a'])
        for (const { table, key } of settingsOf(foreignKey(name, value)))
          if (table !== 'controls') expect(keys, `${name} ${key}`).toContain(key)
  })
})

const settingsOf = (answer: ReturnType<typeof foreignKey>) => (typeof answer === 'object' ? answer : [])
