import { describe, expect, test } from 'vitest'
import { knownSensor } from './known-sensors.js'
import { libcameraMode } from './mode-choice.js'
import { sizeText, type Sensor, type Size } from './sensor.js'
import { modeOfSize, secondStreamSize, shareOf, widestMode } from './view.js'

const size = (text: string): Size => {
  const [width, height] = text.split('x').map(Number)
  return { width: width!, height: height! }
}

const sensorNamed = (name: string): Sensor => knownSensor(name)!

const percent = (value: number): number => Math.round(value * 100)

describe('what libcamera selects by itself', () => {
  test.each([
    ['imx219', '640x480', '640x480', 39],
    ['imx219', '1280x720', '1920x1080', 59],
    ['imx219', '1920x1080', '1920x1080', 59],
    ['imx219', '740x555', '640x480', 39],
    ['imx219', '800x600', '1640x1232', 100],
    ['imx219', '1280x960', '1640x1232', 100],
    ['imx708', '640x480', '1536x864', 50],
    ['imx708', '1280x720', '1536x864', 67],
    ['imx708', '1600x900', '1536x864', 67],
    ['imx708', '1664x936', '2304x1296', 100],
    ['imx708', '1920x1080', '2304x1296', 100],
    ['ov5647', '640x480', '640x480', 99],
    ['ov5647', '1280x720', '1920x1080', 74],
    ['ov5647', '800x600', '1296x972', 100],
    ['imx477', '640x480', '2028x1520', 100],
    ['imx477', '1280x720', '2028x1080', 95],
  ])('%s at %s: mode %s, %i percent of the width', (name, video, mode, width) => {
    const sensor = sensorNamed(name)
    const selected = libcameraMode(sensor, size(video))!
    expect(sizeText(selected)).toBe(mode)
    expect(percent(shareOf(sensor, selected, size(video))!.width)).toBe(width)
  })
})

describe('the mode that shows most', () => {
  test.each([
    ['imx219', '640x480', 30, '1640x1232', 10, 100, 100],
    ['imx219', '1280x720', 30, '1640x1232', 10, 100, 75],
    ['imx219', '1920x1080', 30, '1640x1232', 10, 100, 75], // larger ones do not reach 30
    ['imx219', '1920x1080', 15, '3280x2464', 10, 100, 75],
    ['imx219', '640x480', 60, '640x480', 10, 39, 39], // no mode with more reaches 60
    ['imx708', '640x480', 30, '2304x1296', 10, 75, 100],
    ['imx708', '1280x720', 30, '2304x1296', 10, 100, 100],
    ['imx708', '1280x720', 100, '1536x864', 10, 67, 67],
    ['ov5647', '640x480', 30, '1296x972', 10, 100, 100],
    ['imx477', '1280x720', 30, '2028x1520', 12, 100, 75],
    ['imx500', '640x480', 60, '2028x1520', 10, 100, 100], // none reaches 60: the fastest
  ])(
    '%s at %s and %i/s: mode %s of %i bits, %i x %i percent',
    (name, video, rate, mode, depth, width, height) => {
      const sensor = sensorNamed(name)
      const best = widestMode(sensor, size(video), rate)!
      expect([sizeText(best), best.bitDepth]).toEqual([mode, depth])
      const share = shareOf(sensor, best, size(video))!
      expect([percent(share.width), percent(share.height)]).toEqual([width, height])
    },
  )

  test('a mode of fewer bits is selected only if the others are too slow', () => {
    const sensor = sensorNamed('imx219')
    const modes = sensor.modes.map((mode) =>
      mode.width === 1640 && mode.bitDepth === 8 ? { ...mode, fps: 83.7 } : mode,
    )
    expect(widestMode({ ...sensor, modes }, size('640x480'), 30)?.bitDepth).toBe(10)
    expect(widestMode({ ...sensor, modes }, size('640x480'), 60)).toMatchObject({ width: 1640, bitDepth: 8 })
  })

  test('a mode whose crop is unknown is not selected', () => {
    const sensor: Sensor = {
      ...size('1000x1000'),
      modes: [
        { ...size('500x500'), bitDepth: 10, fps: 60, crop: undefined },
        { ...size('1000x1000'), bitDepth: 10, fps: 30, crop: { x: 0, y: 0, ...size('1000x1000') } },
      ],
    }
    expect(widestMode(sensor, size('400x400'), 30)).toMatchObject(size('1000x1000'))
    expect(shareOf(sensor, sensor.modes[0]!, size('400x400'))).toBeUndefined()
  })
})

describe('a second stream', () => {
  test.each([
    ['imx219', '640x480', 30, '768x576'],
    ['imx219', '1280x720', 30, undefined], // 16:9 never gets a 4:3 mode at 30 frames per second
    ['imx708', '640x480', 30, '1344x1008'],
    ['imx708', '1280x720', 30, '1632x918'],
    ['ov5647', '640x480', 30, '736x552'],
  ])('%s at %s and %i/s: %s', (name, video, rate, wanted) => {
    const sensor = sensorNamed(name)
    const best = widestMode(sensor, size(video), rate)!
    const found = secondStreamSize(sensor, size(video), (mode) => mode === best)
    expect(found && sizeText(found)).toBe(wanted)
  })

  test('it has the shape of the video and is larger', () => {
    const sensor = sensorNamed('imx708')
    for (const video of ['320x240', '640x480', '1280x720', '1000x1000', '642x482'].map(size)) {
      const found = secondStreamSize(sensor, video, ({ width }) => width === 2304)
      expect(found!.width).toBeGreaterThan(video.width)
      expect(found!.width / found!.height).toBeCloseTo(video.width / video.height, 2)
    }
  })
})

test('a mode is found by its size, in the depth that libcamera prefers', () => {
  expect(modeOfSize(sensorNamed('imx219'), size('1640x1232'))?.bitDepth).toBe(10)
  expect(modeOfSize(sensorNamed('imx219'), size('1640x1233'))).toBeUndefined()
})
