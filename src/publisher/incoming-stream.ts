import { TokenBucket } from '../lib/rate-limit.js'
import { carriesKeyframe } from '../rtp/keyframe.js'
import { payloadOf, payloadTypeOf, sequenceOf, ssrcOf, timestampOf, type VideoCodec } from '../rtp/packet.js'
import type { Publishing } from '../rtp/published-source.js'
import { ParameterSetInserter, startsIdr } from '../rtp/receive/parameter-set-inserter.js'
import { ReceptionStats } from '../rtp/receive/reception-stats.js'
import { ReorderBuffer } from '../rtp/receive/reorder-buffer.js'
import { originalOf } from '../rtp/receive/rtx.js'

/** 80 Mbit/s in packets of 1000 bytes, and a large keyframe at once. Decrypting that costs a third of a core. */
const RATE = { perSecond: 10_000, burst: 4000 }
/** Viewers get each packet as it is; WebRTC clients send at most 1200 to 1460 bytes. */
const MAX_PACKET_BYTES = 2048
/** Another SSRC is accepted when the current one has been silent for this time, as from an external sender. */
const STREAM_TIMEOUT_MS = 500

/** Decrypts packets, each once. */
export interface PacketDecryption {
  receive(packet: Buffer): Buffer | undefined
}

export interface IncomingOptions {
  codec: VideoCodec
  payloadType: number
  rtxPayloadType: number | undefined
  /** Of H.264, from the offer; empty if it has none. */
  parameterSets?: readonly Buffer[]
  decryption: PacketDecryption
  publishing: Publishing
  /** Packets are lost for good. */
  requestKeyframe: () => void
}

/** One publisher's video: protected packets in, the packets of one stream in their order out. */
export class IncomingStream {
  readonly #options: IncomingOptions
  readonly #bucket = new TokenBucket(RATE, performance.now())
  #order: ReorderBuffer
  #stats = new ReceptionStats()
  #ssrc: number | undefined
  #streamHeardAtMs = -Infinity
  /** What precedes it refers to pictures that viewers do not have. */
  #hasKeyframe = false
  #isFlushing = false
  /** The last authentic media packet. */
  lastMediaAtMs = performance.now()
  packets = 0
  octets = 0
  /** Not of this stream, not authentic, or above the rate. */
  dropped = 0
  retransmitted = 0
  recovered = 0
  givenUp = 0
  /** Of the streams before the present one. */
  #before = { recovered: 0, givenUp: 0 }
  /** That we sent to the publisher. */
  keyframeRequests = 0
  /** Over the last second; undefined before. */
  bitrateBps: number | undefined
  #measured: { atMs: number; octets: number } | undefined

  constructor(options: IncomingOptions) {
    this.#options = options
    this.#order = this.#newOrder()
  }

  /** Undefined before the first packet. */
  get ssrc(): number | undefined {
    return this.#ssrc
  }

  get stats(): ReceptionStats {
    return this.#stats
  }

  get isWaiting(): boolean {
    return this.#order.isWaiting
  }

  /** Once per packet. @returns whether it is authentic. */
  readonly receive = (packet: Buffer): boolean => {
    const nowMs = performance.now()
    const plain = this.#isWanted(packet, nowMs) ? this.#options.decryption.receive(packet) : undefined
    if (plain === undefined) {
      this.dropped++
      return false
    }
    this.lastMediaAtMs = nowMs
    if (payloadTypeOf(plain) === this.#options.payloadType) this.#receiveMedia(plain, nowMs)
    else this.#receiveRtx(plain, nowMs)
    return true
  }

  /** @returns sequence numbers to request again. */
  check(nowMs: number): number[] {
    const missing = this.#order.check(nowMs)
    this.#count()
    return missing
  }

  /** Called about once a second. */
  measure(nowMs: number): void {
    const { octets } = this
    const before = this.#measured
    this.#measured = { atMs: nowMs, octets }
    if (before !== undefined && nowMs > before.atMs)
      this.bitrateBps = Math.round(((octets - before.octets) * 8000) / (nowMs - before.atMs))
  }

  /** Before decryption, which costs more. */
  #isWanted(packet: Buffer, nowMs: number): boolean {
    if (packet.length > MAX_PACKET_BYTES) return false
    const type = payloadTypeOf(packet)
    const { payloadType, rtxPayloadType } = this.#options
    return (type === payloadType || type === rtxPayloadType) && this.#bucket.consume(1, RATE, nowMs) === 0
  }

  #receiveMedia(rtp: Buffer, nowMs: number): void {
    const ssrc = ssrcOf(rtp)
    if (ssrc !== this.#ssrc && !this.#acceptStream(ssrc, nowMs)) {
      this.dropped++
      return
    }
    this.#streamHeardAtMs = nowMs
    this.packets++
    this.octets += rtp.length
    this.#stats.note(sequenceOf(rtp), timestampOf(rtp), nowMs)
    this.#order.add(rtp, sequenceOf(rtp), nowMs)
  }

  #receiveRtx(rtx: Buffer, nowMs: number): void {
    const original =
      this.#ssrc === undefined ? undefined : originalOf(rtx, this.#ssrc, this.#options.payloadType)
    if (original === undefined) return
    this.retransmitted++
    this.#order.add(original, sequenceOf(original), nowMs)
    this.#count()
  }

  /** RFC 3550 section 8.2: a publisher may start another stream. Of several at once, such as simulcast, only the first is accepted. */
  #acceptStream(ssrc: number, nowMs: number): boolean {
    if (nowMs - this.#streamHeardAtMs < STREAM_TIMEOUT_MS) return false
    if (this.#ssrc !== undefined) {
      this.#options.publishing.restarts()
      this.#count()
      this.#before = { recovered: this.recovered, givenUp: this.givenUp }
      this.#order = this.#newOrder()
      this.#stats = new ReceptionStats()
    }
    this.#ssrc = ssrc
    this.#hasKeyframe = false
    return true
  }

  readonly #isKeyframe = (rtp: Buffer): boolean => {
    const { codec, parameterSets = [] } = this.#options
    const payload = payloadOf(rtp)
    if (payload === undefined) return false
    return carriesKeyframe[codec](payload) || (parameterSets.length > 0 && startsIdr(payload))
  }

  #newOrder(): ReorderBuffer {
    const { requestKeyframe, parameterSets = [] } = this.#options
    const inserter = parameterSets.length === 0 ? undefined : new ParameterSetInserter(parameterSets)
    return new ReorderBuffer({
      isKeyframe: this.#isKeyframe,
      onPacket: (rtp, nowMs) => {
        if (inserter === undefined) this.#handOn(rtp, nowMs)
        else inserter.pass(rtp, (passed) => this.#handOn(passed, nowMs))
      },
      onLoss: requestKeyframe,
    })
  }

  #handOn(rtp: Buffer, nowMs: number): void {
    this.#hasKeyframe ||= this.#isKeyframe(rtp)
    if (!this.#hasKeyframe) return this.#options.requestKeyframe()
    this.#options.publishing.receive(rtp, nowMs)
    this.#flushSoon()
  }

  #count(): void {
    this.recovered = this.#before.recovered + this.#order.recovered
    this.givenUp = this.#before.givenUp + this.#order.givenUp
  }

  /** Behind the packets that arrived in the same wake-up: they are protected and sent together. */
  #flushSoon(): void {
    if (this.#isFlushing) return
    this.#isFlushing = true
    setImmediate(() => {
      this.#isFlushing = false
      this.#options.publishing.flush()
    })
  }
}
