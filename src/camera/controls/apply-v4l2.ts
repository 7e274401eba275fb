import type { ControlValue } from '../../config/types.js'
import { automaticOf, DYNAMIC_FRAME_RATE, inOrderOfDependency } from './v4l2-automatic.js'
import type { V4l2Device } from './v4l2-device.js'
import { v4l2Value } from './v4l2-value.js'
import type { V4l2Control } from './v4l2-list.js'

/** What a camera has to be set to. */
export interface V4l2Plan {
  /** Name -> number, with the automatic controls that the values need switched off. */
  values: Map<string, number>
  /** Sentences without a subject other than the name: what cannot be set, and why. */
  problems: Map<string, string>
  /** Of these, what another control rules out -> that control. */
  ruledOut: Map<string, string>
}

/**
 * @param wanted the controls of the configuration.
 * @param isRange whether the frame rate may fall in the dark.
 */
export function planV4l2(
  wanted: Readonly<Record<string, ControlValue>>,
  controls: readonly V4l2Control[],
  isRange: boolean,
): V4l2Plan {
  const byName = new Map(controls.map((control) => [control.name, control]))
  const has = (name: string): boolean => byName.has(name)
  const values = new Map<string, number>()
  const problems = new Map<string, string>()
  const ruledOut = new Map<string, string>()
  for (const [name, value] of Object.entries(wanted)) {
    const control = byName.get(name)
    if (control === undefined) {
      problems.set(
        name,
        `is not a control of this camera, which has ${[...byName.keys()].join(', ') || 'none'}`,
      )
      continue
    }
    const result = v4l2Value(control, value)
    if ('value' in result) values.set(name, result.value)
    else problems.set(name, result.problem)
  }
  for (const name of [...values.keys()]) {
    const automatic = automaticOf(name, has)
    if (automatic === undefined) continue
    const chosen = values.get(automatic.name)
    if (chosen === undefined) values.set(automatic.name, automatic.off)
    else if (chosen !== automatic.off && !allows(name, chosen)) {
      values.delete(name)
      ruledOut.set(name, automatic.name)
      problems.set(
        name,
        `has no effect while ${automatic.name} is automatic: switch that off, or delete ${name}`,
      )
    }
  }
  const dynamic = DYNAMIC_FRAME_RATE.find(has)
  if (isRange && dynamic !== undefined && !values.has(dynamic)) values.set(dynamic, 1)
  return { values, problems, ruledOut }
}

/** Shutter priority (2) fixes the exposure time, aperture priority (3) the iris. */
const allows = (name: string, mode: number): boolean =>
  (mode === 2 && /^exposure/.test(name)) || (mode === 3 && name === 'iris_absolute')

/** Name -> why the camera does not have that value now. */
export type Refused = Map<string, string>

/** Sets the values in the order of their dependencies, and reads them back. */
export async function setV4l2(device: V4l2Device, values: ReadonlyMap<string, number>): Promise<Refused> {
  const refused: Refused = new Map()
  for (const [name, value] of inOrderOfDependency(values)) {
    const problem = await device.set(name, value)
    if (problem !== undefined) refused.set(name, `is refused by the driver: ${problem}`)
  }
  const controls = await device.list()
  if (typeof controls === 'string') return refused
  for (const { name, value, step, flags } of controls) {
    const wanted = values.get(name)
    if (wanted === undefined || value === undefined || refused.has(name) || flags.has('volatile')) continue
    // A driver rounds to its steps.
    if (Math.abs(value - wanted) >= step)
      refused.set(name, `is ${value} instead of ${wanted}: the driver changed it`)
  }
  return refused
}
