/** The JSON of `/api/cameras/camera1/controls`. The page's type check reads this file, so it has no imports. */
export interface ControlsAnswer {
  camera: string
  kind: string
  /** Why there are no controls. */
  why?: string
  /** Whether the values in force differ from the configuration file. */
  unsaved: boolean
  controls: ControlAnswer[]
}

export type ControlValue = number | boolean | string | number[]

export interface ControlAnswer {
  /** The key of [cameraN.controls]. */
  name: string
  group: 'focus' | 'exposure' | 'colour' | 'picture' | 'other'
  type: 'number' | 'integer' | 'boolean' | 'choice' | 'rectangle' | 'numbers'
  min?: number
  max?: number
  step?: number
  choices?: { value: string | number; label: string }[]
  /** Of a rectangle (4: x, y, width, height, each in 0..1) or of numbers. */
  length?: number
  /** Absent: the camera decides. */
  default?: ControlValue
  /** In force; absent: the camera decides. */
  value?: ControlValue
  unit?: string
  /** `restart`: the picture pauses for about half a second, and viewers stay. */
  applies: 'live' | 'restart'
  /** It cannot be changed now, for the reason in `why`. */
  inactive?: boolean
  why?: string
}

/** The answer of `POST /api/cameras/camera1/controls/save`. */
export interface ControlsSavedAnswer {
  path: string
  backup?: string
  /** The names of the controls whose lines changed. */
  changed: string[]
}
