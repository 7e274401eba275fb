import { expect, test } from 'vitest'
import { isOnGrid, nearestOnGrid, parseSizeGrid, usualSizes } from './size-grid.js'

const ISP = parseSizeGrid('\t\tSize: Stepwise 32x32 - 2592x1944 with step 2/2')!
const SCALER = parseSizeGrid('\t\tSize: Stepwise 64x64 - 1920x1080 with step 16/8')!

test('a range is parsed with its step; a continuous one has steps of one pixel', () => {
  expect(ISP).toEqual({
    minWidth: 32,
    minHeight: 32,
    maxWidth: 2592,
    maxHeight: 1944,
    stepWidth: 2,
    stepHeight: 2,
  })
  expect(parseSizeGrid('\t\tSize: Continuous 2x1 - 8192x8192')).toMatchObject({
    maxWidth: 8192,
    stepWidth: 1,
  })
})

test.each([
  'Size: Discrete 640x480',
  'Size: Stepwise 0x0 - 0x0 with step 0/0',
  'Size: Stepwise 64x64 - 32x32 with step 2/2',
])('no range of sizes: %s', (line) => expect(parseSizeGrid(line)).toBeUndefined())

test('a step of 0 is a step of 1', () =>
  expect(parseSizeGrid('Size: Stepwise 640x480 - 640x480 with step 0/0')).toMatchObject({ stepWidth: 1 }))

test.each([
  [ISP, 1280, 720, true],
  [ISP, 2594, 1944, false],
  [ISP, 641, 480, false],
  [SCALER, 1280, 720, true],
  [SCALER, 648, 480, false], // 648 - 64 is not a multiple of 16
  [SCALER, 32, 32, false],
])('a size is on the grid: %o %d x %d %s', (grid, width, height, is) =>
  expect(isOnGrid(grid, { width, height })).toBe(is),
)

test.each([
  [SCALER, { width: 650, height: 490 }, { width: 656, height: 488 }],
  [SCALER, { width: 4000, height: 3000 }, { width: 1920, height: 1080 }],
  [SCALER, { width: 2, height: 2 }, { width: 64, height: 64 }],
  [
    { minWidth: 1, minHeight: 1, maxWidth: 99, maxHeight: 99, stepWidth: 1, stepHeight: 1 },
    { width: 51, height: 99 },
    { width: 50, height: 98 },
  ],
])('the nearest size is on the grid and has even sides: %o %o', (grid, wanted, nearest) => {
  expect(nearestOnGrid(grid, wanted)).toEqual(nearest)
  expect(isOnGrid(grid, nearest)).toBe(true)
})

test('a grid of odd sides only has no size for an encoder', () =>
  expect(
    nearestOnGrid(
      { minWidth: 33, minHeight: 33, maxWidth: 99, maxHeight: 99, stepWidth: 2, stepHeight: 2 },
      { width: 64, height: 64 },
    ),
  ).toBeUndefined())

test('the usual sizes of a range are offered; a range without any has its largest', () => {
  expect(usualSizes(SCALER)).toContainEqual({ width: 1280, height: 720 })
  expect(usualSizes(SCALER).every((size) => isOnGrid(SCALER, size))).toBe(true)
  const tiny = { minWidth: 16, minHeight: 16, maxWidth: 176, maxHeight: 144, stepWidth: 2, stepHeight: 2 }
  expect(usualSizes(tiny)).toEqual([{ width: 176, height: 144 }])
})
