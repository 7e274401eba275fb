import { alignedInterval } from '../../lib/aligned-interval.js'
import type { Delivery } from '../media/delivery.js'
import { Prober } from '../media/prober.js'
import type { Retransmitter } from '../media/retransmitter.js'
import type { Size, Sizes } from '../media/source.js'
import type { ViewerRequest } from '../media/viewer-request.js'
import type { PathSample } from './congestion.js'
import { SizeChoice } from './size-choice.js'

const CHECK_MS = 1000

export interface SizeControlOptions {
  sizes: Sizes
  request: ViewerRequest
  delivery: Delivery
  retransmitter: Retransmitter
}

/** Sends one viewer the size that it asked for, or that its path carries. */
export class SizeControl implements Disposable {
  readonly #sizes: Sizes
  readonly #delivery: Delivery
  readonly #retransmitter: Retransmitter
  readonly #request: ViewerRequest
  readonly #choice: SizeChoice
  readonly #prober: Prober
  readonly #timer: Disposable
  #highOctets: number
  #highAtMs = performance.now()
  #highBps = 0

  constructor({ sizes, request, delivery, retransmitter }: SizeControlOptions) {
    this.#sizes = sizes
    this.#delivery = delivery
    this.#retransmitter = retransmitter
    this.#request = request
    this.#choice = new SizeChoice(request.quality)
    this.#prober = new Prober(
      (nowMs) => (this.size === 'low' ? this.#choice.extraBps(nowMs) : 0),
      (bytes) => retransmitter.probe(bytes),
    )
    this.#highOctets = sizes.high.fanout.history.octets
    this.#timer = alignedInterval(CHECK_MS, () => this.#check())
    request.onQuality = (quality) => {
      this.#choice.ask(quality, performance.now())
      this.#apply()
    }
  }

  /** The size that is sent; undefined while the camera has one. */
  get size(): Size | undefined {
    if (this.#sizes.low === undefined) return undefined
    return this.#delivery.stream === this.#sizes.low ? 'low' : 'high'
  }

  /** @param allowedBps the limit of congestion control. */
  onSample(sample: PathSample, allowedBps: number | undefined): void {
    const { size } = this
    if (size === undefined) return
    const canProbe = this.#retransmitter.canProbe && !this.#delivery.isPulled
    this.#choice.onSample(sample, { size, allowedBps, highBps: this.#highBps, canProbe })
    this.#apply()
  }

  onEstimate(rembBps: number, nowMs: number): void {
    this.#choice.onEstimate(rembBps, nowMs)
  }

  /** Also when the camera has lost its small size, or has it again. */
  #check(): void {
    const nowMs = performance.now()
    const { octets } = this.#sizes.high.fanout.history
    this.#highBps = ((octets - this.#highOctets) * 8000) / Math.max(1, nowMs - this.#highAtMs)
    this.#highOctets = octets
    this.#highAtMs = nowMs
    this.#apply()
  }

  #apply(): void {
    const { low, high } = this.#sizes
    this.#delivery.switchTo(this.#choice.wanted === 'low' && low !== undefined ? low : high)
    if (this.#choice.extraBps(performance.now()) > 0) this.#prober.start()
  }

  [Symbol.dispose](): void {
    this.#request.onQuality = () => {}
    this.#timer[Symbol.dispose]()
    this.#prober[Symbol.dispose]()
  }
}
