import type { PacketHistory } from '../../rtp/history.js'
import type { MediaPacket } from '../../rtp/packet.js'
import { KeyframeWatch } from './keyframe-watch.js'
import { Pacer, type Pace } from './pacer.js'
import type { CameraStream } from './source.js'
import type { OutgoingStream } from './outgoing-stream.js'

/** Catching up from a keyframe this recent is faster than requesting a new one. */
const RECENT_KEYFRAME_MS = 1000
/** Sent at once, a keyframe and its delta frames would overflow queues on the path. */
const CATCH_UP: Pace = { rateBps: 45_000_000, maxLagMs: Infinity }
const CATCH_UP_STEP_MS = 5

/** Over TCP: the path sets the rate, up to that of catching up. */
const PULLED: Pace = { ...CATCH_UP, maxLagMs: 1000 }

const METERED_LAG_MS = 1000
const METERED_STEP_MS = 10
/** Each keyframe costs the other viewers bandwidth. */
const METERED_KEYFRAME_MS = 2000

/** The transport of one viewer. */
export interface SendPath {
  /** TCP loses nothing: packets that do not get through wait. It may change to UDP. */
  readonly transport: 'udp' | 'tcp'
  /** False while earlier packets wait on the way. */
  hasRoom(): boolean
}

const UDP_PATH: SendPath = { transport: 'udp', hasRoom: () => true }

export function needsKeyframe({ fanout: { history }, keyframesOnDemand }: CameraStream): boolean {
  const last = history.lastKeyframe
  return last === undefined || (keyframesOnDemand && isOld(history, last))
}

/**
 * Sends one viewer the fan-out's packets, or paced packets of the history while it catches up or its path is congested. Over TCP packets
 * always come out of the history, when the path has room: what does not get through is dropped there as whole frames.
 */
export class Delivery implements Disposable {
  readonly #outgoing: OutgoingStream
  #stream: CameraStream
  readonly #retransmitted: () => number
  readonly #path: SendPath
  #subscription: Disposable | undefined
  #pacer: Pacer | undefined
  #timer: NodeJS.Timeout | undefined
  #isMetered = false
  #requestedAtMs = -Infinity
  #spentOctets = 0
  #droppedBefore = 0
  /** The size that follows with its next keyframe. */
  #next: { stream: CameraStream; watch: KeyframeWatch } | undefined
  /** Of a size that was switched to. */
  #watching: Disposable | undefined
  #octetsOffset = 0

  /** @param retransmitted bytes of payload so far: they use the same path. */
  constructor(
    outgoing: OutgoingStream,
    stream: CameraStream,
    retransmitted: () => number = () => 0,
    path: SendPath = UDP_PATH,
  ) {
    this.#outgoing = outgoing
    this.#stream = stream
    this.#retransmitted = retransmitted
    this.#path = path
    outgoing.readFrom(stream.fanout.history)
  }

  /**
   * Goes over to another size of the camera with the next keyframe of that, which is requested. Until then everything stays as it is.
   * Called again, the last one counts.
   */
  switchTo(stream: CameraStream): void {
    if (stream === (this.#next?.stream ?? this.#stream)) return
    this.#next?.watch[Symbol.dispose]()
    this.#next =
      stream === this.#stream
        ? undefined
        : { stream, watch: new KeyframeWatch(stream, (keyframe) => this.#switched(stream, keyframe)) }
  }

  #switched(stream: CameraStream, keyframe: MediaPacket): void {
    const { history } = stream.fanout
    this.#octetsOffset += this.#stream.fanout.history.octets - history.octets
    this.#outgoing.switchTo(history, keyframe)
    this.#stream = stream
    const watching = stream.watch?.()
    this.#next?.watch[Symbol.dispose]()
    this.#next = undefined
    this.#watching?.[Symbol.dispose]()
    this.#watching = watching
    const [pace, stepMs] =
      this.#pacer === undefined
        ? ([CATCH_UP, CATCH_UP_STEP_MS] as const)
        : ([this.#pacer.pace, this.#isMetered ? METERED_STEP_MS : CATCH_UP_STEP_MS] as const)
    this.#pace(pace, stepMs, keyframe.index, true)
  }

  /** The size that is sent. */
  get stream(): CameraStream {
    return this.#stream
  }

  /** Bytes of payload of the size that is sent. Only differences count. */
  get cameraOctets(): number {
    return this.#octetsOffset + this.#stream.fanout.history.octets
  }

  /** Starts with the last keyframe and what followed it, or requests a new one if that is too old. */
  join(): void {
    const { history } = this.#stream.fanout
    const first = history.lastKeyframe
    if (first !== undefined && !needsKeyframe(this.#stream))
      return this.#pace(CATCH_UP, CATCH_UP_STEP_MS, first)
    this.requestKeyframe()
    if (this.isPulled) this.#pace(PULLED, CATCH_UP_STEP_MS, history.last + 1)
    else this.#subscription = this.#stream.fanout.add(this.#outgoing)
  }

  /** The path sets the rate. */
  get isPulled(): boolean {
    return this.#path.transport === 'tcp'
  }

  /** Over TCP: nothing gets through, not even far enough that frames could be dropped. */
  get isStalled(): boolean {
    return this.isPulled && this.#pacer?.isLate === true
  }

  /** Undefined removes the limit as soon as the viewer has caught up. */
  limit(rateBps: number | undefined): void {
    if (rateBps === undefined || this.isPulled) {
      this.#isMetered = false
      return
    }
    const pace = { rateBps, maxLagMs: METERED_LAG_MS }
    if (this.#isMetered && this.#pacer !== undefined) this.#pacer.pace = pace
    else this.#meter(pace)
  }

  #meter(pace: Pace): void {
    const nextIndex = this.#outgoing.isStarted
      ? this.#outgoing.lastIndex + 1
      : this.#stream.fanout.history.last + 1
    this.#isMetered = true
    this.#spentOctets = this.#retransmitted()
    this.#pace(pace, METERED_STEP_MS, nextIndex)
  }

  /** A metered viewer gets keyframes at most every two seconds. */
  requestKeyframe(): void {
    if (!this.#isMetered && !this.isPulled) return this.#stream.requestKeyframe()
    const nowMs = performance.now()
    if (nowMs - this.#requestedAtMs < METERED_KEYFRAME_MS) return
    this.#requestedAtMs = nowMs
    this.#stream.requestKeyframe()
  }

  get framesDropped(): number {
    return this.#droppedBefore + (this.#pacer?.framesDropped ?? 0)
  }

  /** @param isSwitch whether `first` is a keyframe, whatever was sent before. */
  #pace(pace: Pace, stepMs: number, first: number, isSwitch = false): void {
    this.#stop()
    this.#pacer = new Pacer({
      history: this.#stream.fanout.history,
      outgoing: this.#outgoing,
      first,
      timestamp: this.#outgoing.isStarted && !isSwitch ? this.#outgoing.sourceTimestamp : undefined,
      pace,
      nowMs: performance.now() - stepMs,
      hasRoom: () => this.#path.hasRoom(),
    })
    this.#timer = setInterval(() => this.#step(), stepMs)
    this.#step()
  }

  #step(): void {
    const pacer = this.#pacer
    if (pacer === undefined) return
    if (this.#isMetered) {
      const retransmitted = this.#retransmitted()
      pacer.spend(retransmitted - this.#spentOctets)
      this.#spentOctets = retransmitted
    }
    pacer.step(performance.now())
    if (this.#isMetered || this.isPulled) {
      if (pacer.waitsForKeyframe) this.requestKeyframe()
      else if (this.isPulled && pacer.isCaughtUp) pacer.pace = PULLED
    } else if (pacer.isCaughtUp) {
      this.#stop()
      this.#subscription = this.#stream.fanout.add(this.#outgoing)
    }
  }

  #stop(): void {
    clearInterval(this.#timer)
    this.#droppedBefore = this.framesDropped
    this.#pacer = undefined
    this.#subscription?.[Symbol.dispose]()
    this.#subscription = undefined
  }

  [Symbol.dispose](): void {
    this.#stop()
    this.#next?.watch[Symbol.dispose]()
    this.#watching?.[Symbol.dispose]()
  }
}

function isOld(history: PacketHistory, keyframe: number): boolean {
  const packet = history.get(keyframe)
  return packet === undefined || history.ageMs(packet) > RECENT_KEYFRAME_MS
}
