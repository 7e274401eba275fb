import type { Problem } from './problems.js'
import type { TomlTable } from './toml.js'
import { didYouMean, closestMatch } from '../lib/suggest.js'

/** The keys each table takes; `camera` stands for every [cameraN]. */
export type KnownKeys = Record<'server' | 'camera' | 'video' | 'webrtc' | 'limits', readonly string[]>

/** The file as the schema wants it: only known tables, only known keys, the cameras in one place. */
export interface PartitionedFile {
  server: TomlTable
  video: TomlTable
  webrtc: TomlTable
  limits: TomlTable
  cameras: Record<string, TomlTable>
}

const CAMERA = /^camera[1-9]\d?$/

/** Parts what is known from what is not; every unknown table and key is a problem, for it is most often a slip. */
export function partition(
  tables: TomlTable,
  known: KnownKeys,
): { file: PartitionedFile; problems: Problem[] } {
  const file: PartitionedFile = { server: {}, video: {}, webrtc: {}, limits: {}, cameras: {} }
  const problems: Problem[] = []
  for (const [name, table] of Object.entries(tables)) {
    const kind = kindOf(name)
    if (kind === undefined) problems.push({ path: [name], message: aboutUnknownTable(name, table, known) })
    else if (!isTable(table)) problems.push({ path: [name], message: aboutNoTable(name, table) })
    else {
      const keys = Object.entries(table)
      const kept = Object.fromEntries(keys.filter(([key]) => known[kind].includes(key)))
      if (kind === 'camera') file.cameras[name] = kept
      else file[kind] = kept
      for (const [key] of keys) {
        if (!known[kind].includes(key)) {
          problems.push({ path: [name, key], message: aboutUnknownKey(key, name, kind, known) })
        }
      }
    }
  }
  if (Object.keys(file.cameras).length === 0 && !problems.some(({ path }) => isCameraLike(path[0]!))) {
    problems.push({
      path: [],
      message:
        'there is no camera: write a [camera1] table with a device ("rpi-webrtc cameras" lists what is there)',
    })
  }
  return { file, problems }
}

const kindOf = (name: string): keyof KnownKeys | undefined =>
  CAMERA.test(name)
    ? 'camera'
    : (['server', 'video', 'webrtc', 'limits'] as const).find((table) => table === name)

const isTable = (value: unknown): value is TomlTable =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date)

const isCameraLike = (name: string): boolean => /^[ck]am/i.test(name)

function aboutNoTable(name: string, value: unknown): string {
  const isListOfTables = Array.isArray(value) && value.some(isTable)
  return isListOfTables
    ? `is a list of tables: write [${name}] with single brackets`
    : `has to be a table: write [${name}] on a line of its own and the keys below it`
}

function aboutUnknownTable(name: string, value: unknown, known: KnownKeys): string {
  if (isTable(value) || Array.isArray(value)) {
    const camera = cameraMeant(name)
    if (camera !== undefined) return `is not a table of this file: ${camera}`
    const meant = closestMatch(name, ['server', 'camera1', 'video', 'webrtc', 'limits'])
    return meant === undefined
      ? 'is not a table of this file: there are [server], [camera1], [camera2], ..., [video], [webrtc] and [limits]'
      : `is not a table of this file: did you mean [${meant}]?`
  }
  const homes = tablesHavingKey(name, known)
  if (homes !== undefined) return `stands outside a table: put it below ${homes}`
  return 'stands outside a table and is not a key of any'
}

/** What to write instead of a name that somebody meant for a camera. */
function cameraMeant(name: string): string | undefined {
  if (!isCameraLike(name)) return undefined
  const number = Number(/(\d*)[\]\s]*$/.exec(name)?.[1] ?? '')
  if (number > 99) return 'cameras go from [camera1] to [camera99]'
  if (number === 0 && /\d$/.test(name)) return 'cameras are counted from [camera1]'
  return `did you mean [camera${Math.max(1, number)}]?`
}

function aboutUnknownKey(key: string, table: string, kind: keyof KnownKeys, known: KnownKeys): string {
  const here = `is not a key of [${table}]`
  const guess = didYouMean(key, known[kind])
  if (guess !== '') return here + guess
  const homes = tablesHavingKey(key, known)
  if (homes !== undefined) return `${here}: it belongs below ${homes}`
  return `${here}, which takes ${known[kind].join(', ')}`
}

/** The tables that have `key`, or a key near it, for a sentence. */
function tablesHavingKey(key: string, known: KnownKeys): string | undefined {
  const homes = (['server', 'camera', 'video', 'webrtc', 'limits'] as const).filter(
    (kind) => closestMatch(key, known[kind]) !== undefined,
  )
  if (homes.length === 0) return undefined
  return homes.map((kind) => (kind === 'camera' ? '[cameraN]' : `[${kind}]`)).join(' or ')
}

/** The file without its wrong values, so that the rest of it can be looked at. */
export function withoutKeys(
  file: PartitionedFile,
  isWrong: (key: readonly [string, string]) => boolean,
): PartitionedFile {
  const right = (name: string, table: TomlTable): TomlTable =>
    Object.fromEntries(Object.entries(table).filter(([key]) => !isWrong([name, key])))
  const camera = (name: string, table: TomlTable) =>
    [name, { device: 'test:smpte', ...right(name, table) }] as const
  return {
    server: right('server', file.server),
    video: right('video', file.video),
    webrtc: right('webrtc', file.webrtc),
    limits: right('limits', file.limits),
    cameras: Object.fromEntries(Object.entries(file.cameras).map(([name, table]) => camera(name, table))),
  }
}

/** Finds a table by its name in the file. */
export function tableOf({ cameras, ...tables }: PartitionedFile, name: string): TomlTable | undefined {
  return isNameIn(tables, name) ? tables[name] : isNameIn(cameras, name) ? cameras[name] : undefined
}

const isNameIn = <T extends object>(tables: T, name: string): name is Extract<keyof T, string> =>
  Object.hasOwn(tables, name)
