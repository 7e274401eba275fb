import { describe, expect, test } from 'vitest'
import { exampleCamera, exampleMachine } from '../../../test/fakes/examples.js'
import { chooseEncoder, encoderThreads, type Encoder } from './encoder.js'

const pi5 = 'Raspberry Pi 5 Model B Rev 1.0'

const chosen = (...args: Parameters<typeof chooseEncoder>): Encoder => {
  const result = chooseEncoder(...args)
  if ('cause' in result) throw new Error(result.message)
  return result
}

describe('auto', () => {
  test('is the hardware encoder if the machine has it', () =>
    expect(chosen(exampleCamera(), exampleMachine())).toEqual({
      element: 'v4l2h264enc',
      keyframesOnDemand: true,
      keyframeInterval: 300,
      notes: [],
    }))

  test('is x264enc on a Raspberry Pi 5, with a note', () => {
    const encoder = chosen(exampleCamera(), exampleMachine({ without: ['v4l2h264enc'], model: pi5 }))
    expect(encoder.element).toBe('x264enc')
    expect(encoder.notes).toEqual([
      'H.264 is encoded in software by x264enc: a Raspberry Pi 5 has no hardware H.264 encoder.',
    ])
  })

  test('is openh264enc without x264enc', () =>
    expect(chosen(exampleCamera(), exampleMachine({ without: ['v4l2h264enc', 'x264enc'] })).element).toBe(
      'openh264enc',
    ))

  test('is vp8enc for VP8, without a note about hardware', () =>
    expect(chosen(exampleCamera({ codec: 'vp8' }), exampleMachine())).toMatchObject({
      element: 'vp8enc',
      notes: [],
    }))

  test.each([{ width: 2304, height: 1296 }, { fps: { min: 5, max: 5 } }])(
    'is software for %o, which the hardware cannot encode',
    (about) => {
      const encoder = chosen(exampleCamera(about), exampleMachine())
      expect(encoder.element).toBe('x264enc')
      expect(encoder.notes[0]).toContain('the hardware encoder')
    },
  )

  test('is a failure with the package to install if there is no encoder', () =>
    expect(
      chooseEncoder(exampleCamera(), exampleMachine({ without: ['v4l2h264enc', 'x264enc', 'openh264enc'] })),
    ).toMatchObject({ cause: 'missing-plugin', hint: 'sudo apt install gstreamer1.0-plugins-ugly' }))
})

describe('a configured encoder', () => {
  test('is used', () =>
    expect(chosen(exampleCamera({ encoder: 'openh264enc' }), exampleMachine()).element).toBe('openh264enc'))

  test('is a failure if the machine lacks it', () =>
    expect(
      chooseEncoder(exampleCamera({ encoder: 'v4l2h264enc' }), exampleMachine({ without: ['v4l2h264enc'] })),
    ).toMatchObject({ cause: 'missing-plugin', hint: expect.stringContaining('encoder = "auto"') as string }))

  test('is a failure if it does not encode the codec', () =>
    expect(chooseEncoder(exampleCamera({ encoder: 'vp8enc' }), exampleMachine())).toMatchObject({
      cause: 'wrong-encoder',
      message: 'vp8enc does not encode "h264".',
    }))
})

describe('v4l2h264enc before GStreamer 1.22.4', () => {
  const bookworm = exampleMachine({ gstreamer: '1.22.0' })

  test('makes a keyframe every second, because it ignores requests for one', () => {
    const encoder = chosen(exampleCamera(), bookworm)
    expect(encoder).toMatchObject({ keyframesOnDemand: false, keyframeInterval: 30 })
    expect(encoder.notes[0]).toContain('one every 30 frames')
  })

  test('keeps a shorter interval that was configured', () =>
    expect(chosen(exampleCamera({ keyframeInterval: 12 }), bookworm).keyframeInterval).toBe(12))

  test('does not affect other encoders', () =>
    expect(chosen(exampleCamera({ encoder: 'x264enc' }), bookworm)).toMatchObject({
      keyframesOnDemand: true,
      keyframeInterval: 300,
    }))
})

test('v4l2h264enc never gets an interval of 1, which hangs it', () =>
  expect(chosen(exampleCamera({ keyframeInterval: 1 }), exampleMachine()).keyframeInterval).toBe(2))

test('a width that the hardware may pad is noted', () =>
  expect(
    chosen(
      exampleCamera({ width: 1296, height: 972, device: { kind: 'libcamera', name: 'x' } }),
      exampleMachine(),
    ).notes[0],
  ).toContain('multiple of 32'))

test.each([
  [4, 1, pi5, 2],
  [4, 2, pi5, 1],
  [2, 1, undefined, 1],
  [1, 1, undefined, 1],
  [16, 2, undefined, 2],
  [4, 1, 'Raspberry Pi Zero 2 W Rev 1.0', 1],
  [4, 1, 'Raspberry Pi 4 Model B Rev 1.4', 1],
])('%i cores for %i cameras on %s give %i threads', (cores, cameras, model, threads) =>
  expect(encoderThreads({ cores, model }, cameras)).toBe(threads),
)
