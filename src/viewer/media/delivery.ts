import type { PacketHistory } from '../../rtp/history.js'
import { Pacer, type Pace } from './pacer.js'
import type { CameraStream } from './source.js'
import type { OutgoingStream } from './outgoing-stream.js'

/** A keyframe this young is shown at once, and the few pictures behind it are caught up; asking for another takes longer. */
const YOUNG_KEYFRAME_MS = 1000
/** A keyframe and what follows are many packets: sent at once they would overflow the queues on the way. */
const CATCH_UP: Pace = { rateBps: 45_000_000, maxLagMs: Infinity }
const CATCH_UP_STEP_MS = 5

/** A picture later than this is not live any more: then rather a fresh one, after a pause. */
const METERED_LAG_MS = 1000
const METERED_STEP_MS = 10
/** Between two requests for a viewer who cannot take the stream: each costs the others of their bandwidth. */
const METERED_KEYFRAME_MS = 2000

/** Whether a newcomer would have to wait for a keyframe that is asked for. */
export function needsKeyframe({ fanout: { history }, keyframesOnDemand }: CameraStream): boolean {
  const last = history.lastKeyframe
  return last === undefined || (keyframesOnDemand && isOld(history, last))
}

/**
 * How one viewer gets its camera's packets: straight from the fan-out, or out of the history, paced, while it catches up as a
 * newcomer or while its path does not take everything.
 */
export class Delivery implements Disposable {
  readonly #outgoing: OutgoingStream
  readonly #stream: CameraStream
  readonly #retransmitted: () => number
  #joined: Disposable | undefined
  #reader: Pacer | undefined
  #timer: NodeJS.Timeout | undefined
  #isMetered = false
  #askedAtMs = -Infinity
  #spentOctets = 0
  #leftOutBefore = 0

  /** @param retransmitted bytes of payload that were sent again so far: they go the same way. */
  constructor(sink: OutgoingStream, stream: CameraStream, retransmitted: () => number = () => 0) {
    this.#outgoing = sink
    this.#stream = stream
    this.#retransmitted = retransmitted
  }

  /**
   * Lets a newcomer in so that it sees a picture at once: what came since the last keyframe is sent somewhat faster than it
   * came. An encoder that makes keyframes on demand is asked for one where the last is too old for that.
   */
  join(): void {
    const first = this.#stream.fanout.history.lastKeyframe
    if (first === undefined || needsKeyframe(this.#stream)) {
      this.#stream.requestKeyframe()
      this.#joined = this.#stream.fanout.add(this.#outgoing)
      return
    }
    this.#read(CATCH_UP, CATCH_UP_STEP_MS, first)
  }

  /** Sends at most a rate from now on; undefined: whatever comes, as soon as it has caught up. */
  limit(rateBps: number | undefined): void {
    if (rateBps === undefined) {
      this.#isMetered = false
      return
    }
    const pace = { rateBps, maxLagMs: METERED_LAG_MS }
    if (this.#isMetered && this.#reader !== undefined) this.#reader.pace = pace
    else this.#meter(pace)
  }

  #meter(pace: Pace): void {
    const nextIndex = this.#outgoing.isStarted
      ? this.#outgoing.lastIndex + 1
      : this.#stream.fanout.history.last + 1
    this.#isMetered = true
    this.#spentOctets = this.#retransmitted()
    this.#read(pace, METERED_STEP_MS, nextIndex)
  }

  /** A viewer that cannot take the stream is given keyframes when it is to go on, however often it asks. */
  requestKeyframe(): void {
    if (!this.#isMetered) return this.#stream.requestKeyframe()
    const nowMs = performance.now()
    if (nowMs - this.#askedAtMs < METERED_KEYFRAME_MS) return
    this.#askedAtMs = nowMs
    this.#stream.requestKeyframe()
  }

  get framesLeftOut(): number {
    return this.#leftOutBefore + (this.#reader?.framesLeftOut ?? 0)
  }

  #read(pace: Pace, stepMs: number, first: number): void {
    this.#stop()
    this.#reader = new Pacer({
      history: this.#stream.fanout.history,
      sink: this.#outgoing,
      first,
      timestamp: this.#outgoing.isStarted ? this.#outgoing.lastTimestamp : undefined,
      pace,
      nowMs: performance.now() - stepMs,
    })
    this.#timer = setInterval(() => this.#step(), stepMs)
    this.#step()
  }

  #step(): void {
    const reader = this.#reader
    if (reader === undefined) return
    if (this.#isMetered) {
      const retransmitted = this.#retransmitted()
      reader.spend(retransmitted - this.#spentOctets)
      this.#spentOctets = retransmitted
    }
    reader.step(performance.now())
    if (this.#isMetered) {
      if (reader.waitsForKeyframe) this.requestKeyframe()
    } else if (reader.isCaughtUp) {
      this.#stop()
      this.#joined = this.#stream.fanout.add(this.#outgoing)
    }
  }

  #stop(): void {
    clearInterval(this.#timer)
    this.#leftOutBefore = this.framesLeftOut
    this.#reader = undefined
    this.#joined?.[Symbol.dispose]()
    this.#joined = undefined
  }

  [Symbol.dispose](): void {
    this.#stop()
  }
}

function isOld(history: PacketHistory, keyframe: number): boolean {
  const packet = history.get(keyframe)
  return packet === undefined || history.ageMs(packet) > YOUNG_KEYFRAME_MS
}
