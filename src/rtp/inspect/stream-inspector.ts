import { carriesKeyframe } from '../keyframe.js'
import { payloadTypeOf, ssrcOf, type MediaPacket, type VideoCodec } from '../packet.js'
import { FormatVote } from './format-vote.js'
import { parseSps, type Sps } from './h264-sps.js'
import { B_SLICE, IDR, PPS, scanUnits, SLICE, SPS, spsIn } from './h264-units.js'
import { OtherSenders, type OtherSender } from './other-senders.js'
import type { PayloadFormat } from './payload-format.js'

/** Packets whose format is examined after a new sender, and again after each pause. */
const VOTE_PACKETS = 60
const VOTE_MS = 2000
const MIN_VOTE_PACKETS = 5
const PAUSE_MS = 1000
/** Sizes and the order of frames are of this time. */
const WINDOW_MS = 5000
const BASELINE = 66
const RTP_HEADER_BYTES = 12
/** Timestamps further back are another stream. */
const MAX_REORDER_TICKS = 90_000
const MIN_REORDERED = 3
const MIN_B_SLICE_SHARE = 0.2

/** What is known of the stream of the current sender. Times are monotonic. */
export interface StreamFacts {
  /** Packets of this sender. */
  packets: number
  /** When its first packet arrived. */
  sinceMs: number
  payloadType: number
  /** Undefined while too few packets have arrived. */
  format: PayloadFormat | undefined
  /** The last keyframe that can be decoded: in H.264 an IDR picture with SPS and PPS. */
  keyframeAtMs: number | undefined
  /** Between the last two of them. */
  keyframeGapMs: number
  /** The last IDR picture without SPS or PPS, and which of them. */
  bareKeyframeAtMs: number | undefined
  missing: 'SPS and PPS' | 'SPS' | 'PPS'
  sps: Sps | undefined
  hasBFrames: boolean
  /** The largest packet of the last seconds with a header of 12 bytes, as viewers get it. */
  largestPacketBytes: number
  other: OtherSender | undefined
}

/** Examines the packets of a stream that this program does not encode. */
export class StreamInspector {
  readonly #codec: VideoCodec
  readonly #others = new OtherSenders()
  readonly #vote = new FormatVote()
  #format: PayloadFormat | undefined
  #votesFromMs = 0
  #packets = 0
  #sinceMs = 0
  #ssrc = 0
  #payloadType = 0
  #timestamp = 0
  #found = 0
  #idrTimestamp: number | undefined
  #keyframeAtMs: number | undefined
  #keyframeGapMs = 0
  #bareKeyframeAtMs: number | undefined
  #missing: StreamFacts['missing'] = 'SPS and PPS'
  #sps: Sps | undefined
  #spsAtMs = -Infinity
  #windowFromMs = 0
  #largest = 0
  #largestBefore = 0
  #slices = 0
  #bSlices = 0
  #reordered = 0
  #hasBFrames = false

  constructor(codec: VideoCodec) {
    this.#codec = codec
  }

  /** Everything but what other senders do is forgotten. */
  expectNewSender(): void {
    this.#vote.clear()
    this.#format = undefined
    this.#packets = this.#found = this.#keyframeGapMs = 0
    this.#idrTimestamp = this.#keyframeAtMs = this.#bareKeyframeAtMs = this.#sps = undefined
    this.#spsAtMs = -Infinity
    this.#largest = this.#largestBefore = this.#slices = this.#bSlices = this.#reordered = 0
    this.#hasBFrames = false
  }

  /** HOT: once per packet of such a camera. */
  note(rtp: Buffer, packet: MediaPacket, nowMs: number): void {
    if (this.#packets === 0) this.#begin(rtp, packet, nowMs)
    this.#packets++
    const { payload, timestamp } = packet
    const bytes = payload.length + RTP_HEADER_BYTES
    if (bytes > this.#largest) this.#largest = bytes
    const ticks = (timestamp - this.#timestamp) | 0
    const isStart = ticks !== 0 || this.#packets === 1
    if (ticks < 0 && ticks > -MAX_REORDER_TICKS) this.#reordered++
    this.#timestamp = timestamp
    const found = this.#codec === 'h264' ? scanUnits(payload) : 0
    if (found !== 0) this.#noteUnits(found, payload, timestamp, nowMs)
    else if (this.#codec === 'vp8' && packet.startsKeyframe) this.#noteKeyframe(nowMs)
    if (nowMs >= this.#votesFromMs) this.#noteShape(packet, isStart, ticks, nowMs)
    if (nowMs - this.#windowFromMs > WINDOW_MS) this.#closeWindow(nowMs)
  }

  /** A datagram that was not accepted. */
  noteIgnored(datagram: Buffer, senderPort: number, nowMs: number): void {
    this.#others.note(datagram, senderPort, this.#ssrc, nowMs)
  }

  facts(nowMs: number): StreamFacts {
    return {
      packets: this.#packets,
      sinceMs: this.#sinceMs,
      payloadType: this.#payloadType,
      format: this.#format,
      keyframeAtMs: this.#keyframeAtMs,
      keyframeGapMs: this.#keyframeGapMs,
      bareKeyframeAtMs: this.#bareKeyframeAtMs,
      missing: this.#missing,
      sps: this.#sps,
      hasBFrames: this.#hasBFrames || this.#reordersFrames(),
      largestPacketBytes: Math.max(this.#largest, this.#largestBefore),
      other: this.#others.current(nowMs),
    }
  }

  #begin(rtp: Buffer, packet: MediaPacket, nowMs: number): void {
    this.#sinceMs = this.#windowFromMs = this.#votesFromMs = nowMs
    this.#ssrc = ssrcOf(rtp)
    this.#payloadType = payloadTypeOf(rtp)
    this.#timestamp = packet.timestamp
  }

  #noteUnits(found: number, payload: Buffer, timestamp: number, nowMs: number): void {
    if ((found & SPS) !== 0 && nowMs - this.#spsAtMs >= PAUSE_MS) {
      this.#spsAtMs = nowMs
      if (carriesKeyframe.h264(payload)) this.#sps = parseSps(spsIn(payload) ?? payload) ?? this.#sps
    }
    this.#found |= found
    if ((found & SLICE) !== 0) this.#slices++
    if ((found & B_SLICE) !== 0) this.#bSlices++
    if ((found & IDR) === 0 || timestamp === this.#idrTimestamp) return
    this.#idrTimestamp = timestamp
    const hasSps = (this.#found & SPS) !== 0
    const hasPps = (this.#found & PPS) !== 0
    this.#found = 0
    if (hasSps && hasPps) return this.#noteKeyframe(nowMs)
    this.#bareKeyframeAtMs = nowMs
    this.#missing = hasSps ? 'PPS' : hasPps ? 'SPS' : 'SPS and PPS'
  }

  #noteKeyframe(nowMs: number): void {
    this.#keyframeGapMs = this.#keyframeAtMs === undefined ? 0 : nowMs - this.#keyframeAtMs
    this.#keyframeAtMs = nowMs
  }

  #noteShape({ payload, marker }: MediaPacket, isStart: boolean, ticks: number, nowMs: number): void {
    const hasSlice = (scanUnits(payload) & (SLICE | IDR)) !== 0
    this.#vote.add({ payload, isStart, marker }, hasSlice, ticks, nowMs)
    const { packets, forMs } = this.#vote
    if (packets < VOTE_PACKETS && (packets < MIN_VOTE_PACKETS || forMs < VOTE_MS)) return
    this.#format = this.#vote.result(this.#payloadType)
    this.#vote.clear()
    this.#votesFromMs = nowMs + PAUSE_MS
  }

  #closeWindow(nowMs: number): void {
    this.#windowFromMs = nowMs
    this.#largestBefore = this.#largest
    this.#hasBFrames = this.#reordersFrames()
    this.#largest = this.#slices = this.#bSlices = this.#reordered = 0
  }

  /** By slice types where the SPS permits it, or by timestamps that go back while sequence numbers go on. */
  #reordersFrames(): boolean {
    if (this.#codec !== 'h264') return false
    const mayReorder = this.#sps?.profile !== BASELINE && this.#sps?.reorderedFrames !== 0
    const isMuch = this.#bSlices >= Math.max(MIN_REORDERED, MIN_B_SLICE_SHARE * this.#slices)
    return this.#reordered >= MIN_REORDERED || (mayReorder && isMuch)
  }
}
