import { aboutForeignKey, aboutForeignTable } from './foreign-keys.js'
import { CONFIG_KEYS, FORMER_NAMES, type TableKind } from './keys.js'
import type { Problem } from './problems.js'
import type { TomlTable } from './toml.js'
import { isCameraKey } from '../lib/camera-key.js'
import { didYouMean, closestMatch } from '../lib/suggest.js'
import { mapValues } from '../lib/map-values.js'

/** The file as the schema expects it: only known tables and keys, former names replaced, the cameras in one place. */
export interface PartitionedFile {
  server: TomlTable
  video: TomlTable
  webrtc: TomlTable
  rtsp: TomlTable
  limits: TomlTable
  cameras: Record<string, TomlTable>
}

export interface Renamed {
  table: string
  former: string
  name: string
}

/** Separates known from unknown names. Each unknown table and key is a problem, because most are misspelled. */
export function partition(tables: TomlTable): {
  file: PartitionedFile
  problems: Problem[]
  renamed: Renamed[]
} {
  const file: PartitionedFile = { server: {}, video: {}, webrtc: {}, rtsp: {}, limits: {}, cameras: {} }
  const problems: Problem[] = []
  const renamed: Renamed[] = []
  for (const [name, table] of Object.entries(tables)) {
    const kind = kindOf(name)
    if (kind === undefined) problems.push({ path: [name], message: aboutUnknownTable(name, table) })
    else if (!isTable(table)) problems.push({ path: [name], message: aboutNoTable(name, table) })
    else {
      const kept: TomlTable = {}
      for (const [written, value] of Object.entries(table)) {
        const current = FORMER_NAMES[kind].get(written)
        const key = current ?? written
        if (current !== undefined && Object.hasOwn(table, current))
          problems.push({ path: [name, written], message: aboutBothNames(current) })
        else if (CONFIG_KEYS[kind].includes(key)) {
          kept[key] = value
          if (current !== undefined) renamed.push({ table: name, former: written, name: current })
        } else problems.push({ path: [name, key], message: aboutUnknownKey(key, table, name, kind) })
      }
      if (kind === 'camera') file.cameras[name] = kept
      else file[kind] = kept
    }
  }
  if (Object.keys(file.cameras).length === 0 && !problems.some(({ path }) => isCameraLike(path[0]!))) {
    problems.push({
      path: [],
      message:
        'there is no camera: write a [camera1] table with a device ("rpi-webrtc cameras" lists what is there)',
    })
  }
  return { file, problems, renamed }
}

const kindOf = (name: string): TableKind | undefined =>
  isCameraKey(name)
    ? 'camera'
    : (['server', 'video', 'webrtc', 'rtsp', 'limits'] as const).find((table) => table === name)

const isTable = (value: unknown): value is TomlTable =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date)

const isCameraLike = (name: string): boolean => /^[ck]am/i.test(name)

const aboutBothNames = (name: string): string =>
  `is the former name of ${name}, which the table has too: delete this line`

function aboutNoTable(name: string, value: unknown): string {
  const isListOfTables = Array.isArray(value) && value.some(isTable)
  return isListOfTables
    ? `is a list of tables: write [${name}] with single brackets`
    : `has to be a table: write [${name}] on a line of its own and the keys below it`
}

function aboutUnknownTable(name: string, value: unknown): string {
  if (isTable(value) || Array.isArray(value)) {
    const camera = suggestCamera(name)
    if (camera !== undefined) return `is not a table of this file: ${camera}`
    const foreign = aboutForeignTable(name)
    if (foreign !== undefined) return `is not a table of this file: ${foreign}`
    const meant = closestMatch(name, ['server', 'camera1', 'video', 'webrtc', 'rtsp', 'limits'])
    return meant === undefined
      ? 'is not a table of this file: there are [server], [camera1], [camera2], ..., [video], [webrtc], [rtsp] and [limits]'
      : `is not a table of this file: did you mean [${meant}]?`
  }
  const homes = tablesHavingKey(name)
  if (homes !== undefined) return `is outside a table: put it below ${homes}`
  const foreign = aboutForeignKey(name, value, undefined)
  return foreign === undefined
    ? 'is outside a table, and no table has such a key'
    : `is not a key of this file: ${foreign}`
}

function suggestCamera(name: string): string | undefined {
  if (!isCameraLike(name)) return undefined
  const number = Number(/(\d*)[\]\s]*$/.exec(name)?.[1] ?? '')
  if (number > 99) return 'cameras go from [camera1] to [camera99]'
  if (number === 0 && /\d$/.test(name)) return 'cameras are counted from [camera1]'
  return `did you mean [camera${Math.max(1, number)}]?`
}

function aboutUnknownKey(key: string, siblings: TomlTable, table: string, kind: TableKind): string {
  const here = `is not a key of [${table}]`
  const foreign = aboutForeignKey(key, siblings[key], table, siblings)
  if (foreign !== undefined) return `${here}: ${foreign}`
  const guess = didYouMean(key, CONFIG_KEYS[kind])
  if (guess !== '') return here + guess
  const homes = tablesHavingKey(key)
  if (homes !== undefined) return `${here}: it belongs below ${homes}`
  return `${here}, which has ${CONFIG_KEYS[kind].join(', ')}`
}

/** The tables that have `key` or a similar one, for a sentence. */
function tablesHavingKey(key: string): string | undefined {
  const homes = (['server', 'camera', 'video', 'webrtc', 'rtsp', 'limits'] as const).filter(
    (kind) => closestMatch(key, CONFIG_KEYS[kind]) !== undefined,
  )
  if (homes.length === 0) return undefined
  return homes.map((kind) => (kind === 'camera' ? '[cameraN]' : `[${kind}]`)).join(' or ')
}

export function withoutKeys(
  file: PartitionedFile,
  isWrong: (key: readonly [string, string]) => boolean,
): PartitionedFile {
  const right = (name: string, table: TomlTable): TomlTable =>
    Object.fromEntries(Object.entries(table).filter(([key]) => !isWrong([name, key])))
  return {
    server: right('server', file.server),
    video: right('video', file.video),
    webrtc: right('webrtc', file.webrtc),
    rtsp: right('rtsp', file.rtsp),
    limits: right('limits', file.limits),
    cameras: mapValues(file.cameras, (table, name) => ({ device: 'test:smpte', ...right(name, table) })),
  }
}

export function tableOf({ cameras, ...tables }: PartitionedFile, name: string): TomlTable | undefined {
  return isNameIn(tables, name) ? tables[name] : isNameIn(cameras, name) ? cameras[name] : undefined
}

const isNameIn = <T extends object>(tables: T, name: string): name is Extract<keyof T, string> =>
  Object.hasOwn(tables, name)
