/** A line of this program's configuration. */
export interface Setting {
  table: 'camera' | 'controls' | 'video' | 'webrtc' | 'rtsp' | 'server'
  key: string
  value: string | number | boolean | readonly (string | number)[]
}

/** What to write instead of a key of another program: a sentence, or lines. Without a line, the key is not needed. */
export type Answer = string | readonly Setting[]

/** @param value as TOML, YAML or INI has it. */
export type Translate = (value: unknown) => Answer

/** Spellings of one key, without case, hyphens and underscores, and its translation. */
export type Row = readonly [names: string, translate: Translate]

export const inCamera = (key: string, value: Setting['value']): Setting[] => [{ table: 'camera', key, value }]
export const inControls = (key: string, value: Setting['value']): Setting[] => [
  { table: 'controls', key, value },
]
export const inVideo = (key: string, value: Setting['value']): Setting[] => [{ table: 'video', key, value }]
export const inWebrtc = (key: string, value: Setting['value']): Setting[] => [{ table: 'webrtc', key, value }]
export const inRtsp = (key: string, value: Setting['value']): Setting[] => [{ table: 'rtsp', key, value }]
export const inServer = (key: string, value: Setting['value']): Setting[] => [{ table: 'server', key, value }]

export const NOT_NEEDED: readonly Setting[] = []

export const lineOf = ({ key, value }: Setting): string => `${key} = ${toToml(value)}`

const toToml = (value: Setting['value']): string =>
  Array.isArray(value)
    ? `[${value.map((one: string | number) => toToml(one)).join(', ')}]`
    : JSON.stringify(value)

/** The end of a sentence about the key. @param table the one that the key is in. */
export function answerText(answer: Answer, table: string | undefined): string {
  if (typeof answer === 'string') return answer
  const [first] = answer
  if (first === undefined) return 'it is not needed here: delete the line'
  const lines = answer.map(lineOf).join(' and ')
  const inThisTable = table !== undefined && /^camera\d/.test(table)
  switch (first.table) {
    case 'controls':
      return `write ${lines} in [${inThisTable ? table : 'cameraN'}.controls]`
    case 'camera':
      return inThisTable ? `write ${lines}` : `write ${lines} in [cameraN]`
    case 'video':
      return inThisTable || table === 'video' ? `write ${lines}` : `write ${lines} in [video]`
    default:
      return table === first.table ? `write ${lines}` : `write ${lines} in [${first.table}]`
  }
}
