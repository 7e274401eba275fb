import { expect, test } from 'vitest'
import { Ladder, type LadderOptions } from './ladder.js'

const ladder = (about: Partial<LadderOptions> = {}): Ladder =>
  new Ladder({
    first: { view: 'plain', dmabufImport: false, hardware: false },
    views: ['plain'],
    hasSoftware: false,
    canConvert: true,
    sizes: () => [{ width: 640, height: 480 }],
    ...about,
  })

const refused = (on: Ladder) => on.failed({ cause: 'not-negotiated' }, [])

test('frames are converted before another size is tried: libcamera may have RGB only', () => {
  const one = ladder()
  expect(refused(one)).toBe('format')
  expect(one.rung).toMatchObject({ convert: true })
  expect(one.rung).not.toHaveProperty('size')
})

test('a size that is refused with conversion too is tried without it', () => {
  const one = ladder()
  refused(one)
  expect(refused(one)).toBe('size')
  expect(one.rung).toMatchObject({ size: { width: 640 } })
  expect(one.rung.convert).toBeUndefined()
})

test('converted frames are no DMA buffers, so they are not imported', () => {
  const one = ladder({ first: { view: 'plain', dmabufImport: true, hardware: true } })
  expect(refused(one)).toBe('zero-copy')
  expect(refused(one)).toBe('format')
  expect(one.rung).toMatchObject({ convert: true, dmabufImport: false })
})

test('a camera of another kind is converted anyway, so there is nothing to try', () => {
  const one = ladder({ canConvert: false })
  expect(refused(one)).toBe('size')
})
