import { CaptureClock } from './capture-clock.js'
import { RtpFanout } from './fanout.js'
import { FrameCounter } from './frame-counter.js'
import { openIngest, type ExpectedStream, type IngestPorts, type WaitingReader } from './ingest.js'
import { KeyframeRequester } from './keyframe-requester.js'
import type { PacketSource, SourceEvents } from './packet-source.js'
import { timestampOf, type VideoCodec } from './packet.js'
import { PublishedSource } from './published-source.js'
import { RtpTimeline, type TimestampLine } from './timeline.js'
import { StreamInspector, type StreamFacts } from './inspect/stream-inspector.js'

/** One camera's media path: ingest, or publisher -> timeline -> fan-out. */
export interface RtpStream extends AsyncDisposable {
  readonly codec: VideoCodec
  readonly fanout: RtpFanout
  readonly clock: CaptureClock
  readonly line: TimestampLine
  readonly rtpPort: number
  portsForStart(): Promise<Readonly<IngestPorts>>
  readonly packets: number
  readonly ignored: number
  readonly keyframes: number
  readonly frames: number
  readonly captureDelayMs: number | undefined
  readonly datagrams: number
  readonly keyframeRequests: Pick<KeyframeRequester, 'requested' | 'answers' | 'answerSumMs'>
  nextPacket(signal: AbortSignal): Promise<void>
  expectNewSender(): void
  requestKeyframe(): void
  /** Until it is disposed, packets are handed on at once. Before the first, and after the last, they may be read at intervals. */
  watch(): Disposable
  /** What is known of the current sender's stream; undefined unless it is inspected. */
  readonly facts: StreamFacts | undefined
  inspect(isInspected: boolean): void
  /** Undefined unless clients publish to it. */
  readonly published?: PublishedSource
}

interface StreamOptions {
  codec: VideoCodec
  /** Whether another program or the camera itself encodes the stream. */
  inspect?: boolean
  /** Of a stream of the same capture process, whose timestamps this one shares. */
  leader?: TimestampLine
  /** Also asks a camera whose own encoder does not hear of the RTCP feedback. */
  onKeyframeRequest?: () => void
}

export async function openRtpStream(
  options: StreamOptions & {
    expected: ExpectedStream | undefined
    preferred: IngestPorts
    /** Reads several datagrams at once. */
    waiting?: WaitingReader | undefined
    onError: (error: Error) => void
  },
): Promise<RtpStream> {
  const { expected, preferred, waiting, onError } = options
  return await openStream(options, new CaptureClock(undefined, options.codec), async (events) => {
    return await openIngest({ expected, preferred, waiting, onError, ...events })
  })
}

/** A stream without a socket: clients publish to it, from machines with clocks of their own. */
export async function openPublishedStream(
  options: StreamOptions,
): Promise<RtpStream & { readonly published: PublishedSource }> {
  let published: PublishedSource
  const stream = await openStream(
    options,
    new CaptureClock({ isRemote: true }, options.codec),
    async (events) => {
      return await Promise.resolve((published = new PublishedSource(events)))
    },
  )
  return Object.assign(stream, { published: published! })
}

async function openStream(
  { codec, inspect, leader, onKeyframeRequest }: StreamOptions,
  clock: CaptureClock,
  open: (events: SourceEvents) => Promise<PacketSource>,
): Promise<RtpStream> {
  let inspector = inspect === true ? new StreamInspector(codec) : undefined
  const fanout = new RtpFanout(codec)
  const timeline = new RtpTimeline(codec, leader)
  const frames = new FrameCounter(clock)
  const keyframes: KeyframeRequester = new KeyframeRequester(() => {
    source.requestKeyframe()
    onKeyframeRequest?.()
  })

  /** HOT */
  const onPacket = (rtp: Buffer, nowMs: number): boolean => {
    const packet = timeline.place(rtp, nowMs)
    if (packet === undefined) return false
    clock.noteArrival(packet.timestamp, timestampOf(rtp), nowMs)
    if (packet.startsKeyframe) keyframes.answered()
    frames.note(packet, nowMs)
    if (inspector !== undefined) inspector.note(rtp, packet, nowMs)
    fanout.send(packet)
    return true
  }
  const source: PacketSource = await open({
    onPacket,
    onBurstEnd: () => fanout.flush(),
    onNewSender: () => {
      timeline.expectNewSender()
      clock.expectNewSender()
      inspector?.expectNewSender()
    },
    onIgnored: (datagram, port) => inspector?.noteIgnored(datagram, port, performance.now()),
    onSenderReport: (report, nowMs) => clock.noteSenderReport(report, nowMs),
  })

  let watchers = 0

  return {
    codec,
    fanout,
    clock,
    line: timeline,
    get rtpPort() {
      return source.ports.rtpPort
    },
    portsForStart: async () => await source.portsForStart(),
    get packets() {
      return source.packets
    },
    get ignored() {
      return source.ignored
    },
    get keyframes() {
      return fanout.keyframes
    },
    get frames() {
      return frames.frames
    },
    get captureDelayMs() {
      return frames.captureDelayMs
    },
    get datagrams() {
      return source.packets + source.ignored
    },
    keyframeRequests: keyframes,
    nextPacket: async (signal) => await source.nextPacket(signal),
    expectNewSender: () => {
      timeline.forget()
      source.expectNewSender()
      clock.expectNewSender()
    },
    requestKeyframe: () => keyframes.request(),
    watch() {
      if (++watchers === 1) source.watched(true)
      let isOver = false
      return {
        [Symbol.dispose]: () => {
          if (!isOver && --watchers === 0) source.watched(false)
          isOver = true
        },
      }
    },
    inspect(isInspected) {
      if (isInspected !== (inspector !== undefined))
        inspector = isInspected ? new StreamInspector(codec) : undefined
    },
    get facts() {
      return inspector?.facts(performance.now())
    },
    async [Symbol.asyncDispose]() {
      keyframes[Symbol.dispose]()
      await source[Symbol.asyncDispose]()
    },
  }
}
