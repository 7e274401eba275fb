import { describe, expect, test } from 'vitest'
import { ConfigError } from '../errors.js'
import { diffConfig } from './diff.js'
import { parseConfig, testModeConfig } from './parse.js'

const CAMERA = '[camera1]\ndevice = "test:ball"\n'
const audioOf = (toml: string) => parseConfig(CAMERA + toml, 'config.toml').cameras[0]!.audio

function problemOf(toml: string): string {
  try {
    audioOf(toml)
  } catch (error) {
    if (error instanceof ConfigError) return error.problems.join('\n')
    throw error
  }
  return ''
}

test.each([
  ['[camera1.audio]\ndevice = "auto"', { device: 'auto', bitrate: 32_000 }],
  [
    'audio = { device = "hw:CARD=C920,DEV=0", bitrate = 16000 }',
    { device: 'hw:CARD=C920,DEV=0', bitrate: 16_000 },
  ],
  ['[camera1.audio]\ndevice = "hw:1"', { device: 'hw:1', bitrate: 32_000 }],
  ['[camera1.audio]\ndevice = "default"', { device: 'default', bitrate: 32_000 }],
  ['[camera1.audio]\ndevice = "test"', { device: 'test', bitrate: 32_000 }],
  ['[camera1.audio]\ndevice = false', undefined],
  ['audio = false', undefined],
  ['', undefined],
])('%j', (toml, audio) => expect(audioOf(toml)).toEqual(audio))

describe('an error says what to write', () => {
  test.each([
    [
      'audio = true',
      'has to be a table: write [cameraN.audio] on a line of its own, and device = "auto" below it',
    ],
    ['audio = "auto"', 'has to be a table'],
    ['[camera1.audio]\nbitrate = 32000', 'has no device: write "auto"'],
    ['[camera1.audio]\ndevice = 1', 'has a device that has to be text: write it in quotes, "1"'],
    ['[camera1.audio]\ndevice = "auto"\ndevise = "x"', 'did you mean "device"?'],
    ['[camera1.audio]\ndevice = "auto"\nvolume = 3', 'it may have device and bitrate'],
    ['[camera1.audio]\ndevice = "auto"\nbitrate = 32', 'write 32000 for 32 kbit/s'],
    ['[camera1.audio]\ndevice = "auto"\nbitrate = "32k"', 'has a bitrate that is text'],
    ['[camera1.audio]\ndevice = "auto"\nbitrate = 1000000', 'is too large: write one from 6000 to 128000'],
    ['[camera1.audio]\ndevice = "/dev/snd/pcmC1D0c"', 'ALSA names it "hw:1,0"'],
    ['[camera1.audio]\ndevice = "card 1"', 'write "hw:1" for card 1'],
    ['[camera1.audio]\ndevice = "1"', 'write "hw:1" for card 1'],
    ['[camera1.audio]\ndevice = "test:sine"', 'the test sound is "test"'],
    ['[camera1.audio]\ndevice = "alsa_input.usb-046d"', 'a name of PulseAudio'],
    ['[camera1.audio]\ndevice = ""', 'which is no name of ALSA'],
    ['[camera1.audio]\ndevice = "hw:0 ! filesink location=/x"', 'which is no name of ALSA'],
  ])('%j', (toml, message) => {
    expect(problemOf(toml)).toContain(message)
    expect(problemOf(toml)).toMatch(/^config\.toml:\d+: camera1\.audio/)
  })

  test.each(['rtp://127.0.0.1:5004', 'whip'])('for a camera of %s', (device) =>
    expect(() =>
      parseConfig(
        `[server]\nusername = "a"\npassword = "b"\n[camera1]\ndevice = "${device}"\naudio = { device = "auto" }`,
        'config.toml',
      ),
    ).toThrow('is for cameras that this program captures'),
  )
})

test('a change of the sound starts no other capture process', () => {
  const [before, after] = [32_000, 64_000].map((bitrate) =>
    parseConfig(`${CAMERA}audio = { device = "auto", bitrate = ${bitrate} }`, 'config.toml'),
  )
  expect(diffConfig(before!, after!)).toMatchObject({ keys: ['camera1.audio'], restarted: [], replaced: [] })
})

test('in test mode a camera with sound has the test sound, and others none', () => {
  const config = parseConfig(
    `${CAMERA}audio = { device = "hw:0" }\n[camera2]\ndevice = "test:ball"`,
    'config.toml',
  )
  expect(testModeConfig(config).cameras.map(({ audio }) => audio?.device)).toEqual(['test', undefined])
})
