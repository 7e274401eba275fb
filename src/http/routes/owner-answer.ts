/** The JSON of the routes for the owner's page. The page's type check reads this file, so it has no imports. */

export type SettingValue = string | number | boolean

export interface SettingsAnswer {
  /** The configuration file; absent if there is none. */
  path?: string
  /** Why nothing can be changed, and what to do about it. */
  why?: { error: string; message: string }
  /** The file names no camera: those that were found are served. A change writes their tables too. */
  found: boolean
  cameras: CameraSettingsAnswer[]
  /** The last change, if it can be undone: the lines that change then. */
  undo?: { lines: LineAnswer[] }
  restart: { possible: boolean; why?: string }
}

export interface CameraSettingsAnswer {
  key: string
  device: string
  fields: FieldAnswer[]
}

export interface FieldAnswer {
  /** The key of [cameraN]. */
  name: string
  type: 'integer' | 'choice' | 'boolean' | 'text' | 'number-or-text'
  min?: number
  max?: number
  step?: number
  choices?: string[]
  about: string
  /** What the file has; absent: the default. */
  value?: SettingValue
  default?: SettingValue
  applies: Effect
}

/** `restart`: the picture pauses, viewers stay. `reconnect`: they connect again. `added`: a camera more. */
export type Effect = 'live' | 'restart' | 'reconnect' | 'added'

/** A line of the file that changes. */
export interface LineAnswer {
  sign: '-' | '+'
  /** From 1; of a removed line in the file as it is. */
  number: number
  text: string
}

/** What to write: keys of one camera (null: the default), or the table of a found camera. */
export type SettingsChange = { camera: string; values: Record<string, SettingValue | null> } | { add: string }

export interface PreviewAnswer {
  path: string
  camera: string
  lines: LineAnswer[]
  applies: Effect
  /** To be sent with the change: it is rejected if the file or what was found is another one by then. */
  preview: string
}

export interface AppliedAnswer {
  path: string
  /** The previous file; absent if nothing changed. */
  backup?: string
  lines: LineAnswer[]
}

export interface DevicesAnswer {
  cameras: DeviceAnswer[]
  /** Sentences about the search. */
  notes: string[]
}

export interface DeviceAnswer {
  /** The value of `device`. */
  device: string
  name: string
  kind: 'libcamera' | 'v4l2'
  /** What it delivers. */
  modes: string
  /** The camera of the configuration that has it. */
  used_by?: string
}

/** What a camera delivers, for suggestions: the configuration accepts other values too. */
export interface SizesAnswer {
  camera: string
  /** Smallest first. None: they are not known, or every size is possible. */
  sizes: SizeAnswer[]
}

export interface SizeAnswer {
  width: number
  height: number
  /** Frames per second, descending. None: they are not known. */
  rates: number[]
}

export interface DoctorAnswer {
  /** Whether nothing prevents a camera from playing. */
  ok: boolean
  seconds_ago: number
  chapters: { title: string; checks: CheckAnswer[] }[]
}

export interface CheckAnswer {
  id: string
  status: 'ok' | 'warning' | 'problem'
  title: string
  detail: string
  hint?: string
}

export interface LogAnswer {
  lines: LogLineAnswer[]
}

export interface LogLineAnswer {
  /** Counts up from 1 since the start of the program. */
  number: number
  time: string
  level: 'info' | 'warn' | 'error'
  part: string
  message: string
}
