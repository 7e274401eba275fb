import { describe, expect, test } from 'vitest'
import type { Rung } from '../gstreamer/rung.js'
import { Ladder, type LadderOptions } from './ladder.js'

const FIRST: Rung = { view: 'sensor-config', dmabufImport: false, hardware: true }

const ladder = (about: Partial<LadderOptions> = {}): Ladder =>
  new Ladder({
    first: FIRST,
    views: ['sensor-config', 'second-pad', 'plain'],
    hasSoftware: true,
    sizes: () => [],
    ...about,
  })

const silent = (on: Ladder) => on.failed({ cause: 'no-first-packet' }, [])
const refused = (on: Ladder, ...stderr: string[]) => on.failed({ cause: 'not-negotiated' }, stderr)

const REFUSED_MODE = 'ERROR RPI pipeline_base.cpp:312 Invalid sensor configuration: bitDepth/size mismatch'
const REFUSED_ENCODER =
  'ERROR: from element /GstPipeline:pipeline0/v4l2h264enc:v4l2h264enc0: Device is in streaming mode'

test('a refused sensor mode is replaced by a second stream, and that by what libcamera selects', () => {
  const one = ladder()
  expect(refused(one, REFUSED_MODE)).toBe('field-of-view')
  expect(one.rung).toEqual({ ...FIRST, view: 'second-pad' })
  expect(refused(one)).toBe('field-of-view')
  expect(one.rung).toEqual({ ...FIRST, view: 'plain' })
})

test('the first start without frames is repeated: it may have been bad luck', () => {
  const one = ladder()
  expect(silent(one)).toBeUndefined()
  expect(one.rung).toEqual(FIRST)
  expect(silent(one)).toBe('field-of-view')
  expect(one.rung.view).toBe('second-pad')
  expect(silent(one)).toBe('field-of-view') // a step of the ladder gets one start
})

test('a single late start between good ones changes nothing', () => {
  const one = ladder()
  for (let round = 0; round < 3; round++) {
    silent(one)
    one.delivered()
  }
  expect(one.isFirst).toBe(true)
})

test('a rung that has delivered stays, whatever happens later', () => {
  const one = ladder()
  refused(one, REFUSED_MODE)
  one.delivered()
  for (const cause of ['no-first-packet', 'not-negotiated', 'crashed', 'camera-start'])
    for (let time = 0; time < 3; time++) expect(one.failed({ cause }, [])).toBeUndefined()
  expect(one.rung.view).toBe('second-pad')
})

test.each([
  'no-camera',
  'unknown-camera',
  'camera-busy',
  'no-device',
  'unplugged',
  'permission-denied',
  'not-a-camera',
  'missing-plugin',
  'missing-program',
  'port-taken',
  'sensor-timeout',
  'out-of-descriptors',
  'a-cause-of-tomorrow',
])('%s gives up nothing', (cause) => {
  const one = ladder()
  for (let time = 0; time < 5; time++) expect(one.failed({ cause }, [])).toBeUndefined()
  expect(one.isFirst).toBe(true)
})

describe('the encoder', () => {
  test('a refusal that names it gives up the hardware encoder and keeps the field of view', () => {
    const one = ladder()
    expect(one.failed({ cause: 'camera-busy' }, [REFUSED_ENCODER])).toBe('encoder')
    expect(one.rung).toEqual({ ...FIRST, hardware: false })
  })

  test('imported frames are given up before the encoder', () => {
    const one = ladder({ first: { ...FIRST, dmabufImport: true } })
    expect(refused(one, REFUSED_ENCODER)).toBe('zero-copy')
    expect(one.rung).toEqual(FIRST)
    expect(refused(one, REFUSED_ENCODER)).toBe('encoder')
    expect(one.rung).toEqual({ ...FIRST, hardware: false })
  })

  test('a configured encoder is not replaced', () => {
    const one = ladder({ hasSoftware: false, views: ['plain'], first: { ...FIRST, view: 'plain' } })
    expect(refused(one, REFUSED_ENCODER)).toBeUndefined()
    expect(one.isFirst).toBe(true)
  })
})

test('what was given up in vain is restored', () => {
  const one = ladder()
  silent(one)
  const seen: Rung[] = []
  while (silent(one) !== undefined) seen.push(one.rung)
  expect(seen).toEqual([
    { view: 'second-pad', dmabufImport: false, hardware: true },
    { view: 'plain', dmabufImport: false, hardware: true },
    { view: 'sensor-config', dmabufImport: false, hardware: false },
    { view: 'second-pad', dmabufImport: false, hardware: false },
    { view: 'plain', dmabufImport: false, hardware: false },
  ])
})

test('if nothing delivers, it begins again from the top', () => {
  const one = ladder({ hasSoftware: false })
  refused(one)
  refused(one)
  expect(refused(one)).toBeUndefined()
  expect(one.rung).toEqual(FIRST)
  expect(refused(one)).toBe('field-of-view')
})

describe('the size', () => {
  const sizes = () => [
    { width: 640, height: 480 },
    { width: 320, height: 240 },
  ]
  const first: Rung = { view: undefined, dmabufImport: false, hardware: true }

  test('a refused size is replaced by the nearest one that the camera has', () => {
    const one = ladder({ first, views: [], hasSoftware: false, sizes })
    expect(refused(one)).toBe('size')
    expect(one.rung.size).toEqual({ width: 640, height: 480 })
    expect(refused(one)).toBe('size')
    expect(one.rung.size).toEqual({ width: 320, height: 240 })
    expect(refused(one)).toBeUndefined()
    expect(one.rung.size).toBeUndefined()
  })

  test('a start without frames says nothing about the size', () => {
    const one = ladder({ first, views: [], hasSoftware: false, sizes })
    for (let time = 0; time < 5; time++) expect(silent(one)).toBeUndefined()
    expect(one.rung.size).toBeUndefined()
  })
})

describe('a rung that is remembered', () => {
  const remembered: Rung = { ...FIRST, view: 'plain' }

  test('is where it begins', () => expect(ladder({ remembered }).rung).toEqual(remembered))

  test('is left for the top if it no longer delivers', () => {
    const one = ladder({ remembered, hasSoftware: false })
    expect(refused(one)).toBeUndefined()
    expect(one.rung).toEqual(FIRST)
  })
})

describe('a small size', () => {
  const withLow = (): Ladder =>
    ladder({
      first: { view: 'plain', dmabufImport: false, hardware: true, low: 'second-pad' },
      views: ['plain'],
      lows: ['second-pad', 'scaler', 'off'],
    })

  test('that the second output refuses is scaled, and then given up', () => {
    const one = withLow()
    const noSecond = 'ERROR: pipeline could not be constructed: could not link libcamerasrc0 pad src_0'
    expect(refused(one, noSecond)).toBe('low')
    expect(one.rung.low).toBe('scaler')
    expect(refused(one)).toBe('low')
    expect(one.rung).toMatchObject({ low: 'off', hardware: true, view: 'plain' })
  })

  test('is given up before the hardware encoder is', () => {
    const one = withLow()
    for (let time = 0; time < 2; time++) expect(refused(one, REFUSED_ENCODER)).toBe('low')
    expect(one.rung).toMatchObject({ low: 'off', hardware: true })
    expect(refused(one, REFUSED_ENCODER)).toBe('encoder')
    expect(one.rung).toMatchObject({ hardware: false })
  })

  test('does not share the second output with the field of view', () => {
    const one = ladder({
      first: { view: 'sensor-config', dmabufImport: false, hardware: true, low: 'second-pad' },
      lows: ['second-pad', 'scaler', 'off'],
    })
    const seen: string[] = []
    for (let time = 0; time < 12; time++) {
      refused(one, REFUSED_MODE)
      seen.push(`${one.rung.view} ${one.rung.low}`)
    }
    expect(seen).not.toContain('second-pad second-pad')
    expect(seen).toContain('second-pad scaler')
  })
})
