import {
  lineEndAt,
  tomlStatements,
  type TomlEntry,
  type TomlInline,
  type TomlStatements,
} from '../lib/toml-statements.js'
import type { Controls, ControlValue } from './controls.js'
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

/**
 * Writes the controls of one camera into the text of a configuration and leaves everything else as it is: comments, order, line
 * ends. It edits the form that the file has: a table, an inline table, dotted keys, or none yet.
 * @param written the controls that the text has.
 */
export function editControls(toml: string, camera: string, written: Controls, wanted: Controls): string {
  const statements = tomlStatements(toml)
  return applyEdits(toml, editsOf({ toml, statements, camera, written, wanted, newline: newlineOf(toml) }))
}

interface Task {
  toml: string
  statements: TomlStatements
  camera: string
  written: Controls
  wanted: Controls
  newline: string
}

const isSame = (a: ControlValue | undefined, b: ControlValue | undefined): boolean =>
  JSON.stringify(a) === JSON.stringify(b)

export const changedControls = (written: Controls, wanted: Controls): string[] =>
  [...new Set([...Object.keys(written), ...Object.keys(wanted)])].filter(
    (name) => !isSame(written[name], wanted[name]),
  )

function editsOf(task: Task): Edit[] {
  const { statements, camera, written, wanted } = task
  if (changedControls(written, wanted).length === 0) return []
  const isAt = (entry: TomlEntry, ...path: string[]): boolean => samePath(entry.path, path)
  const whole = statements.entries.find(
    (entry) => isAt(entry, camera, 'controls') && entry.inline !== undefined,
  )
  if (whole !== undefined) return [replaceInline(task, whole.inline!, [camera, 'controls'])]
  const inlineCamera = statements.entries.find((entry) => isAt(entry, camera) && entry.inline !== undefined)
  if (inlineCamera !== undefined) return [editInlineCamera(task, inlineCamera.inline!)]
  return editTable(task)
}

/** `[camera1.controls]`, dotted keys, or neither. */
function editTable(task: Task): Edit[] {
  const { toml, statements, camera, written, wanted, newline } = task
  const own = statements.entries.filter(
    ({ path }) => path.length === 3 && path[0] === camera && path[1] === 'controls',
  )
  const edits: Edit[] = []
  for (const entry of own) {
    const name = entry.path[2]!
    const value = wanted[name]
    if (isSame(value, written[name])) continue
    edits.push(value === undefined ? removal(toml, entry) : replacement(entry, value))
  }
  const added = Object.keys(wanted).filter((name) => !own.some(({ path }) => path[2] === name))
  if (added.length === 0) return edits
  const lines = (prefix: string): string =>
    added.map((name) => `${prefix}${tomlKey(name)} = ${tomlValue(wanted[name]!)}${newline}`).join('')
  return [...edits, insertion(task, lines)]
}

/** Where new lines go, and what they begin with. */
function insertion(task: Task, lines: (prefix: string) => string): Edit {
  const { toml, statements, camera, newline } = task
  const { entries, headers } = statements
  const controls = headers.find(({ path }) => samePath(path, [camera, 'controls']))
  if (controls !== undefined) {
    const last = entries.slice(controls.firstEntry, controls.endEntry).at(-1)
    return insertAt(
      toml,
      last === undefined ? controls.bodyStart : lineEndAt(toml, last.valueEnd),
      lines(''),
      newline,
    )
  }
  const isOfCamera = ({ path }: TomlEntry): boolean => path[0] === camera
  const dotted = entries.findLast((entry) => isOfCamera(entry) && entry.path[1] === 'controls')
  const home = headers.find(({ path }) => samePath(path, [camera]))
  const lastOfCamera = dotted ?? (home === undefined ? entries.findLast(isOfCamera) : undefined)
  if (lastOfCamera !== undefined) {
    const inHeader = headers.findLast(({ lineStart }) => lineStart < lastOfCamera.keyStart)
    const prefix = [camera, 'controls'].slice(inHeader?.path.length ?? 0).map((name) => `${tomlKey(name)}.`)
    return insertAt(toml, lineEndAt(toml, lastOfCamera.valueEnd), lines(prefix.join('')), newline)
  }
  const at = home === undefined ? toml.length : endOfTable(toml, headers, home)
  const before = at > 0 && !/\n\r?\n$/.test(toml.slice(0, at)) ? newline : ''
  const after = at < toml.length && !/^\r?\n/.test(toml.slice(at)) ? newline : ''
  return insertAt(toml, at, `${before}[${tomlKey(camera)}.controls]${newline}${lines('')}${after}`, newline)
}

/** The entries of an inline table: unchanged ones keep their text. */
function replaceInline({ toml, written, wanted }: Task, inline: TomlInline, path: readonly string[]): Edit {
  const kept = inline.entries.flatMap((entry) => {
    const name = entry.path[path.length]!
    const value = wanted[name]
    if (value === undefined) return []
    const text = toml.slice(entry.keyStart, entry.valueEnd)
    if (isSame(value, written[name])) return [text]
    return [toml.slice(entry.keyStart, entry.valueStart) + tomlValue(value)]
  })
  const names = inline.entries.map((entry) => entry.path[path.length])
  const added = Object.keys(wanted)
    .filter((name) => !names.includes(name))
    .map((name) => `${tomlKey(name)} = ${tomlValue(wanted[name]!)}`)
  const all = [...kept, ...added]
  return { start: inline.start, end: inline.end, text: all.length === 0 ? '' : ` ${all.join(', ')} ` }
}

/** `camera1 = { device = "...", controls = { ... } }` */
function editInlineCamera(task: Task, camera: TomlInline): Edit {
  const { toml, wanted } = task
  const depth = 2
  const controls = camera.entries.find(
    ({ path, inline }) => path.length === depth && path[1] === 'controls' && inline,
  )
  if (controls !== undefined) return replaceInline(task, controls.inline!, controls.path)
  const kept = camera.entries
    .filter(({ path }) => path[1] !== 'controls')
    .map(({ keyStart, valueEnd }) => toml.slice(keyStart, valueEnd))
  const all = Object.entries(wanted).map(([name, value]) => `${tomlKey(name)} = ${tomlValue(value)}`)
  const table = all.length === 0 ? [] : [`controls = { ${all.join(', ')} }`]
  return { start: camera.start, end: camera.end, text: ` ${[...kept, ...table].join(', ')} ` }
}
