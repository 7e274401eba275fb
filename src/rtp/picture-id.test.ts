import { expect, test } from 'vitest'
import { addPictureIds, pictureIdOf, pictureIdStep, PictureIdWriter } from './picture-id.js'

const vp8 = (id: number): Buffer => Buffer.from([0x90, 0x80, 0x80 | (id >> 8), id & 0xff, 1, 2, 3])

test('an extended picture id is read', () => {
  expect([0, 1, 255, 256, 0x7fff].map((id) => pictureIdOf(vp8(id)))).toEqual([0, 1, 255, 256, 0x7fff])
})

test.each([
  ['without descriptor extension', [0x10, 0x80, 0x81, 0x01]],
  ['without picture id', [0x90, 0x20, 0x81, 0x01]],
  ['with a short picture id', [0x90, 0x80, 0x01, 0x01]],
  ['that ends within it', [0x90, 0x80, 0x81]],
  ['of H.264', [0x67, 0xc0, 0x80, 0x80]],
  ['without bytes', []],
])('a payload %s has none, and stays as it is', (_what, bytes) => {
  const payload = Buffer.from(bytes)
  expect(pictureIdOf(payload)).toBe(-1)
  expect(new PictureIdWriter().write(payload, 5)).toBe(payload)
})

test('ids follow those of the last picture, across the end of their range', () => {
  for (const [last, next] of [
    [0x7fff, 5],
    [3, 0x7ffe],
    [100, 101],
  ] as const) {
    const step = pictureIdStep(last, vp8(next))
    expect(addPictureIds(next, step)).toBe((last + 1) % 0x8000)
    expect(pictureIdOf(new PictureIdWriter().write(vp8(next), step))).toBe((last + 1) % 0x8000)
  }
  expect(pictureIdStep(-1, vp8(5))).toBe(0)
})

test('the shared payload is not modified, and nothing is copied without a step', () => {
  const payload = vp8(7)
  const before = Buffer.from(payload)
  const written = new PictureIdWriter().write(payload, 1)
  expect(payload.equals(before)).toBe(true)
  expect(written.subarray(4).equals(payload.subarray(4))).toBe(true)
  expect(new PictureIdWriter().write(payload, 0)).toBe(payload)
})
