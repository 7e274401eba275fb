import * as v from 'valibot'
import type { AnyKey } from './key.js'
import { KEYS } from './keys.js'
import type { Problem } from './problems.js'
import { SECRET_CAMERA_KEYS, SECRET_KEYS } from './sensitive-keys.js'
import type { PartitionedFile } from './tables.js'
import { mapValues } from '../lib/map-values.js'

/** Values by the names of the file; keys without a default may be missing. */
export type Values = Record<string, unknown>

export interface CheckedFile {
  server: Values
  cameras: Record<string, Values>
  video: Values
  webrtc: Values
  rtsp: Values
  limits: Values
}

const optional = ({ kind, default: fallback }: AnyKey): v.GenericSchema =>
  fallback === undefined ? v.optional(kind.schema) : v.optional(kind.schema, fallback)
const own = (row: AnyKey): v.GenericSchema => (row.required === undefined ? optional(row) : row.kind.schema)
/** A camera without the key has the value of [video]. */
const override = ({ kind }: AnyKey): v.GenericSchema => v.optional(kind.schema)

const entries = (rows: Record<string, AnyKey>, schemaOf = own): v.ObjectEntries =>
  mapValues(rows, (row) => schemaOf(row))

const cameraKeys: Record<string, AnyKey> = KEYS.camera

const FileSchema = v.object({
  server: v.object(entries(KEYS.server)),
  cameras: v.record(
    v.string(),
    v.object(
      { ...entries(KEYS.camera), ...entries(KEYS.video, override) },
      ({ path }) => `is missing: ${cameraKeys[String(path?.at(-1)?.key)]?.required ?? 'write it'}`,
    ),
  ),
  video: v.object(entries(KEYS.video)),
  webrtc: v.object(entries(KEYS.webrtc)),
  rtsp: v.object(entries(KEYS.rtsp)),
  limits: v.object(entries(KEYS.limits)),
})

/** @returns the values, or every problem that one value has. */
export function checkFile(file: PartitionedFile): CheckedFile | Problem[] {
  const { success, output, issues } = v.safeParse(FileSchema, file, { abortPipeEarly: true })
  return success ? output : issues.map(problemOf)
}

function problemOf(issue: v.InferIssue<typeof FileSchema>): Problem {
  const path = (issue.path ?? []).map(({ key }) => String(key))
  const inTable = path[0] === 'cameras' ? path.slice(1) : path
  const isSecret =
    path[0] === 'cameras'
      ? SECRET_CAMERA_KEYS.includes(inTable[1] ?? '')
      : (path[0] === 'server' || path[0] === 'webrtc') && SECRET_KEYS.includes(inTable[1] ?? '')
  return {
    path: inTable,
    message: issue.message,
    value: isSecret ? undefined : issue.input,
  }
}
