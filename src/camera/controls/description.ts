import type { ControlGroup } from '../../config/libcamera-controls.js'
import type { ControlValue } from '../../config/types.js'

/** One control as `GET /api/cameras/camera1/controls` describes it. JSON omits what is undefined. */
export interface ControlDescription {
  /** The key of [cameraN.controls]. */
  name: string
  group: ControlGroup
  type: 'number' | 'integer' | 'boolean' | 'choice' | 'rectangle' | 'numbers'
  min?: number | undefined
  max?: number | undefined
  step?: number | undefined
  choices?: { value: string | number; label: string }[] | undefined
  length?: number | undefined
  /** Undefined: the camera decides. */
  default?: ControlValue | undefined
  value?: ControlValue | undefined
  unit?: string | undefined
  /** `restart`: a pause of about half a second; viewers stay. */
  applies: 'live' | 'restart'
  /** Whether it cannot be changed now; `why` is the reason. */
  inactive?: true | undefined
  why?: string | undefined
}

export interface ControlsDescription {
  kind: 'libcamera' | 'v4l2' | 'test' | 'rtp' | 'whip'
  /** Why there are no controls. */
  why?: string | undefined
  controls: ControlDescription[]
}
