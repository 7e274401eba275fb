import type { Socket } from 'node:dgram'
import { once } from 'node:events'
import { bind, bindPreferred, freePort, LOOPBACK } from './loopback-socket.js'
import { PacketWaiters } from './packet-waiters.js'
import { isRtcp, isRtp, payloadTypeOf, ssrcOf } from './packet.js'
import { writePli } from './rtcp/feedback.js'
import { SlowReader, type ReadableSocket, type SlowReaderTiming } from './slow-reader.js'
import { parseSenderReport, type SenderReport } from './rtcp/sender-report.js'

const SENDER_TIMEOUT_MS = 500
const OUR_SSRC = 1
/** Of one wake-up, apart from what the event loop reads itself: after a stall other work must not wait for all. */
const MAX_WAITING = 64
/** Of one interval of slow reading: more than fits into most receive buffers. */
const MAX_SLOWLY_READ = 512

interface Sender {
  address: string
  port: number
}

/** Reads what waits in a socket behind the datagram that woke the event loop. */
export interface WaitingReader {
  /** @returns undefined if it cannot read this socket; otherwise a function that reads some, and returns how many these were. */
  reader(socket: Socket): ((onDatagram: (datagram: Buffer, from: Sender) => void) => number) | undefined
  /** @returns undefined if its datagrams always wake the event loop. */
  events(socket: Socket): { stop(): void; start(): void } | undefined
}

export interface IngestPorts {
  rtpPort: number
  rtcpPort: number
  feedbackPort: number
}

/** The stream of a capture pipeline. An external program may send any SSRC and payload type. */
export interface ExpectedStream {
  ssrc: number
  payloadType: number
}

/**
 * Receives one camera's RTP and RTCP on the loopback address, from one sender at a time: packets of another program on this
 * machine are ignored.
 */
export class Ingest implements AsyncDisposable {
  readonly #rtp: Socket
  readonly #rtcp: Socket | undefined
  readonly #expected: ExpectedStream | undefined
  readonly #onPacket: (rtp: Buffer, nowMs: number) => boolean
  readonly #onBurstEnd: () => void
  readonly #readWaiting: ReturnType<WaitingReader['reader']>
  #isBacklogged = false
  readonly #slowReader: SlowReader | undefined
  #isWatched = false
  #isClosed = false
  readonly #onNewSender: () => void
  readonly #onIgnored: (datagram: Buffer, port: number) => void
  readonly #onSenderReport: (report: SenderReport, nowMs: number) => void
  readonly #preferred: IngestPorts
  ports: Readonly<IngestPorts>
  #senderPort = 0
  #senderHeardAtMs = -Infinity
  #mediaSsrc = 0
  #previousSsrc = 0
  #payloadType = 0
  readonly #waiters = new PacketWaiters()
  packets = 0
  ignored = 0

  constructor(options: IngestOptions, ports: IngestPorts, rtp: Socket, rtcp: Socket | undefined) {
    this.ports = ports
    this.#preferred = options.preferred
    this.#rtp = rtp
    this.#rtcp = rtcp
    this.#expected = options.expected
    this.#onPacket = options.onPacket
    this.#onBurstEnd = options.onBurstEnd ?? (() => {})
    this.#readWaiting = options.waiting?.reader(rtp)
    this.#slowReader = this.#openSlowReader(options, rtp)
    this.#onNewSender = options.onNewSender
    this.#onIgnored = options.onIgnored ?? (() => {})
    this.#onSenderReport = options.onSenderReport
    this.#mediaSsrc = options.expected?.ssrc ?? 0
    rtp.on('message', this.#receiveBurst)
    rtcp?.on('message', this.#receiveRtcp)
  }

  /** Not for other programs, whose datagrams may be large, and whose port others may send to. */
  #openSlowReader({ expected, waiting, slowReading }: IngestOptions, rtp: Socket): SlowReader | undefined {
    const events = expected === undefined ? undefined : waiting?.events(rtp)
    const readWaiting = this.#readWaiting
    if (events === undefined || readWaiting === undefined) return undefined
    const datagrams = (): number => this.packets + this.ignored
    const socket: ReadableSocket = {
      stopEvents: () => events.stop(),
      startEvents: () => events.start(),
      readWaiting: () => {
        let total = 0
        for (let some = 1; some > 0 && total < MAX_SLOWLY_READ; total += some)
          some = readWaiting(this.#receive)
        this.#onBurstEnd()
        return total
      },
      get datagrams() {
        return datagrams()
      },
      receiveBufferBytes: () => rtp.getRecvBufferSize(),
    }
    return new SlowReader(socket, slowReading)
  }

  /** Whether packets have to be handed on at once. */
  watched(isWatched: boolean): void {
    if (isWatched === this.#isWatched || this.#isClosed) return
    this.#isWatched = isWatched
    if (isWatched) this.#slowReader?.wake()
    else this.#slowReader?.slowDown()
  }

  /** HOT: once per wake-up and camera, or more often if more arrives meanwhile. */
  readonly #receiveBurst = (first: Buffer, from: Sender): void => {
    this.#receive(first, from)
    if (this.#readWaiting !== undefined && !this.#isBacklogged) this.#receiveWaiting(this.#readWaiting)
    this.#onBurstEnd()
  }

  /** HOT */
  #receiveWaiting(readWaiting: NonNullable<ReturnType<WaitingReader['reader']>>): void {
    let total = 0
    for (let some = readWaiting(this.#receive); some > 0; some = readWaiting(this.#receive)) {
      total += some
      if (total >= MAX_WAITING) return this.#yield()
    }
  }

  /** Until other events have had their turn, datagrams are read one by one. */
  #yield(): void {
    this.#isBacklogged = true
    setImmediate(() => (this.#isBacklogged = false))
  }

  /** HOT: once per packet and camera. */
  readonly #receive = (datagram: Buffer, from: Sender): void => {
    if (!isRtp(datagram) || !this.#isExpected(datagram)) {
      if (isRtcp(datagram)) this.#receiveRtcp(datagram, from)
      else this.#ignore(datagram, from)
      return
    }
    const nowMs = performance.now()
    const ssrc = ssrcOf(datagram)
    const isAccepted =
      from.port === this.#senderPort
        ? this.#isCurrent(datagram, ssrc) || this.#acceptStream(datagram, nowMs)
        : this.#acceptSender(datagram, from, nowMs)
    if (!isAccepted) {
      this.#ignore(datagram, from)
      return
    }
    this.#senderHeardAtMs = nowMs
    this.#mediaSsrc = ssrc
    if (!this.#onPacket(datagram, nowMs)) {
      this.ignored++
      return
    }
    this.packets++
    this.#waiters.notify()
  }

  /** Only reports of the accepted stream count. An external program sends them to the RTP port (RFC 5761). */
  readonly #receiveRtcp = (datagram: Buffer, from: Sender): void => {
    if (from.address !== LOOPBACK) return
    const report = parseSenderReport(datagram)
    if (report?.ssrc === this.#mediaSsrc) this.#onSenderReport(report, performance.now())
  }

  #ignore(datagram: Buffer, from: Sender): void {
    this.ignored++
    this.#onIgnored(datagram, from.port)
  }

  /** HOT. One SSRC can carry several payload types, such as video and sound by mistake. */
  #isCurrent(rtp: Buffer, ssrc: number): boolean {
    return ssrc === this.#mediaSsrc && payloadTypeOf(rtp) === this.#payloadType
  }

  #isExpected(rtp: Buffer): boolean {
    return (
      this.#expected === undefined ||
      (ssrcOf(rtp) === this.#expected.ssrc && payloadTypeOf(rtp) === this.#expected.payloadType)
    )
  }

  #acceptSender(rtp: Buffer, from: Sender, nowMs: number): boolean {
    if (nowMs - this.#senderHeardAtMs < SENDER_TIMEOUT_MS) return false
    this.#senderPort = from.port
    this.#previousSsrc = this.#mediaSsrc
    this.#payloadType = payloadTypeOf(rtp)
    this.#onNewSender()
    return true
  }

  /**
   * An external program may start a new stream at any time (RFC 3550 section 8.2). If it sends several at once, such as audio and
   * video, only the first is accepted.
   */
  #acceptStream(rtp: Buffer, nowMs: number): boolean {
    const isAnother = payloadTypeOf(rtp) !== this.#payloadType || ssrcOf(rtp) === this.#previousSsrc
    if (isAnother && nowMs - this.#senderHeardAtMs < SENDER_TIMEOUT_MS) return false
    this.#previousSsrc = this.#mediaSsrc
    this.#payloadType = payloadTypeOf(rtp)
    this.#onNewSender()
    return true
  }

  /** The ports for the next capture process. Picks another feedback port if a program has bound the current one. */
  async portsForStart(): Promise<Readonly<IngestPorts>> {
    if (this.ports.feedbackPort === 0) return this.ports
    this.ports = { ...this.ports, feedbackPort: await freePort(this.#preferred.feedbackPort) }
    return this.ports
  }

  /** The capture process restarts: its first packet is accepted without the timeout. */
  expectNewSender(): void {
    this.#senderHeardAtMs = -Infinity
    this.#senderPort = 0
    if (!this.#isWatched) this.#slowReader?.slowDown()
  }

  async nextPacket(signal: AbortSignal): Promise<void> {
    await this.#waiters.next(signal)
  }

  /** Does nothing when it is closed: a viewer of a size that is gone may still ask. */
  requestKeyframe(): void {
    if (this.#isClosed) return
    const pli = writePli(OUR_SSRC, this.#mediaSsrc)
    if (this.#rtcp !== undefined) this.#rtcp.send(pli, this.ports.feedbackPort, LOOPBACK)
    else if (this.#senderPort !== 0) this.#rtp.send(pli, this.#senderPort, LOOPBACK)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true
    this.#slowReader?.[Symbol.dispose]()
    for (const socket of [this.#rtp, this.#rtcp]) {
      if (socket === undefined) continue
      const closed = once(socket, 'close')
      socket.close()
      await closed
    }
  }
}

export interface IngestOptions {
  /** Undefined for an external sender: one socket receives RTP and RTCP (RFC 5761), at exactly the preferred port. */
  expected: ExpectedStream | undefined
  /** One socket receives RTP and RTCP of an expected stream too, whose sender gets no feedback. */
  isMultiplexed?: boolean
  preferred: IngestPorts
  /** @returns false for a useless packet, which does not count as a sign of life. */
  onPacket: (rtp: Buffer, nowMs: number) => boolean
  /** Called after the last packet of a wake-up. */
  onBurstEnd?: () => void
  waiting?: WaitingReader | undefined
  slowReading?: SlowReaderTiming | undefined
  onNewSender: () => void
  /** Called for each datagram that is not of the accepted stream. */
  onIgnored?: (datagram: Buffer, port: number) => void
  onSenderReport: (report: SenderReport, nowMs: number) => void
  onError: (error: Error) => void
}

export async function openIngest(options: IngestOptions): Promise<Ingest> {
  const { preferred, expected, isMultiplexed = false } = options
  if (expected === undefined) {
    const rtp = await bind(preferred.rtpPort, options.onError)
    return new Ingest(options, { ...preferred, rtpPort: rtp.address().port }, rtp, undefined)
  }
  const rtp = await bindPreferred(preferred.rtpPort, options.onError)
  if (isMultiplexed) {
    const rtpPort = rtp.address().port
    return new Ingest(options, { rtpPort, rtcpPort: rtpPort, feedbackPort: 0 }, rtp, undefined)
  }
  const rtcp = await bindPreferred(preferred.rtcpPort, options.onError)
  const feedbackPort = await freePort(preferred.feedbackPort)
  return new Ingest(
    options,
    { rtpPort: rtp.address().port, rtcpPort: rtcp.address().port, feedbackPort },
    rtp,
    rtcp,
  )
}
