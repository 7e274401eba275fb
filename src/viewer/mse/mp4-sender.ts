import { mimeTypeOf, type AvcConfiguration } from '../../mp4/avc-configuration.js'
import { fragment } from '../../mp4/fragment.js'
import { initSegment } from '../../mp4/init-segment.js'
import { CLOCK_RATE_HZ } from '../../rtp/packet.js'
import type { VideoFrame } from './shared-frames.js'

/** Before two frames have come: 30 frames a second. */
const FIRST_DURATION = 3000
/** A camera that was lost is not played as a still for as long. */
const MAX_DURATION = CLOCK_RATE_HZ
/** Safari drops frames without a duration. */
const MIN_DURATION = CLOCK_RATE_HZ / 1000
/** Later frames are worthless for live video, and would only fill the memory. */
const MAX_LAG_MS = 1000
const MAX_UNSENT_BYTES = 4 * 1024 * 1024
/** Each keyframe costs the other viewers bandwidth. */
const KEYFRAME_INTERVAL_MS = 2000

/** The connection of one viewer. */
export interface MediaOutput {
  /** Announces the type of what follows. Called again only when the type changes. */
  begin(mimeType: string): void
  send(bytes: Uint8Array): void
  /** Bytes that wait for the network. */
  readonly unsentBytes: number
  /** How long the oldest of them has waited; 0 without any. */
  readonly lagMs: number
}

/**
 * Sends one viewer fragmented MP4, one fragment per frame. If the network is too slow, it drops everything up to a keyframe.
 *
 * Each sample lasts as long as the one before it did, and begins where that ended: no frame has to wait for the next one, and the
 * timeline has no gap, at which Media Source Extensions would drop frames up to a keyframe (coded frame processing, step 6).
 */
export class Mp4Sender {
  readonly #output: MediaOutput
  readonly #requestKeyframe: () => void
  readonly #nowMs: () => number
  #configuration: AvcConfiguration | undefined
  #mimeType: string | undefined
  #sequence = 0
  #decodeTime = 0
  #duration = FIRST_DURATION
  #lastTimestamp: number | undefined
  #isDropping = false
  #requestedAtMs = -Infinity
  frames = 0
  octets = 0
  framesDropped = 0

  constructor(output: MediaOutput, requestKeyframe: () => void, nowMs = () => performance.now()) {
    this.#output = output
    this.#requestKeyframe = requestKeyframe
    this.#nowMs = nowMs
  }

  get isDropping(): boolean {
    return this.#isDropping
  }

  send(frame: VideoFrame): void {
    if (!this.#mayStart(frame) || !this.#fits(frame)) {
      if (this.#mimeType !== undefined) this.framesDropped++
      return
    }
    if (frame.configuration !== this.#configuration) this.#configure(frame.configuration)
    this.#write(
      fragment({
        sequence: ++this.#sequence,
        decodeTime: this.#decodeTime,
        duration: this.#durationOf(frame),
        isKeyframe: frame.isKeyframe,
        sample: frame.sample,
      }),
    )
    this.#decodeTime += this.#duration
    this.frames++
  }

  #mayStart({ isKeyframe, configuration }: VideoFrame): boolean {
    return isKeyframe || configuration === this.#configuration
  }

  #fits({ isKeyframe }: VideoFrame): boolean {
    const { unsentBytes, lagMs } = this.#output
    if (!this.#isDropping) {
      this.#isDropping = lagMs > MAX_LAG_MS || unsentBytes > MAX_UNSENT_BYTES
      return !this.#isDropping
    }
    if (unsentBytes > 0) return false
    this.#isDropping = !isKeyframe
    const nowMs = this.#nowMs()
    if (this.#isDropping && nowMs - this.#requestedAtMs >= KEYFRAME_INTERVAL_MS) {
      this.#requestedAtMs = nowMs
      this.#requestKeyframe()
    }
    return !this.#isDropping
  }

  #configure(configuration: AvcConfiguration): void {
    this.#configuration = configuration
    const mimeType = mimeTypeOf(configuration)
    if (mimeType !== this.#mimeType) this.#output.begin(mimeType)
    this.#mimeType = mimeType
    this.#write(initSegment(configuration))
  }

  #durationOf({ timestamp }: VideoFrame): number {
    if (this.#lastTimestamp !== undefined) {
      const ticks = (timestamp - this.#lastTimestamp) | 0
      this.#duration = Math.min(MAX_DURATION, Math.max(MIN_DURATION, ticks))
    }
    this.#lastTimestamp = timestamp
    return this.#duration
  }

  #write(bytes: Buffer): void {
    this.octets += bytes.length
    this.#output.send(bytes)
  }
}
