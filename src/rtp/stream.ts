import { CaptureClock } from './clock.js'
import { RtpFanout } from './fanout.js'
import { openIngest, type ExpectedStream, type Ingest, type IngestPorts } from './ingest.js'
import { KeyframeRequester } from './keyframes.js'
import { timestampOf, type VideoCodec } from './packet.js'
import { RtpTimeline } from './timeline.js'

/** One camera's media path, from its socket to its viewers: ingest -> timeline -> fan-out. */
export interface RtpStream extends AsyncDisposable {
  readonly codec: VideoCodec
  readonly fanout: RtpFanout
  /** When its pictures were captured. */
  readonly clock: CaptureClock
  readonly ports: IngestPorts
  /** RTP packets taken in since the start. */
  readonly packets: number
  readonly keyframes: number
  /** Datagrams taken from the socket, those included that are none of the camera's. */
  readonly datagrams: number
  /** How its encoder answers requests for keyframes. */
  readonly keyframeRequests: Pick<KeyframeRequester, 'requested' | 'answers' | 'answerSumMs'>
  nextPacket(signal: AbortSignal): Promise<void>
  /** The capture process is being started anew. */
  expectNewSender(): void
  /** Somebody cannot decode without a keyframe; requests of many become few. */
  requestKeyframe(): void
}

/** @throws Error when the port of an external sender is taken. */
export async function openRtpStream(options: {
  codec: VideoCodec
  expected: ExpectedStream | undefined
  preferred: IngestPorts
  onError: (error: Error) => void
}): Promise<RtpStream> {
  const { codec, expected, preferred, onError } = options
  const fanout = new RtpFanout()
  const timeline = new RtpTimeline(codec)
  const clock = new CaptureClock()
  const keyframes: KeyframeRequester = new KeyframeRequester(() => ingest.requestKeyframe())

  /** HOT */
  const onPacket = (rtp: Buffer, nowMs: number): void => {
    const packet = timeline.place(rtp, nowMs)
    if (packet === undefined) return
    clock.noteArrival(packet.timestamp, timestampOf(rtp), nowMs)
    if (packet.startsKeyframe) keyframes.answered()
    fanout.send(packet)
  }
  const ingest: Ingest = await openIngest({
    expected,
    preferred,
    onPacket,
    onNewSender: () => {
      timeline.expectNewSender()
      clock.expectNewSender()
    },
    onSenderReport: (report, nowMs) => clock.noteSenderReport(report, nowMs),
    onError,
  })

  return {
    codec,
    fanout,
    clock,
    ports: ingest.ports,
    get packets() {
      return ingest.packets
    },
    get keyframes() {
      return fanout.keyframes
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
    async [Symbol.asyncDispose]() {
      keyframes[Symbol.dispose]()
      await ingest[Symbol.asyncDispose]()
    },
  }
}
