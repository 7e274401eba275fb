import { lineEndAt, tomlStatements } from '../lib/toml-statements.js'

/**
 * Writes text keys of `[server]` into the text of a configuration and leaves everything else as it is.
 * @param values key -> value. @returns a text that the caller parses: a form that this does not know gives an invalid one.
 */
export const editServer = (toml: string, values: Readonly<Record<string, string>>): string =>
  Object.entries(values).reduce((text, [key, value]) => setKey(text, key, JSON.stringify(value)), toml)

function setKey(toml: string, key: string, value: string): string {
  const { entries, headers } = tomlStatements(toml)
  const newline = toml.includes('\r\n') ? '\r\n' : '\n'
  const ofServer = entries.filter(({ path }) => path[0] === 'server')
  const present = ofServer.find(({ path }) => path.length === 2 && path[1] === key)
  if (present !== undefined) return toml.slice(0, present.valueStart) + value + toml.slice(present.valueEnd)

  const inline = ofServer.find(({ path }) => path.length === 1)?.inline
  if (inline !== undefined) {
    const kept = toml.slice(inline.start, inline.end).trim()
    const all = [...(kept === '' ? [] : [kept]), `${key} = ${value}`].join(', ')
    return `${toml.slice(0, inline.start)} ${all} ${toml.slice(inline.end)}`
  }
  const table = headers.find(({ path }) => path.length === 1 && path[0] === 'server')
  const last = table === undefined ? ofServer.at(-1) : entries.slice(table.firstEntry, table.endEntry).at(-1)
  const at = last === undefined ? table?.bodyStart : lineEndAt(toml, last.valueEnd)
  if (at === undefined) {
    const before = toml === '' ? '' : toml.endsWith('\n') ? newline : newline + newline
    return `${toml}${before}[server]${newline}${key} = ${value}${newline}`
  }
  const isOpen = at > 0 && toml[at - 1] !== '\n'
  const name = table === undefined ? `server.${key}` : key
  return `${toml.slice(0, at)}${isOpen ? newline : ''}${name} = ${value}${newline}${toml.slice(at)}`
}
