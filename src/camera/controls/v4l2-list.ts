/** One control of a V4L2 device. */
export interface V4l2Control {
  name: string
  /** `other` stands for types that have no single number: bitmask, str, area, arrays. */
  type: 'int' | 'bool' | 'menu' | 'intmenu' | 'button' | 'other'
  min: number
  max: number
  step: number
  default: number | undefined
  value: number | undefined
  /** `inactive`: another control makes it automatic. `volatile`: the driver changes the value by itself. */
  flags: ReadonlySet<string>
  /** The choices of a menu; drivers leave numbers out. */
  menu: ReadonlyMap<number, string>
}

const TYPES: Readonly<Record<string, V4l2Control['type']>> = {
  int: 'int',
  int64: 'int',
  bool: 'bool',
  boolean: 'bool',
  menu: 'menu',
  intmenu: 'intmenu',
  button: 'button',
}

/** More than any camera has. */
const MAX_CONTROLS = 500

/**
 * `v4l2-ctl --list-ctrls-menus`: a line per control, below it an indented line per choice. Lines that are neither, such as the
 * titles of classes, are skipped.
 */
export function parseV4l2Controls(text: string): V4l2Control[] {
  const controls = new Map<string, V4l2Control>()
  let menu: Map<number, string> | undefined
  for (const line of text.split('\n')) {
    const [, name, type, rest] = /^\s*([a-z0-9_]+)(?: 0x[0-9a-f]+)? \((\w+)\)\s*: ?(.*)$/.exec(line) ?? []
    if (name !== undefined && controls.size < MAX_CONTROLS) {
      menu = new Map()
      if (!controls.has(name)) controls.set(name, controlOf(name, type!, rest!, menu))
      continue
    }
    const [, index, label] = /^\s+(-?\d+): (.*)$/.exec(line) ?? []
    if (index !== undefined) menu?.set(Number(index), label!.trim())
  }
  return [...controls.values()]
}

function controlOf(name: string, type: string, text: string, menu: ReadonlyMap<number, string>): V4l2Control {
  const numberOf = (field: string): number | undefined => {
    const found = new RegExp(`(?:^| )${field}=(-?\\d+)\\b`).exec(text)?.[1]
    return found === undefined ? undefined : Number(found)
  }
  const flags = /(?:^| )flags=(.*)$/.exec(text)?.[1]?.split(/,\s*/) ?? []
  const isBool = type === 'bool' || type === 'boolean'
  return {
    name,
    // Arrays have dimensions: `[8x8]`.
    type: /\bdims=|\belems=/.test(text) ? 'other' : (TYPES[type] ?? 'other'),
    min: numberOf('min') ?? 0,
    max: numberOf('max') ?? (isBool ? 1 : 0),
    step: Math.max(1, numberOf('step') ?? 1),
    default: numberOf('default'),
    value: numberOf('value'),
    flags: new Set(flags.map((flag) => flag.trim()).filter(Boolean)),
    menu,
  }
}

/** Whether it has one value that can be set and read back. */
export const isSettable = ({ type, flags }: V4l2Control): boolean =>
  type !== 'button' &&
  type !== 'other' &&
  !['read-only', 'write-only', 'disabled', 'grabbed'].some((flag) => flags.has(flag))
