import type { RemoteInfo, Socket } from 'node:dgram'
import { once } from 'node:events'
import { bind, bindPreferred, freePort, LOOPBACK } from './loopback-socket.js'
import { isRtcp, isRtp, payloadTypeOf, ssrcOf } from './packet.js'
import { writePli } from './rtcp/feedback.js'
import { parseSenderReport, type SenderReport } from './rtcp/sender-report.js'

/** A sender that was silent for this long may be followed by another one. */
const SENDER_TIMEOUT_MS = 500
const OUR_SSRC = 1

export interface IngestPorts {
  rtpPort: number
  rtcpPort: number
  feedbackPort: number
}

/** What a camera's own pipeline is known to send; an external program's stream is taken as it comes. */
export interface ExpectedStream {
  ssrc: number
  payloadType: number
}

/**
 * Where one camera's RTP comes in: a UDP socket pair on the loopback address. Only one sender is listened to at a time, so
 * another program on this machine cannot mix its packets into the picture.
 */
export class Ingest implements AsyncDisposable {
  readonly #rtp: Socket
  readonly #rtcp: Socket | undefined
  readonly #expected: ExpectedStream | undefined
  readonly #onPacket: (rtp: Buffer, nowMs: number) => boolean
  readonly #onNewSender: () => void
  readonly #onSenderReport: (report: SenderReport, nowMs: number) => void
  readonly #preferred: IngestPorts
  ports: Readonly<IngestPorts>
  #senderPort = 0
  #senderHeardAtMs = -Infinity
  #mediaSsrc = 0
  #leftSsrc = 0
  #payloadType = 0
  #waiting: (() => void)[] = []
  /** What was taken in and of use, and what came beside it. */
  packets = 0
  ignored = 0

  constructor(options: IngestOptions, ports: IngestPorts, rtp: Socket, rtcp: Socket | undefined) {
    this.ports = ports
    this.#preferred = options.preferred
    this.#rtp = rtp
    this.#rtcp = rtcp
    this.#expected = options.expected
    this.#onPacket = options.onPacket
    this.#onNewSender = options.onNewSender
    this.#onSenderReport = options.onSenderReport
    this.#mediaSsrc = options.expected?.ssrc ?? 0
    rtp.on('message', this.#receive)
    rtcp?.on('message', this.#receiveRtcp)
  }

  /** HOT: once per packet and camera. */
  readonly #receive = (datagram: Buffer, from: RemoteInfo): void => {
    if (!isRtp(datagram) || !this.#isExpected(datagram)) {
      if (isRtcp(datagram)) this.#receiveRtcp(datagram, from)
      else this.ignored++
      return
    }
    const nowMs = performance.now()
    const ssrc = ssrcOf(datagram)
    const isWelcome =
      from.port === this.#senderPort
        ? ssrc === this.#mediaSsrc || this.#follow(datagram, nowMs)
        : this.#welcome(datagram, from, nowMs)
    if (!isWelcome) {
      this.ignored++
      return
    }
    this.#senderHeardAtMs = nowMs
    this.#mediaSsrc = ssrc
    if (!this.#onPacket(datagram, nowMs)) {
      this.ignored++
      return
    }
    this.packets++
    if (this.#waiting.length > 0) for (const resolve of this.#waiting.splice(0)) resolve()
  }

  /** Only the stream whose packets we take may tell its time; an external program reports on its RTP port (RFC 5761). */
  readonly #receiveRtcp = (datagram: Buffer, from: RemoteInfo): void => {
    if (from.address !== LOOPBACK) return
    const report = parseSenderReport(datagram)
    if (report?.ssrc === this.#mediaSsrc) this.#onSenderReport(report, performance.now())
  }

  #isExpected(rtp: Buffer): boolean {
    return (
      this.#expected === undefined ||
      (ssrcOf(rtp) === this.#expected.ssrc && payloadTypeOf(rtp) === this.#expected.payloadType)
    )
  }

  #welcome(rtp: Buffer, from: RemoteInfo, nowMs: number): boolean {
    if (nowMs - this.#senderHeardAtMs < SENDER_TIMEOUT_MS) return false
    this.#senderPort = from.port
    this.#leftSsrc = this.#mediaSsrc
    this.#payloadType = payloadTypeOf(rtp)
    this.#onNewSender()
    return true
  }

  /**
   * An external program may begin a new stream at any time, with offsets of its own (RFC 3550 section 8.2). One that sends
   * several at once (sound beside the picture) is not followed from one to the other and back.
   */
  #follow(rtp: Buffer, nowMs: number): boolean {
    const isAnother = payloadTypeOf(rtp) !== this.#payloadType || ssrcOf(rtp) === this.#leftSsrc
    if (isAnother && nowMs - this.#senderHeardAtMs < SENDER_TIMEOUT_MS) return false
    this.#leftSsrc = this.#mediaSsrc
    this.#payloadType = payloadTypeOf(rtp)
    this.#onNewSender()
    return true
  }

  /**
   * Where a capture process that is started now meets us: as ever, unless another program took its port meanwhile.
   */
  async portsForStart(): Promise<Readonly<IngestPorts>> {
    this.ports = { ...this.ports, feedbackPort: await freePort(this.#preferred.feedbackPort) }
    return this.ports
  }

  /** The capture process is being started anew: its first packet is welcome however short the pause was. */
  expectNewSender(): void {
    this.#senderHeardAtMs = -Infinity
    this.#senderPort = 0
  }

  /** Resolves with the next packet; rejects with the signal's reason when that comes first. */
  async nextPacket(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    await new Promise<void>((resolve, reject) => {
      const stop = (): void => {
        this.#waiting = this.#waiting.filter((waiting) => waiting !== come)
        reject(signal.reason as Error)
      }
      const come = (): void => {
        signal.removeEventListener('abort', stop)
        resolve()
      }
      signal.addEventListener('abort', stop, { once: true })
      this.#waiting.push(come)
    })
  }

  /** Asks the encoder for a keyframe: a PLI into the pipeline's RTP session, or back to where an external sender's RTP comes from. */
  requestKeyframe(): void {
    const pli = writePli(OUR_SSRC, this.#mediaSsrc)
    if (this.#rtcp !== undefined) this.#rtcp.send(pli, this.ports.feedbackPort, LOOPBACK)
    else if (this.#senderPort !== 0) this.#rtp.send(pli, this.#senderPort, LOOPBACK)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of [this.#rtp, this.#rtcp]) {
      if (socket === undefined) continue
      const closed = once(socket, 'close')
      socket.close()
      await closed
    }
  }
}

export interface IngestOptions {
  /** Absent for an external sender: then one socket takes RTP and RTCP (RFC 5761) and the port has to be the given one. */
  expected: ExpectedStream | undefined
  /** The ports to take if they are free; an external sender's RTP port is taken or it is an error. */
  preferred: IngestPorts
  /** Says whether the packet was of use: what is not is no sign that the camera is alive. */
  onPacket: (rtp: Buffer, nowMs: number) => boolean
  /** Another sender than before: its sequence numbers and timestamps start anew. */
  onNewSender: () => void
  /** What the stream's sender says of its time, for which nobody vouches yet. */
  onSenderReport: (report: SenderReport, nowMs: number) => void
  onError: (error: Error) => void
}

/**
 * Binds a camera's socket pair on 127.0.0.1.
 * @throws Error when an external sender's port is taken by another program.
 */
export async function openIngest(options: IngestOptions): Promise<Ingest> {
  const { preferred, expected } = options
  if (expected === undefined) {
    const rtp = await bind(preferred.rtpPort, options.onError)
    return new Ingest(options, { ...preferred, rtpPort: rtp.address().port }, rtp, undefined)
  }
  const rtp = await bindPreferred(preferred.rtpPort, options.onError)
  const rtcp = await bindPreferred(preferred.rtcpPort, options.onError)
  const feedbackPort = await freePort(preferred.feedbackPort)
  return new Ingest(
    options,
    { rtpPort: rtp.address().port, rtcpPort: rtcp.address().port, feedbackPort },
    rtp,
    rtcp,
  )
}
