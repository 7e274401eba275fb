import { lineEndAt, tomlStatements, type TomlEntry, type TomlStatements } from '../lib/toml-statements.js'
import type { ControlValue } from './controls.js'
import {
  applyEdits,
  endOfTable,
  insertAt,
  newlineOf,
  removal,
  replacement,
  samePath,
  tomlKey,
  tomlValue,
  type Edit,
} from './edit-text.js'

/** The keys of a camera as the file has them; null removes the key, so that its default applies. */
export type CameraEdits = Readonly<Record<string, ControlValue | null>>

/**
 * Writes keys of one camera into the text of a configuration and leaves everything else as it is: comments, order, line ends. It edits
 * the form that the file has: a table, an inline table or dotted keys.
 * @returns a text that the caller parses: a form that this does not know gives an invalid or an unchanged one.
 */
export function editCamera(toml: string, camera: string, edits: CameraEdits): string {
  const { entries, headers } = tomlStatements(toml)
  const inline = entries.find(({ path }) => samePath(path, [camera]))?.inline
  const own = (inline?.entries ?? entries).filter(({ path }) => path.length === 2 && path[0] === camera)
  const present = (name: string): TomlEntry | undefined => own.find(({ path }) => path[1] === name)
  if (inline !== undefined) return applyEdits(toml, [replaceAll(toml, inline, edits, present)])

  const changes = Object.entries(edits).flatMap(([name, value]) => {
    const entry = present(name)
    if (entry === undefined) return []
    return value === null ? [removal(toml, entry)] : [replacement(entry, value)]
  })
  const added = Object.entries(edits).filter(([name, value]) => value !== null && present(name) === undefined)
  if (added.length === 0) return applyEdits(toml, changes)
  const home = homeOf(camera, entries, headers)
  if (home === undefined) return applyEdits(toml, changes)
  const newline = newlineOf(toml)
  const lines = added.map(
    ([name, value]) => `${home.prefix}${tomlKey(name)} = ${tomlValue(value!)}${newline}`,
  )
  const at = home.last === undefined ? home.bodyStart : lineEndAt(toml, home.last.valueEnd)
  return applyEdits(toml, [...changes, insertAt(toml, at, lines.join(''), newline)])
}

/** Where further keys of the camera go: behind its last one, in the table `[camera1]` or among dotted keys. */
function homeOf(
  camera: string,
  entries: readonly TomlEntry[],
  headers: TomlStatements['headers'],
): { prefix: string; last: TomlEntry | undefined; bodyStart: number } | undefined {
  const table = headers.find(({ path }) => samePath(path, [camera]))
  if (table !== undefined) {
    const last = entries.slice(table.firstEntry, table.endEntry).at(-1)
    return { prefix: '', last, bodyStart: table.bodyStart }
  }
  const last = entries.findLast(({ path }) => path.length === 2 && path[0] === camera)
  return last && { prefix: `${tomlKey(camera)}.`, last, bodyStart: 0 }
}

/** `camera1 = { device = "...", width = 640 }`: unchanged entries keep their text. */
function replaceAll(
  toml: string,
  inline: NonNullable<TomlEntry['inline']>,
  edits: CameraEdits,
  present: (name: string) => TomlEntry | undefined,
): Edit {
  const kept = inline.entries.flatMap((entry) => {
    const value = entry.path.length === 2 ? edits[entry.path[1]!] : undefined
    if (value === null) return []
    const end = value === undefined ? entry.valueEnd : entry.valueStart
    return [toml.slice(entry.keyStart, end) + (value === undefined ? '' : tomlValue(value))]
  })
  const added = Object.entries(edits)
    .filter(([name, value]) => value !== null && present(name) === undefined)
    .map(([name, value]) => `${tomlKey(name)} = ${tomlValue(value!)}`)
  return { start: inline.start, end: inline.end, text: ` ${[...kept, ...added].join(', ')} ` }
}

/** Adds a table `[camera2]` behind the tables of the other cameras, or at the end of the text. */
export function addCamera(toml: string, camera: string, values: Record<string, ControlValue>): string {
  const { headers } = tomlStatements(toml)
  const newline = newlineOf(toml)
  const rows = Object.entries(values).map(
    ([name, value]) => `${tomlKey(name)} = ${tomlValue(value)}${newline}`,
  )
  const table = `[${tomlKey(camera)}]${newline}${rows.join('')}`
  const last = headers.findLast(({ path }) => /^camera\d+$/.test(path[0] ?? ''))
  const at = last === undefined ? endOfText(toml) : endOfTable(toml, headers, last)
  const before = at > 0 ? newline : ''
  const after = at < toml.length && !/^\r?\n/.test(toml.slice(at)) ? newline : ''
  return applyEdits(toml, [insertAt(toml, at, `${before}${table}${after}`, newline)])
}

/** Blank lines at the end stay behind what is added. */
const endOfText = (toml: string): number => {
  const end = toml.trimEnd().length
  return end === 0 ? 0 : lineEndAt(toml, end - 1)
}
