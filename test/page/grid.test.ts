import { describe, expect, test } from 'vitest'
import { layOut } from '../../static/grid.js'

type Room = Parameters<typeof layOut>[1]
type Name = Parameters<typeof layOut>[2]['name']
interface Box {
  x: number
  y: number
  width: number
  height: number
}

const desk = { width: 1412, height: 838, gap: 8 }
const tablet = { width: 792, height: 1118, gap: 8 }
const phone = { width: 370, height: 786, gap: 8 }
const alike = (count: number, ratio = 4 / 3): number[] => Array.from({ length: count }, () => ratio)
const mixed = [4 / 3, 16 / 9, 9 / 16, 1]

const boxesOf = (ratios: number[], room: Room, name: Name = 'grid', large = 0): Box[] =>
  layOut(ratios, room, { name, large }).filter((box) => box !== undefined)

/** The number of tiles in each row. */
const rowsOf = (boxes: Box[]): number[] => {
  const rows = new Map<number, number>()
  for (const { y } of boxes) rows.set(y, (rows.get(y) ?? 0) + 1)
  return [...rows.values()]
}

/** The highest rows of all ways to split the tiles, by trying each. */
function highest(ratios: number[], { width, height, gap }: Room): number {
  const ways = Array.from({ length: 2 ** (ratios.length - 1) }, (_, breaks) => {
    const rows: number[][] = [[]]
    for (const [i, ratio] of ratios.entries()) {
      rows.at(-1)!.push(ratio)
      if (((breaks >> i) & 1) === 1 && i < ratios.length - 1) rows.push([])
    }
    const room = (height - gap * (rows.length - 1)) / rows.length
    const sum = (row: number[]): number => row.reduce((a, b) => a + b, 0)
    return Math.min(room, ...rows.map((row) => (width - gap * (row.length - 1)) / sum(row)))
  })
  return Math.max(...ways)
}

test.each([
  [2, desk, [2]],
  [3, desk, [1, 2]],
  [4, desk, [2, 2]],
  [6, desk, [3, 3]],
  [9, desk, [3, 3, 3]],
  [2, phone, [1, 1]],
])('%i cameras in %j are in rows of %j', (count, room, rows) =>
  expect(rowsOf(boxesOf(alike(count), room))).toEqual(rows),
)

describe.each([
  ['a desktop', desk],
  ['a tablet', tablet],
])('on %s', (_name, room) => {
  test.each([...[1, 2, 3, 4, 5, 6, 7, 8, 9].map((count) => alike(count)), mixed, [...mixed, ...mixed]])(
    'no other rows are noticeably higher: %j',
    (...ratios) => {
      const boxes = boxesOf(ratios, room)
      expect(boxes[0]!.height).toBeGreaterThan(highest(ratios, room) * 0.96 - 1)
      expect(new Set(boxes.map(({ height }) => height)).size).toBe(1)
    },
  )
})

const overlap = (a: Box, b: Box): boolean =>
  a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height

test.each<Name>(['grid', 'large', 'single'])(
  'in the layout "%s" tiles are inside of the room, apart, and have the shape of their video',
  (name) => {
    for (const room of [desk, tablet, phone])
      for (const ratios of [alike(2), alike(3), alike(5, 16 / 9), alike(9), mixed]) {
        const boxes = layOut(ratios, room, { name, large: 1 })
        for (const [i, box] of boxes.entries()) {
          if (box === undefined) continue
          expect(Math.abs(box.width / box.height - ratios[i]!)).toBeLessThan(0.03)
          expect(box.x).toBeGreaterThanOrEqual(0)
          expect(box.x + box.width).toBeLessThanOrEqual(room.width)
          for (const other of boxes.slice(0, i))
            expect(other !== undefined && overlap(box, other)).toBe(false)
        }
      }
  },
)

test('the large tile is at least one and a half times as high as the others, which are all in view', () => {
  for (const room of [desk, tablet])
    for (const count of [2, 3, 4, 6, 9]) {
      const boxes = boxesOf(alike(count), room, 'large', 1)
      const [large] = boxes.splice(1, 1)
      for (const box of boxes) {
        expect(large!.height).toBeGreaterThanOrEqual(box.height * 1.5 - 1)
        expect(box.y + box.height).toBeLessThanOrEqual(room.height)
        expect(box.height).toBeGreaterThan(0.13 * room.height) // a name fits in
      }
    }
})

test('a single tile hides the others', () => {
  const boxes = layOut(alike(3), desk, { name: 'single', large: 1 })
  expect(boxes.map((box) => box !== undefined)).toEqual([false, true, false])
  expect(boxes[1]!.height).toBe(desk.height)
})

test('many cameras on a phone scroll at the full width', () => {
  const boxes = boxesOf(alike(6), phone)
  expect(boxes.every(({ x, width }) => x === 0 && width >= phone.width - 2)).toBe(true)
})

test('forty cameras are arranged without trying every way', () => {
  expect(boxesOf(alike(40), desk)).toHaveLength(40)
})
