import { isControlValue } from './controls.js'
import type { Device } from './device.js'
import type { AnyKey, CameraEffect } from './key.js'
import { KEYS } from './keys.js'
import type { Input } from './kinds.js'
import type { TomlTable } from './toml.js'

/** The keys of a camera that the owner's page asks for. What it asks follows from the table of keys. */
const FORM_KEYS = [
  'name',
  'width',
  'height',
  'fps',
  'flip-method',
  'codec',
  'bitrate',
  'overlay',
] as const satisfies readonly (keyof typeof KEYS.camera | keyof typeof KEYS.video)[]

export type FormValue = string | number | boolean

export interface FormField {
  /** The key of the camera's table. */
  name: string
  input: Input
  about: string
  /** What the camera's table has. */
  written: FormValue | undefined
  /** What applies without the key. */
  fallback: FormValue | undefined
  applies: CameraEffect
}

export const isFormKey = (name: string): boolean => FORM_KEYS.some((key) => key === name)

const ROWS = { ...KEYS.camera, ...KEYS.video }

/**
 * @param key `camera1`. @param device of this camera.
 * @param tables the text of the file, parsed and valid.
 */
export function cameraForm(key: string, device: Device, tables: TomlTable): FormField[] {
  const own = (tables[key] ?? {}) as TomlTable
  const video = (tables['video'] ?? {}) as TomlTable
  return FORM_KEYS.map((name) => {
    const row = ROWS[name]
    return {
      name,
      input: row.kind.input,
      about: plainText(row.about),
      written: formValue(own[name]),
      fallback: formValue(name in KEYS.video ? (video[name] ?? row.default) : fallbackOf(key, row)),
      applies: row.except?.when(device, device) === true ? row.except.applies : row.applies,
    }
  })
}

const fallbackOf = (key: string, { default: value, perCamera }: AnyKey): unknown =>
  value ?? perCamera?.of(Number(key.slice('camera'.length)))

const formValue = (value: unknown): FormValue | undefined =>
  isControlValue(value) && typeof value !== 'object' ? value : undefined

/** Markdown of the documentation as a sentence: links of the documentation lead nowhere here. */
export const plainText = (markdown: string): string =>
  markdown
    .replaceAll(/;? ?[Ss]ee \[[^\]]*\]\([^)]*\)/g, '')
    .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replaceAll(/`"?([^`"]+)"?`|`([^`]*)`/g, '$1$2')
    .replaceAll(/ ?\.{2,}/g, '.')
    .replaceAll(/\. \.|(?<=\.) +\.$/g, '.')
    .trim()
