interface Box {
  y: number
  width: number
  height: number
}
/** The page's own module, which the compiler checks with the page. */
const { layOut } = (await import(new URL('../static/grid.js', import.meta.url).href)) as {
  layOut: (
    ratios: number[],
    room: { width: number; height: number; gap: number },
    layout: { name: 'grid' | 'large'; large: number },
  ) => (Box | undefined)[]
}

/** The share of the window that is filled with pictures, by the page's own layout: the table of docs/viewer-page.md. */
const windows = [
  { width: 390, height: 844, margin: 10 },
  { width: 820, height: 1180, margin: 14 },
  { width: 1280, height: 720, margin: 14 },
  { width: 1440, height: 900, margin: 14 },
  { width: 3840, height: 2160, margin: 14 },
]
/** As page.css has it. */
const masthead = 48
const gap = 8
const sets = {
  ...Object.fromEntries([2, 3, 4, 6, 9].map((count) => [String(count), Array<number>(count).fill(4 / 3)])),
  'mixed 4:3, 16:9, 9:16, 1:1': [4 / 3, 16 / 9, 9 / 16, 1],
}

const share = (
  ratios: number[],
  { width, height, margin }: (typeof windows)[number],
  name: 'grid' | 'large',
): string => {
  const room = { width: width - 2 * margin, height: height - masthead - margin, gap }
  const boxes = layOut(ratios, room, { name, large: 0 }).filter((box) => box !== undefined)
  if (boxes.some((box) => box.y + box.height > room.height)) return 'scrolls'
  const filled = boxes.reduce((sum, box) => sum + box.width * box.height, 0)
  return `${Math.round((100 * filled) / (width * height))} %`
}

for (const name of ['grid', 'large'] as const) {
  console.log(
    `\n| ${name} | ${Object.keys(sets).join(' | ')} |\n|---|${'---|'.repeat(Object.keys(sets).length)}`,
  )
  for (const window of windows)
    console.log(
      `| ${window.width}x${window.height} | ${Object.values(sets)
        .map((ratios) => share(ratios, window, name))
        .join(' | ')} |`,
    )
}
