/** A setting in a file of another program, and the camera or section that it belongs to. */
export interface Pair {
  group: string
  key: string
  value: string
}

const MAX_LINES = 2000
/** The expressions below take quadratic time in the length of a line. */
const MAX_LENGTH = 300

/** Without empty lines and comments. */
export const linesOf = (text: string): string[] =>
  text
    .split('\n', MAX_LINES)
    .map((line) => line.slice(0, MAX_LENGTH).trimEnd())
    .filter((line) => line !== '' && !/^\s*[#;]/.test(line))

const unquoted = (value: string): string => {
  const text = value.replace(/\s+[#;].*$/, '').trim()
  return /^(["']).*\1$/.test(text) ? text.slice(1, -1) : text
}

/** Below these keys of YAML, each key is a camera. */
const CAMERA_LISTS = ['paths', 'streams', 'cameras']

const isIceServers = ({ key }: { key: string }): boolean => /ice_?servers/i.test(key)

/** Keys and values of YAML, without its types: enough for the files of cameras. */
export function yamlPairs(text: string): Pair[] {
  const pairs: Pair[] = []
  let parents: { indent: number; key: string }[] = []
  for (const line of linesOf(text)) {
    const indent = line.length - line.trimStart().length
    const match = /^\s*(?:-\s+)?(["']?)([\w.~/-]+)\1\s*:(?:\s+(.*))?$/.exec(line)
    const item = /^\s*-\s+(\S.*)$/.exec(line)?.[1]
    parents = parents.filter(
      (parent) => parent.indent < indent || (match === null && parent.indent === indent),
    )
    const list = parents.findIndex(({ key }) => CAMERA_LISTS.includes(key))
    const group = list === -1 ? '' : (parents[list + 1]?.key ?? '')
    if (match === null) {
      if (item !== undefined && group !== '') pairs.push({ group, key: 'source', value: unquoted(item) })
      continue
    }
    const [, , written = '', value = ''] = match
    const key = /^urls?$/.test(written) && parents.some(isIceServers) ? 'iceServers' : written
    if (unquoted(value) === '') parents.push({ indent, key })
    else if (list !== -1 && group === '') pairs.push({ group: key, key: 'source', value: unquoted(value) })
    else pairs.push({ group, key, value: unquoted(value) })
  }
  return pairs
}

/** `[section]`, then `key: value` or `key = value`. */
export function iniPairs(text: string): Pair[] {
  let group = ''
  return linesOf(text).flatMap((line) => {
    const section = /^\s*\[([^\]]+)\]/.exec(line)?.[1]
    if (section !== undefined) group = section.trim()
    const match = /^\s*([\w.-]+)\s*[:=]\s*(.*)$/.exec(line)
    return match === null || section !== undefined
      ? []
      : [{ group, key: match[1]!, value: unquoted(match[2]!) }]
  })
}

/** Lines of a key, blanks, and a value, as motion has them. */
export const wordPairs = (text: string): Pair[] =>
  linesOf(text).flatMap((line) => {
    const match = /^\s*([a-z]\w*)\s+(\S.*)$/i.exec(line)
    return match === null ? [] : [{ group: '', key: match[1]!, value: unquoted(match[2]!) }]
  })

const SHORT_FLAGS: Record<string, string> = { d: 'source', r: 'resolution', f: 'framerate' }

/** `--key=value`, `--key value` and `--key`, in any number of lines. */
export function flagPairs(text: string): Pair[] {
  const words = linesOf(text)
    .flatMap((line) => line.replace(/\\$/, '').trim().split(/\s+/))
    .map(unquoted)
  return words.flatMap((word, i) => {
    const [, long, short, attached] = /^-(?:-([a-z][\w.-]*)|([a-z]))(?:=(.*))?$/i.exec(word) ?? []
    const key = long ?? SHORT_FLAGS[short ?? '']
    if (key === undefined) return []
    const next = words[i + 1] ?? ''
    const value = attached ?? (/^-(?!\d)/.test(next) ? '' : next)
    return [{ group: '', key, value }]
  })
}
