import { CaptureClock } from './capture-clock.js'
import { RtpFanout } from './fanout.js'
import { FrameCounter } from './frame-counter.js'
import {
  openIngest,
  type ExpectedStream,
  type Ingest,
  type IngestPorts,
  type WaitingReader,
} from './ingest.js'
import { KeyframeRequester } from './keyframe-requester.js'
import { timestampOf, type VideoCodec } from './packet.js'
import { RtpTimeline } from './timeline.js'
import { StreamInspector, type StreamFacts } from './inspect/stream-inspector.js'

/** One camera's media path: ingest -> timeline -> fan-out. */
export interface RtpStream extends AsyncDisposable {
  readonly codec: VideoCodec
  readonly fanout: RtpFanout
  readonly clock: CaptureClock
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
}

export async function openRtpStream(options: {
  codec: VideoCodec
  expected: ExpectedStream | undefined
  preferred: IngestPorts
  /** Whether another program or the camera itself encodes the stream. */
  inspect?: boolean
  /** Also asks a camera whose own encoder does not hear of the RTCP feedback. */
  onKeyframeRequest?: () => void
  /** Reads several datagrams at once. */
  waiting?: WaitingReader | undefined
  onError: (error: Error) => void
}): Promise<RtpStream> {
  const { codec, expected, preferred, onKeyframeRequest, waiting, onError } = options
  let inspector = options.inspect === true ? new StreamInspector(codec) : undefined
  const fanout = new RtpFanout()
  const timeline = new RtpTimeline(codec)
  const clock = new CaptureClock()
  const frames = new FrameCounter(clock)
  const keyframes: KeyframeRequester = new KeyframeRequester(() => {
    ingest.requestKeyframe()
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
  const ingest: Ingest = await openIngest({
    expected,
    preferred,
    onPacket,
    onBurstEnd: () => fanout.flush(),
    waiting,
    onNewSender: () => {
      timeline.expectNewSender()
      clock.expectNewSender()
      inspector?.expectNewSender()
    },
    onIgnored: (datagram, port) => inspector?.noteIgnored(datagram, port, performance.now()),
    onSenderReport: (report, nowMs) => clock.noteSenderReport(report, nowMs),
    onError,
  })

  let watchers = 0

  return {
    codec,
    fanout,
    clock,
    get rtpPort() {
      return ingest.ports.rtpPort
    },
    portsForStart: async () => await ingest.portsForStart(),
    get packets() {
      return ingest.packets
    },
    get ignored() {
      return ingest.ignored
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
      return ingest.packets + ingest.ignored
    },
    keyframeRequests: keyframes,
    nextPacket: async (signal) => await ingest.nextPacket(signal),
    expectNewSender: () => {
      ingest.expectNewSender()
      clock.expectNewSender()
    },
    requestKeyframe: () => keyframes.request(),
    watch() {
      if (++watchers === 1) ingest.watched(true)
      let isOver = false
      return {
        [Symbol.dispose]: () => {
          if (!isOver && --watchers === 0) ingest.watched(false)
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
      await ingest[Symbol.asyncDispose]()
    },
  }
}
