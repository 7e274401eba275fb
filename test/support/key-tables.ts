import type { AnyKey } from '../../src/config/key.js'
import { KEYS, type TableKind } from '../../src/config/keys.js'
import { LIBCAMERA_CONTROLS, type LibcameraControl } from '../../src/config/libcamera-controls.js'

/** The tables of docs/configuration.md, from the table of keys. */

const HEAD = '| key | type and range | default | applies | description |\n|---|---|---|---|---|'

const quoted = (value: unknown): string =>
  typeof value === 'number' || typeof value === 'boolean' ? String(value) : `\`${JSON.stringify(value)}\``

function defaultOf({ default: fallback, defaultText, sameAs, perCamera, required }: AnyKey): string {
  if (fallback !== undefined) return quoted(fallback)
  if (required !== undefined) return 'required'
  return sameAs === undefined ? (perCamera?.text ?? defaultText ?? 'none') : `\`${sameAs}\``
}

const appliesOf = ({ applies, except }: AnyKey): string =>
  except === undefined ? applies : `${applies}; ${except.applies} ${except.text}`

const rowOf = (...cells: string[]): string => `| ${cells.join(' | ')} |`

const rowsOf = (table: string, rows: Record<string, AnyKey>): string[] =>
  Object.entries(rows).map(([name, row]) =>
    rowOf(`\`${table}.${name}\``, row.kind.type, defaultOf(row), appliesOf(row), row.about),
  )

/** The keys of [video] in the table of a camera. */
const overrides = (): string[] =>
  Object.entries<AnyKey>(KEYS.video).map(([name, row]) => {
    const base = `\`video.${name}\``
    return rowOf(
      `\`cameraN.${name}\``,
      `as ${base}`,
      base,
      appliesOf(row),
      `Overrides ${base} for this camera.`,
    )
  })

const tableOf = (kind: TableKind): string =>
  [
    HEAD,
    ...(kind === 'camera' ? [...rowsOf('cameraN', KEYS.camera), ...overrides()] : rowsOf(kind, KEYS[kind])),
  ].join('\n')

const valuesOf = (control: LibcameraControl): string => {
  switch (control.type) {
    case 'number':
    case 'integer':
      return `${control.min} to ${control.max}`
    case 'choice':
      return Object.keys(control.choices)
        .map((choice) => `\`"${choice}"\``)
        .join(', ')
    case 'rectangle':
      return 'rectangle'
    case 'numbers':
      return `list of ${control.length} numbers, ${control.min} to ${control.max}`
  }
}

const controlTable = (): string =>
  [
    '| control | values | default | needs libcamera | description |\n|---|---|---|---|---|',
    ...Object.entries<LibcameraControl>(LIBCAMERA_CONTROLS).map(([name, control]) =>
      rowOf(
        `\`${name}\``,
        valuesOf(control),
        control.default === undefined ? 'the camera decides' : quoted(control.default),
        control.since,
        control.about,
      ),
    ),
  ].join('\n')

/** `page` with the table of every kind between `<!-- keys: KIND -->` and `<!-- end -->`. */
export const withKeyTables = (page: string): string =>
  page
    .replaceAll(
      /(<!-- keys: (\w+) -->\n)[^]*?(?=<!-- end -->)/g,
      (_, marker: string, kind: TableKind) => `${marker}\n${tableOf(kind)}\n\n`,
    )
    .replaceAll(
      /(<!-- controls -->\n)[^]*?(?=<!-- end -->)/g,
      (_, marker: string) => `${marker}\n${controlTable()}\n\n`,
    )
