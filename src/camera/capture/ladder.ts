import type { CameraFailure } from '../camera-failure.js'
import type { ViewStep } from '../gstreamer/field-of-view.js'
import type { LowStep } from '../gstreamer/low.js'
import { canCombine, type Rung } from '../gstreamer/rung.js'
import type { Size } from '../sensors/sensor.js'
import { suspectsIn, type Suspect } from './suspects.js'

export interface LadderOptions {
  /** All settings as configured. */
  first: Rung
  /** The ways to the field of view, best first; empty for a camera that is no camera module. */
  views: readonly ViewStep[]
  /** Whether a software encoder can replace the hardware encoder. */
  hasSoftware: boolean
  /** Whether frames in another format can be converted. */
  canConvert?: boolean
  /** The ways to the small size, best first; empty if there is none. */
  lows?: readonly LowStep[]
  /** Sizes that the camera has, nearest to the configured one first; asked when a size is refused. */
  sizes: () => readonly Size[]
  /** A rung that delivered in an earlier run of this program. */
  remembered?: Rung | undefined
}

/** A start without frames and without a reason is tried twice: a camera that works can be late once. */
const SILENT_STARTS = 2

/** Other sizes that are tried. */
const MAX_SIZES = 3

/**
 * Finds the settings with which a camera delivers. It begins with all of them. After a start without frames it gives up the
 * one that is the likeliest culprit, and restores what was given up in vain. A rung that has delivered stays. If none does, the
 * camera is to blame, and the ladder begins again.
 */
export class Ladder {
  readonly #options: LadderOptions
  readonly #tried = new Set<string>()
  readonly #proven = new Set<string>()
  #rung: Rung
  #silentStarts = 0

  constructor(options: LadderOptions) {
    this.#options = options
    this.#rung = options.remembered ?? options.first
  }

  get rung(): Rung {
    return this.#rung
  }

  get isFirst(): boolean {
    return textOf(this.#rung) === textOf(this.#options.first)
  }

  /** Frames arrive. */
  delivered(): void {
    this.#silentStarts = 0
    this.#proven.add(textOf(this.#rung))
  }

  /**
   * A start ended without frames.
   * @returns the setting that the next start does without; undefined if it is the same again, or begins from the top.
   */
  failed(failure: Pick<CameraFailure, 'cause'>, stderr: readonly string[]): Suspect | undefined {
    if (this.#proven.has(textOf(this.#rung))) return undefined
    const { suspects, isRefusal } = suspectsIn(failure, stderr)
    if (suspects.length === 0) return undefined
    this.#silentStarts = isRefusal ? 0 : this.#silentStarts + 1
    if (!isRefusal && this.isFirst && this.#silentStarts < SILENT_STARTS) return undefined
    this.#silentStarts = 0
    this.#tried.add(textOf(this.#rung))
    const next = this.#next(suspects, isRefusal)
    if (next === undefined) {
      this.#tried.clear()
      this.#rung = this.#options.first
      return undefined
    }
    this.#rung = next.rung
    return next.suspect
  }

  /** The untried rung without the likeliest suspect of a refusal; after silence, the one that gives up least. */
  #next(suspects: readonly Suspect[], isRefusal: boolean): { rung: Rung; suspect: Suspect } | undefined {
    return this.#all(suspects.includes('size'))
      .filter((rung) => !this.#tried.has(textOf(rung)))
      .flatMap((rung) => {
        const suspect = suspects.find((one) => this.#loss(rung, one) > this.#loss(this.#rung, one))
        return suspect === undefined ? [] : [{ rung, suspect }]
      })
      .sort((a, b) => {
        const loss = this.#totalLoss(a.rung) - this.#totalLoss(b.rung)
        const likelihood = suspects.indexOf(a.suspect) - suspects.indexOf(b.suspect)
        return isRefusal ? likelihood || loss : loss || likelihood
      })[0]
  }

  #all(withSizes: boolean): Rung[] {
    const { first, views, hasSoftware, canConvert, sizes, lows = [] } = this.#options
    const everySize: (Size | undefined)[] = [
      this.#rung.size,
      ...(withSizes ? sizes().slice(0, MAX_SIZES) : []),
    ]
    const rungs: Rung[] = []
    for (const view of views.length === 0 ? [undefined] : views)
      for (const dmabufImport of first.dmabufImport ? [true, false] : [false])
        for (const hardware of hasSoftware ? [true, false] : [first.hardware])
          for (const convert of canConvert ? [false, true] : [false])
            for (const size of everySize)
              for (const low of lows.length === 0 ? [undefined] : lows)
                if (((hardware && !convert) || !dmabufImport) && canCombine({ view, low, convert }))
                  rungs.push({
                    view,
                    dmabufImport,
                    hardware,
                    ...(convert ? { convert } : {}),
                    ...(size === undefined ? {} : { size }),
                    ...(low === undefined ? {} : { low }),
                  })
    return rungs
  }

  #totalLoss(rung: Rung): number {
    return (
      // Without a second size the camera is as it was.
      this.#loss(rung, 'low') / 4 +
      this.#loss(rung, 'zero-copy') +
      this.#loss(rung, 'field-of-view') +
      this.#loss(rung, 'format') +
      2 * this.#loss(rung, 'encoder') +
      3 * this.#loss(rung, 'size')
    )
  }

  /** How much of a setting a rung gives up. */
  #loss({ view, dmabufImport, hardware, convert, size, low }: Rung, setting: Suspect): number {
    const { first, views, sizes, lows = [] } = this.#options
    switch (setting) {
      case 'low':
        return low === undefined ? 0 : Math.max(0, lows.indexOf(low) - lows.indexOf(first.low ?? low))
      case 'field-of-view':
        return view === undefined ? 0 : Math.max(0, views.indexOf(view))
      case 'zero-copy':
        return first.dmabufImport && !dmabufImport ? 1 : 0
      case 'format':
        return convert ? 1 : 0
      case 'encoder':
        return hardware ? 0 : 1
      case 'size':
        return size === undefined
          ? 0
          : 1 + sizes().findIndex(({ width, height }) => width === size.width && height === size.height)
    }
  }
}

const textOf = ({ view, dmabufImport, hardware, convert, size, low }: Rung): string =>
  [view, dmabufImport, hardware, convert === true, size?.width, size?.height, low].join(' ')
