import {
  checkControls,
  checkLibcameraControl,
  contradictions,
  controlProblemText,
} from '../../config/check-controls.js'
import { isLibcameraControl } from '../../config/libcamera-controls.js'
import type { CameraConfig, Controls } from '../../config/types.js'
import { controlRejected, invalidControl } from '../../errors.js'
import { controlObstacle } from '../gstreamer/libcamera-controls.js'
import type { Machine } from '../gstreamer/machine.js'
import type { ControlPatch } from './camera-controls.js'

/**
 * The controls after a change. The newer of two that contradict each other replaces the older.
 * @param lastLensPosition for `autofocus = "manual"` alone, which is to hold the focus: libcamerasrc does not report the lens.
 * @throws AppError
 */
export function mergeLibcamera(
  camera: CameraConfig,
  machine: Machine,
  patch: ControlPatch,
  lastLensPosition: number | undefined,
): Controls {
  const merged = new Map(Object.entries(camera.controls))
  for (const [name, value] of Object.entries(patch)) {
    const unknown = value === null && !merged.has(name) && checkLibcameraControl(name, undefined)
    if (unknown && !isLibcameraControl(name)) throw invalidControl(controlProblemText(unknown))
    if (value === null) merged.delete(name)
    else merged.set(name, value)
  }
  const isNew = (name: string): boolean => patch[name] !== undefined && patch[name] !== null
  for (const { name, because } of contradictions(Object.fromEntries(merged))) {
    if (!isNew(name)) merged.delete(name)
    else if (!isNew(because)) merged.delete(because)
  }
  const next: Controls = Object.fromEntries(merged)
  const changed = { ...camera, controls: next }
  const [problem] = checkControls(changed)
  if (problem !== undefined) throw invalidControl(controlProblemText(problem))
  const obstacle = controlObstacle(changed, machine)
  if (obstacle !== undefined) throw invalidControl(`${obstacle.message} ${obstacle.hint}`)
  if (patch['autofocus'] !== 'manual' || next['lens-position'] !== undefined) return next
  if (lastLensPosition === undefined)
    throw controlRejected(
      'libcamera does not report where the lens is, so the focus cannot be held: set lens-position as well',
    )
  return { ...next, 'lens-position': lastLensPosition }
}
