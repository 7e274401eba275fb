import { describe, expect, test } from 'vitest'
import { exampleCamera, exampleEncoder, exampleMachine } from '../../../test/fakes/examples.js'
import type { CameraConfig } from '../../config/types.js'
import { captureCommand } from './command.js'
import { lowCamera, lowEncoder, lowSizeOf, lowStepsOf } from './low.js'
import type { Machine } from './machine.js'
import { buildPipeline } from './pipeline.js'
import { rungsOf, type Rung } from './rung.js'

const ports = { rtpPort: 21000, rtcpPort: 21001, feedbackPort: 21002 }
const lowPorts = { rtpPort: 12000, rtcpPort: 12001, feedbackPort: 12002 }
const SIZE = { width: 320, height: 240, fps: 15 }
const MODULE: Partial<CameraConfig> = {
  device: { kind: 'libcamera', name: '/base/soc/i2c0mux/i2c@1/imx219@10' },
  fieldOfView: 'auto',
}

function line(
  about: Partial<CameraConfig>,
  machine: Partial<Machine> = {},
  rung: Partial<Rung> = {},
): string {
  const camera = exampleCamera({ low: SIZE, ...about })
  const on = exampleMachine(machine)
  const rungs = rungsOf(camera, on)
  if ('cause' in rungs) throw new Error(rungs.message)
  const options = { camera, ports, lowPorts, machine: on, env: {}, debug: false }
  const command = captureCommand({ ...options, rung: { ...rungs.first, ...rung } })
  if ('cause' in command) throw new Error(command.message)
  return command.args.join(' ')
}

/** Everything of the second RTP session. */
const branchOf = (text: string): string => text.slice(text.indexOf('rtpsession name=low'))

test('without a small size the line is as it always was', () => {
  const camera = exampleCamera({ low: false })
  const machine = exampleMachine()
  const before = buildPipeline(camera, exampleEncoder('x264enc'), machine, { ports }).join(' ')
  expect(before).not.toMatch(/timestamp-offset|name=low|videoscale|videorate/)
  expect(line({ low: false, encoder: 'x264enc' }, {}, {})).toContain(
    before.replace(/^.*? ! /, '').slice(0, 200),
  )
  expect(lowStepsOf(camera, machine)).toEqual([])
})

test('frames of a USB camera or a test picture are dropped, then scaled, encoded and sent to ports of their own', () => {
  const branch = branchOf(line({ encoder: 'x264enc' }))
  expect(branch).toMatch(
    /^rtpsession name=low .* raw\. ! queue max-size-buffers=1 .*leaky=downstream ! videorate drop-only=true ! videoscale add-borders=false ! video\/x-raw,width=320,height=240,framerate=15\/1,pixel-aspect-ratio=1\/1 ! x264enc /,
  )
  for (const port of [12000, 12001, 12002]) expect(branch).toContain(`port=${port} `)
  expect(branch).not.toContain('21000')
})

test('one frame has one timestamp in both sizes, and each has its own SSRC', () => {
  const text = line({ encoder: 'x264enc' })
  const offsets = Array.from(text.matchAll(/ssrc=(\d+) timestamp-offset=(\d+)/g), ([, ssrc, offset]) => [
    ssrc,
    offset,
  ])
  expect(offsets).toHaveLength(2)
  expect(offsets[0]![1]).toBe(offsets[1]![1])
  expect(offsets[0]![0]).not.toBe(offsets[1]![0])
})

test('a camera module scales by itself, on its second pad', () => {
  const text = line({ ...MODULE, codec: 'vp8' })
  expect(text).toContain('libcamerasrc name=cam camera-name=')
  expect(branchOf(text)).toMatch(
    /cam\.src_0 ! video\/x-raw,format=I420,width=320,height=240,framerate=30\/1,interlace-mode=progressive,colorimetry=bt709 ! queue .* ! videorate drop-only=true ! video\/x-raw,framerate=15\/1 ! vp8enc /,
  )
  expect(text).not.toContain('videoscale')
})

test('its second pad shows either the field of view or the small size', () => {
  const rungs = rungsOf(exampleCamera({ ...MODULE, fieldOfView: 'full', low: SIZE }), exampleMachine())
  expect(rungs).toMatchObject({ first: { view: 'second-pad', low: 'scaler' } })
})

test('both sizes are turned, and have the text', () => {
  const text = line({ flipMethod: 'rotate-180', overlay: 'Door', encoder: 'x264enc' })
  expect(branchOf(text)).toMatch(/videoscale .* ! videoflip video-direction=180 ! textoverlay .* ! x264enc/)
})

test('it is encoded as the large one is, in software where that is', () => {
  expect(branchOf(line({ encoder: 'auto' }))).toContain('v4l2h264enc')
  expect(branchOf(line({ encoder: 'auto' }, {}, { hardware: false }))).toContain('x264enc')
  expect(branchOf(line({ codec: 'vp8' }))).toMatch(
    /vp8enc deadline=1 cpu-used=-8 threads=1 .*target-bitrate=288000/,
  )
})

test('the hardware encoder, which hangs at few frames, is not given them', () => {
  const low = lowCamera(exampleCamera({ encoder: 'v4l2h264enc' }), { ...SIZE, fps: 5 })
  expect(lowEncoder(low, exampleMachine())).toMatchObject({ element: 'x264enc' })
})

test('keyframes have the distance in time of the large size, and the rate follows from the pixels', () => {
  const camera = exampleCamera({ bitrate: 2_000_000, keyframeInterval: 60 })
  expect(lowCamera(camera, SIZE)).toMatchObject({ bitrate: 288_000, keyframeInterval: 30 })
  expect(lowCamera({ ...camera, bitrate: 300_000 }, SIZE).bitrate).toBe(150_000)
})

describe('"auto"', () => {
  const auto = (about: Partial<CameraConfig>, machine: Partial<Machine> = {}) =>
    lowSizeOf(exampleCamera({ low: 'auto', codec: 'vp8', ...about }), exampleMachine(machine))

  test('is a quarter of VGA on four cores', () => expect(auto({})).toEqual(SIZE))

  test('is off on fewer, unless there is a hardware encoder', () => {
    expect(auto({}, { cores: 2 })).toMatchObject({
      cause: 'one-size',
      message: expect.stringContaining('fewer than 4 cores') as string,
      hint: expect.stringContaining('low = "320x240@15"') as string,
    })
    expect(auto({ codec: 'h264' }, { cores: 2 })).toEqual(SIZE)
  })

  test('is off for a small camera, and where another program encodes', () => {
    expect(auto({ width: 320, height: 240 })).toMatchObject({ cause: 'one-size' })
    expect(auto({ device: { kind: 'rtp', port: 5004 } })).toBeUndefined()
    expect(auto({ device: { kind: 'v4l2', path: '/dev/video0' }, format: 'h264' })).toMatchObject({
      message: expect.stringContaining('passed through') as string,
    })
  })
})

test('a written size is used on any machine that has the elements', () => {
  const camera = exampleCamera({ low: SIZE, codec: 'vp8' })
  expect(lowSizeOf(camera, exampleMachine({ cores: 1 }))).toEqual(SIZE)
  expect(lowSizeOf(camera, exampleMachine({ without: ['videoscale'] }))).toMatchObject({
    cause: 'one-size',
    hint: expect.stringContaining('gstreamer1.0-plugins-base') as string,
  })
})

test('a step that was given up leaves the line without it', () => {
  const off = line({ encoder: 'x264enc' }, {}, { low: 'off' })
  expect(off).toBe(line({ encoder: 'x264enc', low: false }))
})
