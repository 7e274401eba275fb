import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { ConfigError } from '../errors.js'
import { parseConfig } from './parse.js'

const FOLDER = 'test/fixtures/configs/foreign'
const read = (name: string): string => readFileSync(`${FOLDER}/${name}`, 'utf8')

const problemsOf = (text: string): readonly string[] => {
  try {
    parseConfig(text, 'config.toml')
  } catch (error) {
    if (error instanceof ConfigError) return error.problems
    throw error
  }
  return []
}
/** The lines to paste. */
const pasted = (problem: string): string =>
  problem
    .split('\n')
    .filter((line) => line.startsWith('    '))
    .map((line) => line.trim())
    .join('\n')

/** A file of another program -> what it is, and a configuration of ours. */
const FILES: Record<string, readonly [what: string, toml: string]> = {
  'mediamtx.yml': [
    'a configuration of MediaMTX in YAML',
    `[camera1]
device = "csi0"
width = 1920
height = 1080
flip-method = "rotate-180"
field-of-view = "2304x1296"
bitrate = 5000000
fps = 25
overlay = "%Y-%m-%d - MediaMTX"
[camera1.controls]
awb = "auto"
autofocus = "manual"
lens-position = 2.5
[server]
web-port = 8889
[webrtc]
stun-server = "stun:stun.l.google.com:19302"
announce = ["203.0.113.7"]`,
  ],
  'go2rtc.yaml': [
    'a configuration of go2rtc in YAML',
    '[camera1]\ndevice = "/dev/video0"\n[camera2]\ndevice = "/dev/video2"\n[server]\nweb-port = 1984',
  ],
  'crowsnest.conf': [
    'a configuration of crowsnest',
    `[camera1]
device = "/dev/v4l/by-id/usb-046d_C270-video-index0"
width = 640
height = 480
fps = 15
[camera1.controls]
focus_automatic_continuous = 0
focus_absolute = 45
[camera2]
device = "/dev/video2"
width = 1280
height = 720
fps = 30
[server]
web-port = 8080`,
  ],
  'motion.conf': [
    'a configuration of motion',
    `[camera1]
device = "/dev/video0"
format = "mjpeg"
width = 640
height = 480
fps = 15
flip-method = "rotate-180"
overlay = "CAMERA1"
[server]
web-port = 8081`,
  ],
  'ustreamer.sh': [
    'a command line of another program',
    `[camera1]
device = "/dev/video0"
width = 1280
height = 720
fps = 30
format = "mjpeg"
[server]
web-port = 8080`,
  ],
  'pi-webrtc.txt': [
    'a list of flags of another program',
    `[camera1]
device = "csi0"
fps = 30
width = 1280
height = 960
flip-method = "rotate-180"
[webrtc]
stun-server = "stun:stun.l.google.com:19302"`,
  ],
  'ours.yaml': ['a configuration in YAML', '[camera1]\ndevice = "/dev/video0"\nwidth = 640'],
}

test('every file is tried', () => expect(readdirSync(FOLDER).sort()).toEqual(Object.keys(FILES).sort()))

describe('a file of another program is one problem', () => {
  test.each(Object.entries(FILES))('%s', (name, [what, toml]) => {
    const problems = problemsOf(read(name))
    expect(problems).toHaveLength(1)
    expect(problems[0]).toContain(
      `config.toml: this is ${what}, and this program has a configuration of its own`,
    )
    expect(pasted(problems[0]!)).toBe(toml)
  })

  test('whose lines to paste are a valid configuration', () => {
    for (const [, toml] of Object.values(FILES)) expect(problemsOf(toml), toml).toEqual([])
  })

  test('with the way to show a stream that has to be fetched, without its password', () => {
    const [problem = ''] = problemsOf('paths:\n  garden:\n    source: rtsp://admin:hunter2@10.0.0.4/live\n')
    expect(pasted(problem)).toMatch(
      /^\[camera1\]\ndevice = "\.\.\." # write it as device: "rtsp:\/\/10\.0\.0\.4\/live" .* run ffmpeg /,
    )
    expect(problem).not.toContain('hunter2')
  })

  test.each([
    ['[Unit]\nDescription=Camera\n[Service]\nExecStart=/usr/bin/ustreamer', 'a unit of systemd'],
    ['dtoverlay=imx708,cam0\ncamera_auto_detect=0\n[all]\n', "the Raspberry Pi's config.txt"],
    ['services:\n  cam:\n    image: x\n', 'a file of Docker Compose in YAML'],
    ['[webcam printer]\nservice: webrtc\n', 'a configuration of Moonraker or Klipper'],
    ['camera:\n  - platform: ffmpeg\n    input: -i /dev/video0\n', 'a configuration of Home Assistant'],
    ['ffmpeg -i /dev/video0 -f rtp rtp://127.0.0.1:5004', 'a command'],
  ])('%j', (text, what) => expect(problemsOf(text)).toEqual([expect.stringContaining(`this is ${what}`)]))
})

describe('TOML with an error is no file of another program', () => {
  test.each([
    [
      '[server]\nweb-port = 8080\n[camera1]\ndevice = "/dev/video0"\nwidth: 640',
      'config.toml:5:6: after the key comes "="',
    ],
    ['[camera1]\ndevice = /dev/video0', 'config.toml:2:10: there is no value here'],
    ['[camera 1]\ndevice = "/dev/video0"', 'config.toml:1:9: a table name is one word'],
    ['[camera1]\nwidth 640', 'config.toml:2:7: after the key comes "="'],
  ])('%j', (toml, message) => expect(problemsOf(toml)).toEqual([expect.stringContaining(message)]))
})

test('a text of the largest size is answered in time', () => {
  for (const part of ['a: b\n', '- - - ', '--a ', '[a]\nb: c\n', 'a:\n a:\n', ' '])
    expect(problemsOf(`${part.repeat(Math.floor(250_000 / part.length))}!`)).toHaveLength(1)
})
