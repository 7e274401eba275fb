// @ts-check
/**
 * Where each tile is. Grid: rows of one height, each tile as wide as its video. Large: one tile large and the others beside or
 * below it. Single: one tile only. The tiles are as large as possible without scrolling; only many of them scroll.
 */

/**
 * @typedef {{ width: number, height: number, gap: number }} Room in CSS pixels
 * @typedef {{ x: number, y: number, width: number, height: number }} Box
 * @typedef {'grid' | 'large' | 'single'} LayoutName
 * @typedef {{ name: LayoutName, large: number }} Layout large: the index of its tile
 * @typedef {{ element: HTMLElement, ratio: number }} PlacedTile
 */

/** Smaller tiles scroll instead, in square pixels: 200x150. On a phone, 260x195. */
const smallestArea = 30_000
const smallestAreaOnPhone = 50_000
const phoneWidth = 640
/** Rows that make the tiles this much smaller are accepted when they are more even. */
const evenRowsFirst = 0.97
/** The large tile is at least this much higher than the others. */
const largeByHeight = 1.5
/** Of the window's height: a lower tile beside the large one has no room for its name, and counts less. */
const leastSmall = 0.14

/** Sets the boxes of the tiles in `main`. @param {HTMLElement} main @param {PlacedTile[]} tiles @param {Layout} layout */
export function arrange(main, tiles, layout) {
  const style = window.getComputedStyle(main)
  const room = {
    width: main.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight),
    height: main.clientHeight - parseFloat(style.paddingTop) - parseFloat(style.paddingBottom),
    gap: parseFloat(style.columnGap) || 0,
  }
  const ratios = tiles.map(({ ratio }) => ratio)
  const boxes = layOut(ratios, room, layout)
  for (const [i, { element }] of tiles.entries()) {
    const box = boxes[i]
    element.hidden = !box
    if (!box) continue
    for (const [name, value] of Object.entries(box)) element.style.setProperty(`--${name}`, `${value}px`)
  }
  const end = Math.max(0, ...boxes.map((box) => (box ? box.y + box.height : 0)))
  main.style.setProperty('--end', `${end}px`)
}

/**
 * Pure.
 * @param {number[]} ratios width by height of each video
 * @param {Room} room
 * @param {Layout} layout
 * @returns {(Box | undefined)[]} undefined: not shown
 */
export function layOut(ratios, room, { name, large }) {
  const only = ratios[large]
  if (only === undefined || name === 'grid' || (name === 'large' && ratios.length === 1))
    return centred(justified(ratios, room), room)
  if (name === 'large') return centred(withLarge(ratios, large, room), room)
  const [box] = centred(justified([only], room), room)
  return ratios.map((_, i) => (i === large ? box : undefined))
}

/** @param {number[]} ratios @param {Room} room @returns {Box[]} */
function justified(ratios, room) {
  const { rows, height } = bestRows(ratios, room)
  const meanRatio = sum(ratios) / ratios.length
  const smallest = room.width < phoneWidth ? smallestAreaOnPhone : smallestArea
  if (ratios.length > 1 && height * height * meanRatio < smallest) return scrolling(ratios, room, smallest)
  return stack(
    rows.map((row) => ({ row, height })),
    room,
  )
}

/**
 * The rows of one height that are highest, and among nearly equal ones the most even.
 * @param {number[]} ratios
 * @param {Room} room
 */
function bestRows(ratios, room) {
  const choices = splits(ratios, room).map((rows, i) => {
    const highest = (room.height - room.gap * i) / (i + 1)
    const sums = rows.map(sum)
    return {
      rows,
      height: Math.floor(Math.max(1, Math.min(highest, ...rows.map((row) => fullHeight(row, room))))),
      unevenness: Math.max(...sums) / Math.min(...sums),
    }
  })
  const best = Math.max(...choices.map(({ height }) => height))
  return choices
    .filter(({ height }) => height >= best * evenRowsFirst)
    .reduce((even, each) => (each.unevenness < even.unevenness ? each : even))
}

/** The height of a row that is as wide as the room. @param {number[]} row @param {Room} room */
const fullHeight = (row, { width, gap }) => (width - gap * (row.length - 1)) / sum(row)

/**
 * The tiles in one row, in two rows, and so on, in their order. The widest row is as narrow as possible and the others are even: the
 * high power of a row's width makes both one sum, of which dynamic programming finds the least.
 * @param {number[]} ratios
 * @param {Room} room
 * @returns {number[][][]}
 */
function splits(ratios, room) {
  const typical = room.width / sum(ratios)
  /** Of the row of the tiles from `start` to before `end`. */
  const costs = ratios.map((_, start) =>
    ratios.map((_, last) => (typical / fullHeight(ratios.slice(start, last + 1), room)) ** 16),
  )
  /** By the number of tiles so far: the least cost, and where the last row starts. */
  let best = ratios.map((_, last) => ({ cost: costs[0]?.[last] ?? 0, start: 0 }))
  const starts = [best]
  while (starts.length < ratios.length) {
    const before = best
    best = ratios.map((_, last) => {
      let least = { cost: Infinity, start: 0 }
      for (let start = 1; start <= last; start++) {
        const cost = (before[start - 1]?.cost ?? Infinity) + (costs[start]?.[last] ?? 0)
        if (cost < least.cost) least = { cost, start }
      }
      return least
    })
    starts.push(best)
  }
  return starts.map((_, i) => {
    /** @type {number[][]} */
    const rows = []
    let end = ratios.length
    for (let row = i; row >= 0; row--) {
      const start = starts[row]?.[end - 1]?.start ?? 0
      rows.unshift(ratios.slice(start, end))
      end = start
    }
    return rows
  })
}

/** Rows as wide as the room, each of its own height. @param {number[]} ratios @param {Room} room @param {number} smallest */
function scrolling(ratios, room, smallest) {
  /** @type {number[][]} */
  const rows = []
  for (const ratio of ratios) {
    const row = [...(rows.at(-1) ?? []), ratio]
    const height = fullHeight(row, room)
    if (rows.length > 0 && (height * height * sum(row)) / row.length >= smallest) rows[rows.length - 1] = row
    else rows.push([ratio])
  }
  const heights = rows.map((row) => Math.floor(Math.min(room.height, fullHeight(row, room))))
  const highest = Math.max(...heights.slice(0, -1), heights[0] ?? 0)
  return stack(
    rows.map((row, i) => ({ row, height: Math.min(heights[i] ?? 0, highest) })),
    room,
  )
}

/** @param {{ row: number[], height: number }[]} rows @param {Room} room @returns {Box[]} each row centred */
function stack(rows, { width, gap }) {
  let y = 0
  return rows.flatMap(({ row, height }) => {
    const widths = row.map((ratio) => Math.floor(height * ratio))
    let x = Math.max(0, Math.floor((width - sum(widths) - gap * (row.length - 1)) / 2))
    const boxes = widths.map((each) => {
      const box = { x, y, width: each, height }
      x += each + gap
      return box
    })
    y += height + gap
    return boxes
  })
}

/** @param {number[]} ratios @param {number} large @param {Room} room @returns {Box[]} */
function withLarge(ratios, large, room) {
  const ratio = ratios[large] ?? 1
  const others = ratios.filter((_, i) => i !== large)
  let best = { filled: 0, boxes: justified(ratios, room) }
  for (let share = 0.4; share < 0.95; share += 0.02)
    for (const beside of [true, false]) {
      const height = Math.floor(
        beside
          ? Math.min(room.height, (room.width * share) / ratio)
          : Math.min(room.height * share, room.width / ratio),
      )
      const width = Math.floor(height * ratio)
      const rest = {
        width: beside ? room.width - width - room.gap : room.width,
        height: beside ? room.height : room.height - height - room.gap,
        gap: room.gap,
      }
      if (rest.width <= 0 || rest.height <= 0) continue
      const { rows, height: highest } = bestRows(others, rest)
      const small = Math.floor(Math.min(highest, height / largeByHeight))
      const legible = Math.min(1, small / (leastSmall * room.height))
      const filled = legible * (area(height, ratio) + sum(others.map((each) => area(small, each))))
      if (filled <= best.filled) continue
      const around = rows.map((row) => ({ row, height: small }))
      best = { filled, boxes: joined({ width, height }, stack(around, rest), large, room, beside) }
    }
  return best.boxes
}

/**
 * The large tile with the boxes of the others at its side or below it, each centred along the other.
 * @param {{ width: number, height: number }} size
 * @param {Box[]} others
 * @param {number} large
 * @param {Room} room
 * @param {boolean} beside
 */
function joined({ width, height }, others, large, room, beside) {
  const left = Math.min(...others.map(({ x }) => x))
  const right = Math.max(...others.map((box) => box.x + box.width))
  const end = Math.max(...others.map((box) => box.y + box.height))
  const shift = beside
    ? { x: width + room.gap - left, y: Math.max(0, Math.floor((height - end) / 2)) }
    : { x: 0, y: height + room.gap }
  const start = beside ? Math.floor((room.width - width - room.gap - (right - left)) / 2) : 0
  const boxes = others.map((box) => ({ ...box, x: box.x + shift.x + start, y: box.y + shift.y }))
  const x = beside ? start : Math.floor((room.width - width) / 2)
  boxes.splice(large, 0, { x, y: beside ? Math.max(0, Math.floor((end - height) / 2)) : 0, width, height })
  return boxes
}

/** In the middle of the room's height; at the top of a phone. @param {Box[]} boxes @param {Room} room */
function centred(boxes, room) {
  const end = Math.max(0, ...boxes.map((box) => box.y + box.height))
  const isPhone = room.width < phoneWidth && boxes.length > 1
  const shift = isPhone ? 0 : Math.max(0, Math.floor((room.height - end) / 2))
  return boxes.map((box) => ({ ...box, y: box.y + shift }))
}

/** @param {number} height @param {number} ratio */
const area = (height, ratio) => height * height * ratio

/** @param {number[]} values */
const sum = (values) => values.reduce((total, value) => total + value, 0)
