import type { ControlValue, Controls } from '../../config/types.js'
import { invalidControl } from '../../errors.js'
import type { ControlsDescription } from './description.js'

/** Null: back to the default. */
export type ControlPatch = Readonly<Record<string, ControlValue | null>>

/** The controls of one running camera. */
export interface CameraControls {
  /** As the configuration file would have them. */
  readonly inForce: Controls
  /** Whether they differ from the configuration file. */
  readonly isUnsaved: boolean
  /** Sentences: what the camera does not have as configured. */
  readonly notes: readonly string[]
  describe(): Promise<ControlsDescription>
  /**
   * Resolves when the change is in force.
   * @throws AppError `invalid-control`, and nothing changed; `control-rejected`, and the previous values are in force again.
   */
  change(patch: ControlPatch): Promise<void>
  /** Resolves when no change is on its way, so that `inForce` is what stays. */
  settled(): Promise<void>
  /** Whether the camera's own encoder sends a keyframe when it is asked. */
  readonly canRequestKeyframe: boolean
  requestKeyframe(): void
  /** Called after a reload with the table of the file before and after it. */
  reloaded(before: Controls, next: Controls): void
}

/** Controls of a camera that has none. */
export const noControls = (kind: 'test' | 'rtp' | 'whip', why: string): CameraControls => ({
  inForce: {},
  isUnsaved: false,
  notes: [],
  describe: async () => await Promise.resolve({ kind, why, controls: [] }),
  change: async (patch) => {
    await Promise.resolve()
    if (Object.keys(patch).length > 0) throw invalidControl(why)
  },
  settled: async () => await Promise.resolve(),
  canRequestKeyframe: false,
  requestKeyframe: () => {},
  reloaded: () => {},
})
