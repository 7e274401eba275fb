import type { CameraConfig, Controls } from '../../config/types.js'
import { controlRejected, invalidControl } from '../../errors.js'
import { WorkQueue } from '../../lib/work-queue.js'
import type { Log } from '../../log.js'
import { isPassthrough } from '../gstreamer/passthrough.js'
import { planV4l2, setV4l2, type V4l2Plan } from './apply-v4l2.js'
import type { CameraControls, ControlPatch } from './camera-controls.js'
import { ControlsInForce } from './controls-in-force.js'
import { describeV4l2 } from './describe-v4l2.js'
import { automaticOf } from './v4l2-automatic.js'
import type { V4l2Device } from './v4l2-device.js'
import { isSettable, type V4l2Control } from './v4l2-list.js'

export interface V4l2ControlsOptions {
  /** The settings of the configuration file. */
  config: () => CameraConfig
  device: V4l2Device
  log: Log
}

export interface V4l2Controls extends CameraControls {
  /** Called when a capture process delivers: a camera that was plugged in again has lost its values. */
  delivering(): Promise<void>
}

/** V4L2_CID_MPEG_VIDEO_FORCE_KEY_FRAME, as v4l2-ctl names it. */
const FORCE_KEY_FRAME = 'force_key_frame'

/** Controls of a V4L2 device: v4l2-ctl sets them beside the running stream. */
export function createV4l2Controls({ config, device, log }: V4l2ControlsOptions): V4l2Controls {
  const values = new ControlsInForce(() => config().controls)
  let notes: string[] = []
  /** What was set last, so that a control that is no longer configured gets its default again. */
  let set: ReadonlyMap<string, number> = new Map()
  /** What the driver refused of that. */
  let refused: ReadonlyMap<string, string> = new Map()
  /** One program after another: two that set controls would read back each other's values. */
  const queue = new WorkQueue()
  let canRequestKeyframe = false
  let isRequesting = false

  const plan = (controls: Controls, list: readonly V4l2Control[]): V4l2Plan =>
    planV4l2(controls, list, config().fps.min < config().fps.max)

  const note = (problems: Iterable<[string, string]>): void => {
    const next = Array.from(problems, ([name, problem]) => `${name}: ${problem}`)
    for (const text of next) if (!notes.includes(text)) log.warn('a control is not set', { control: text })
    notes = next
  }

  /** Sets everything that is configured, and resets what no longer is. */
  async function applyAll(): Promise<void> {
    const controls = values.current
    const mayFall = config().fps.min < config().fps.max
    const hasOwnEncoder = isPassthrough(config())
    canRequestKeyframe = false
    if (Object.keys(controls).length === 0 && set.size === 0 && !mayFall && !hasOwnEncoder) return note([])
    const list = await device.list()
    if (typeof list === 'string') {
      const names = Object.keys(controls)
      return note(names.length === 0 ? [] : [[names.join(', '), list]])
    }
    canRequestKeyframe = hasOwnEncoder && list.some(({ name }) => name === FORCE_KEY_FRAME)
    const { values: wanted, problems } = plan(controls, list)
    refused = await setV4l2(device, withDefaults(wanted, set, list))
    set = wanted
    note([...problems, ...refused])
  }

  async function change(patch: ControlPatch): Promise<void> {
    const list = await device.list()
    if (typeof list === 'string') throw controlRejected(list)
    const unknown = Object.keys(patch).find(
      (name) => !Object.hasOwn(values.current, name) && !list.some((one) => one.name === name),
    )
    const next = merge(values.current, patch, list)
    if (unknown !== undefined) {
      const [message] = planV4l2({ [unknown]: 0 }, list, false).problems.values()
      throw invalidControl(`${unknown}: ${message ?? ''}`)
    }
    const { values: wanted, problems } = plan(next, list)
    const wrong = [...problems].find(([name]) => Object.hasOwn(patch, name))
    if (wrong !== undefined) throw invalidControl(`${wrong[0]}: ${wrong[1]}`)
    // Others stay as they are: one that the driver refused at the start must not reject every change.
    const asked = new Set(Object.keys(patch))
    for (const name of Object.keys(patch)) {
      const automatic = automaticOf(name, (other) => list.some((one) => one.name === other))
      if (automatic !== undefined) asked.add(automatic.name)
    }
    const changed = new Map(
      [...withDefaults(wanted, set, list)].filter(
        ([name, value]) => asked.has(name) || set.get(name) !== value,
      ),
    )
    for (const name of Object.keys(patch)) addDefault(changed, name, wanted, list)
    const rejected = await setV4l2(device, changed)
    if (rejected.size > 0) {
      await setV4l2(device, valuesBefore([...changed.keys()], list))
      throw controlRejected(Array.from(rejected, ([name, problem]) => `${name} ${problem}`).join('; '))
    }
    values.replace(next)
    set = wanted
    refused = new Map([...refused].filter(([name]) => wanted.has(name) && !changed.has(name)))
    note([...problems, ...refused])
  }

  /** The newer of two controls that exclude each other replaces the older. */
  function merge(current: Controls, patch: ControlPatch, list: readonly V4l2Control[]): Controls {
    const next = new Map(Object.entries(current))
    for (const [name, value] of Object.entries(patch)) {
      if (value === null) next.delete(name)
      else next.set(name, value)
    }
    for (const [name, automatic] of plan(Object.fromEntries(next), list).ruledOut) {
      if (!Object.hasOwn(patch, name)) next.delete(name)
      else if (!Object.hasOwn(patch, automatic)) next.delete(automatic)
    }
    return Object.fromEntries(next)
  }

  return {
    async settled() {
      await queue.settled()
    },
    get inForce() {
      return values.current
    },
    get isUnsaved() {
      return values.isUnsaved
    },
    get notes() {
      return notes
    },
    async describe() {
      return await queue.run(async () => {
        const list = await device.list()
        return typeof list === 'string'
          ? { kind: 'v4l2' as const, why: list, controls: [] }
          : { kind: 'v4l2' as const, controls: describeV4l2(list) }
      })
    },
    change: async (patch) => await queue.run(async () => await change(patch)),
    reloaded(before, next) {
      values.reloaded(before, next)
      void queue.run(applyAll)
    },
    get canRequestKeyframe() {
      return canRequestKeyframe
    },
    requestKeyframe() {
      if (!canRequestKeyframe || isRequesting) return
      isRequesting = true
      void queue.run(async () => {
        const problem = await device.set(FORCE_KEY_FRAME, 1)
        isRequesting = false
        if (problem === undefined) return
        canRequestKeyframe = false
        log.warn('the camera makes no keyframe when it is asked', { problem })
      })
    },
    delivering: async () => await queue.run(applyAll),
  }
}

/** The wanted values, and the defaults of what was set before and is no longer wanted. */
function withDefaults(
  wanted: ReadonlyMap<string, number>,
  before: ReadonlyMap<string, number>,
  list: readonly V4l2Control[],
): Map<string, number> {
  const all = new Map(wanted)
  for (const name of before.keys()) addDefault(all, name, wanted, list)
  return all
}

function addDefault(
  to: Map<string, number>,
  name: string,
  wanted: ReadonlyMap<string, number>,
  list: readonly V4l2Control[],
): void {
  const control = list.find((one) => one.name === name)
  if (wanted.has(name) || control?.default === undefined || !isSettable(control)) return
  const automatic = automaticOf(name, (other) => list.some((one) => one.name === other))
  const mode =
    automatic && (wanted.get(automatic.name) ?? list.find((one) => one.name === automatic.name)?.default)
  // A driver refuses a value that becomes automatic again.
  if (automatic === undefined || mode === automatic.off) to.set(name, control.default)
}

/** What to set so that these controls are as they were. */
function valuesBefore(names: readonly string[], list: readonly V4l2Control[]): Map<string, number> {
  const before = new Map<string, number>()
  for (const { name, value, flags } of list)
    if (names.includes(name) && value !== undefined && !flags.has('inactive')) before.set(name, value)
  return before
}
