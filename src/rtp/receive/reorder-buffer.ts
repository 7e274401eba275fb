import { LossList } from './loss-list.js'

/** A power of two. One and a half seconds at 10 Mbit/s; a gap waits for a fifth of that. */
const SLOTS = 2048
/** How long packets wait for an earlier one: several round trips to most publishers, and no pause that a viewer would see as one. */
const MAX_WAIT_MS = 300
/** The same while a keyframe waits behind the gap, for reordering: what is missing is of no use any more. */
const KEYFRAME_WAIT_MS = 50
const HALF = 0x8000
/** A larger step forward is not waited for: it is another stream, or a pause of a second. */
const MAX_DROPOUT = SLOTS / 2

export interface ReorderOptions {
  /** Whether a packet begins a keyframe. Asked of packets that wait. */
  isKeyframe: (rtp: Buffer) => boolean
  onPacket: (rtp: Buffer, nowMs: number) => void
  /** Packets are given up: without a keyframe the picture is damaged. */
  onLoss: () => void
}

/**
 * Puts one stream into the order of its sequence numbers. A packet that is missing holds those behind it until it arrives again or is
 * given up; a stream without loss is not delayed. Memory is bounded.
 */
export class ReorderBuffer {
  readonly #options: ReorderOptions
  readonly #waiting = new Array<Buffer | undefined>(SLOTS).fill(undefined)
  readonly #arrivedMs = new Float64Array(SLOTS)
  readonly #losses = new LossList()
  /** The extended sequence number that is handed on next; undefined before the first packet. */
  #next: number | undefined
  #highest = 0
  #held = 0
  /** When the first packet behind the first gap arrived. */
  #gapSinceMs = 0
  #lastKeyframe = -1
  late = 0
  /** Repaired: missing packets that arrived in time. */
  recovered = 0
  givenUp = 0

  constructor(options: ReorderOptions) {
    this.#options = options
  }

  /** Whether packets wait, so that `check` has to be called. */
  get isWaiting(): boolean {
    return this.#held > 0
  }

  /** @param sequence of the original packet, also for a retransmission. */
  add(rtp: Buffer, sequence: number, nowMs: number): void {
    if (this.#next === undefined) this.#next = this.#highest = sequence
    const index = this.#indexOf(sequence)
    if (index === undefined) return this.#restart(rtp, sequence, nowMs)
    while (index - this.#next >= SLOTS) this.#giveUp(nowMs)
    if (index < this.#next || this.#waiting[index % SLOTS] !== undefined) {
      this.late++
      return
    }
    if (this.#losses.found(index)) this.recovered++
    if (index > this.#highest) {
      this.#losses.add(this.#highest + 1, index, nowMs)
      this.#highest = index
    }
    if (index === this.#next && this.#held === 0) {
      this.#next++
      this.#options.onPacket(rtp, nowMs)
      return
    }
    if (this.#held === 0) this.#gapSinceMs = nowMs
    this.#waiting[index % SLOTS] = rtp
    this.#arrivedMs[index % SLOTS] = nowMs
    this.#held++
    if (index > this.#lastKeyframe && this.#options.isKeyframe(rtp)) this.#lastKeyframe = index
    this.#handOn(nowMs)
  }

  /** Gives up what is missing for too long. @returns sequence numbers to request now. */
  check(nowMs: number): number[] {
    while (this.#held > 0 && this.#isOverdue(nowMs)) this.#giveUp(nowMs)
    return this.#losses.due(nowMs).map((index) => index & 0xffff)
  }

  #isOverdue(nowMs: number): boolean {
    const isKeyframeWaiting = this.#lastKeyframe >= this.#next!
    return nowMs - this.#gapSinceMs >= (isKeyframeWaiting ? KEYFRAME_WAIT_MS : MAX_WAIT_MS)
  }

  #indexOf(sequence: number): number | undefined {
    const ahead = (sequence - this.#highest) & 0xffff
    if (ahead < HALF) return ahead < MAX_DROPOUT ? this.#highest + ahead : undefined
    return ahead > 0x10000 - SLOTS ? this.#highest - (0x10000 - ahead) : undefined
  }

  /** A jump: what waits is handed on, then the stream goes on behind the jump. */
  #restart(rtp: Buffer, sequence: number, nowMs: number): void {
    while (this.#held > 0) this.#giveUp(nowMs)
    this.#losses.clear()
    this.#next = sequence + 1
    this.#highest = sequence
    this.#lastKeyframe = -1
    this.#options.onPacket(rtp, nowMs)
    this.#options.onLoss()
  }

  /** Goes on behind the first gap. */
  #giveUp(nowMs: number): void {
    const from = this.#next!
    let next = from
    while (next <= this.#highest && this.#waiting[next % SLOTS] === undefined) next++
    this.givenUp += next - from
    this.#losses.dropBelow(next)
    this.#next = next
    this.#handOn(nowMs)
    this.#options.onLoss()
  }

  #handOn(nowMs: number): void {
    let handedOn = 0
    for (let rtp = this.#removeNext(); rtp !== undefined; rtp = this.#removeNext()) {
      handedOn++
      this.#options.onPacket(rtp, nowMs)
    }
    if (handedOn === 0 || this.#held === 0) return
    let waiting = this.#next!
    while (this.#waiting[waiting % SLOTS] === undefined) waiting++
    this.#gapSinceMs = this.#arrivedMs[waiting % SLOTS]!
  }

  #removeNext(): Buffer | undefined {
    const slot = this.#next! % SLOTS
    const rtp = this.#waiting[slot]
    if (rtp === undefined) return undefined
    this.#waiting[slot] = undefined
    this.#held--
    this.#next!++
    return rtp
  }
}
