import { dormantControls } from '../../config/check-controls.js'
import type { CameraConfig, Controls } from '../../config/types.js'
import { controlRejected } from '../../errors.js'
import { deadline } from '../../lib/deadline.js'
import { fixedFocusNote } from '../gstreamer/libcamera-controls.js'
import type { Machine } from '../gstreamer/machine.js'
import type { CameraControls, ControlPatch } from './camera-controls.js'
import { ControlsInForce } from './controls-in-force.js'
import { describeLibcamera } from './describe-libcamera.js'
import { mergeLibcamera } from './merge-libcamera.js'

/** All that a change needs of the camera's supervisor. */
export interface RestartableCamera {
  status(): CaptureState
  onStatus(listener: (status: CaptureState) => void): Disposable
  restart(): boolean
}

interface CaptureState {
  state: 'starting' | 'live' | 'lost' | 'idle'
  cause?: string
  message?: string
  hint?: string
}

export interface LibcameraControlsOptions {
  /** The settings of the configuration file. */
  config: () => CameraConfig
  machine: () => Machine
  camera: RestartableCamera
  /** An on-demand camera is started to try a change. */
  demand: { watch(): Disposable }
  timing?: Partial<ChangeTiming>
}

export interface ChangeTiming {
  /** Changes that arrive within this time are one restart. */
  mergeMs: number
  /** From the restart to the first frame: the limit for the first packet, and the turns of other cameras. */
  startMs: number
}

const TIMING: ChangeTiming = { mergeMs: 150, startMs: 15_000 }

/** Of the process before, which releases the camera late. The supervisor tries again. */
const PASSING_CAUSES = ['requested', 'full-size-snapshot', 'camera-busy', 'stuck']

export interface LibcameraControls extends CameraControls {
  /** Called when the capture process is about to start. */
  forStart(): Controls
  /** Whether a change is tried: a failure says nothing about the other settings. */
  readonly isOnTrial: boolean
}

/** Controls of a camera module: a change is a new capture process behind the same viewers. */
export function createLibcameraControls(options: LibcameraControlsOptions): LibcameraControls {
  const { camera, demand, machine } = options
  const { mergeMs, startMs } = { ...TIMING, ...options.timing }
  const values = new ControlsInForce(() => options.config().controls)
  const config = (): CameraConfig => ({ ...options.config(), controls: values.current })
  let lastLensPosition: number | undefined
  /** Counts the starts of capture processes, each with the controls in force at that time. */
  let starts = 0
  let pending: { patches: ControlPatch[]; done: Promise<void> } | undefined
  let running: Promise<unknown> = Promise.resolve()
  let isOnTrial = false

  const merge = (base: Controls, patch: ControlPatch): Controls =>
    mergeLibcamera({ ...config(), controls: base }, machine(), patch, lastLensPosition)

  async function applyPending(): Promise<void> {
    using moment = deadline(mergeMs, undefined)
    await moment.reached
    await running
    const { patches } = pending!
    pending = undefined
    const applied = apply(patches)
    running = applied.catch(() => {})
    await applied
  }

  async function apply(patches: readonly ControlPatch[]): Promise<void> {
    const before = values.current
    const undo = values.replace(patches.reduce(merge, before))
    const wasLive = camera.status().state === 'live'
    using _watching = demand.watch()
    isOnTrial = true
    const failure = await restart().finally(() => (isOnTrial = false))
    if (failure === undefined) {
      rememberLens(before)
      rememberLens(values.current)
      return
    }
    undo()
    const again = restart()
    if (wasLive) await again
    throw controlRejected(`${failure} The previous values are in force again.`)
  }

  function rememberLens({ 'lens-position': position }: Controls): void {
    if (typeof position === 'number') lastLensPosition = position
  }

  /** @returns why the process with the controls in force delivers nothing. */
  async function restart(): Promise<string | undefined> {
    const startsBefore = starts
    let listening: Disposable | undefined
    const result = new Promise<string | undefined>((resolve) => {
      listening = camera.onStatus(({ state, cause = '', message, hint }) => {
        if (starts === startsBefore) return // the process before
        if (state === 'live') resolve(undefined)
        else if (state === 'lost' && !PASSING_CAUSES.includes(cause))
          resolve(`The camera does not start with this change: ${message ?? cause} ${hint ?? ''}`.trim())
      })
    })
    using limit = deadline(startMs, 'The camera delivers no video with this change.')
    try {
      camera.restart()
      return await Promise.race([result, limit.reached])
    } finally {
      listening?.[Symbol.dispose]()
    }
  }

  return {
    get isOnTrial() {
      return isOnTrial
    },
    async settled() {
      while (pending !== undefined) await pending.done.catch(() => {})
      await running
    },
    get inForce() {
      return values.current
    },
    get isUnsaved() {
      return values.isUnsaved
    },
    get notes() {
      const note = fixedFocusNote(config())
      const dormant = Array.from(dormantControls(values.current)).flatMap(([name, why]) =>
        values.current[name] === undefined ? [] : [`${name}: ${why}`],
      )
      return note === undefined ? dormant : [note, ...dormant]
    },
    describe: async () => await Promise.resolve(describeLibcamera(config(), machine())),
    async change(patch) {
      if (Object.keys(patch).length === 0) return
      merge((pending?.patches ?? []).reduce(merge, values.current), patch) // throws before anything changes
      if (pending === undefined) {
        pending = { patches: [], done: Promise.resolve() }
        pending.done = applyPending()
        pending.done.catch(() => {}) // each request gets the error
      }
      pending.patches.push(patch)
      await pending.done
    },
    canRequestKeyframe: false,
    requestKeyframe: () => {},
    reloaded: (before, next) => {
      rememberLens(values.current)
      values.reloaded(before, next)
    },
    forStart() {
      starts++
      return values.current
    },
  }
}
