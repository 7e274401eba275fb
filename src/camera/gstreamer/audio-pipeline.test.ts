import { expect, test } from 'vitest'
import { parseConfig } from '../../config/parse.js'
import { audioCommand, audioSsrc, buildAudioPipeline } from './audio-pipeline.js'
import type { Machine } from './machine.js'
import { cameraSsrc } from './rtp-output.js'

const camera = parseConfig('[camera1]\ndevice = "test:ball"\naudio = { device = "auto" }', 'x').cameras[0]!
const audio = { device: 'auto', bitrate: 24_000 }
const port = 14_557

const machine = (...elements: string[]): Machine => ({
  gstreamer: '1.22.0',
  elements: new Set(elements),
  libcamerasrcProperties: new Set(),
  libcamera: undefined,
  sensors: new Map(),
  setpriv: true,
  cores: 4,
  model: undefined,
})
const command = (...elements: string[]) =>
  audioCommand({
    camera,
    audio,
    source: 'hw:CARD=C920',
    port,
    machine: machine(...elements),
    env: {},
    debug: false,
  })

test('the sound card is not the clock of the pipeline', () => {
  const line = buildAudioPipeline({ camera, audio, source: 'hw:CARD=C920', port }).join(' ')
  expect(line).toContain('alsasrc device="hw:CARD=C920" provide-clock=false')
  expect(line).toContain('ntp-time-source=clock-time rtcp-sync-send-time=false')
})

test('the test sound needs no sound card', () =>
  expect(buildAudioPipeline({ camera, audio, source: undefined, port }).join(' ')).not.toContain('alsasrc'))

test('its RTP and RTCP go to one port of this machine, in a stream of its own', () => {
  const args = buildAudioPipeline({ camera, audio, source: undefined, port })
  expect(args.filter((word) => word === `port=${port}`)).toHaveLength(2)
  expect(args.filter((word) => word === 'bind-address=127.0.0.1')).toHaveLength(2)
  expect(args).toContain(`ssrc=${audioSsrc(camera)}`)
  expect(args).toContain('bitrate=24000')
  expect(audioSsrc(camera)).not.toBe(cameraSsrc(camera))
})

test('it ends with this program', () =>
  expect(command('alsasrc', 'audioconvert', 'audioresample', 'opusenc', 'rtpopuspay')).toMatchObject({
    file: 'setpriv',
    snapshots: false,
  }))

test('a missing element is named, with the package that has it', () =>
  expect(command('audioconvert', 'audioresample', 'opusenc', 'rtpopuspay')).toEqual({
    cause: 'audio-missing-plugin',
    message: 'GStreamer has no "alsasrc", which sound needs.',
    hint: 'sudo apt install gstreamer1.0-alsa',
  }))
