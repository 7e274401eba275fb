import { CaptureClock } from './capture-clock.js'
import { RtpFanout } from './fanout.js'
import { openIngest, type ExpectedStream, type WaitingReader } from './ingest.js'
import { timestampOf } from './packet.js'
import { RtpTimeline } from './timeline.js'

/** The sound of a camera: ingest -> timeline -> fan-out, as its video has, with a clock of its own. */
export interface AudioStream extends AsyncDisposable {
  readonly fanout: RtpFanout
  readonly clock: CaptureClock
  /** Receives RTP and RTCP of the process that records. */
  readonly port: number
  readonly packets: number
  readonly ignored: number
  nextPacket(signal: AbortSignal): Promise<void>
  /** Another process is about to send. */
  expectNewSender(): void
  /** Until it is disposed, packets are handed on at once. */
  watch(): Disposable
}

/** @param options.preferredPort another one if it is taken. */
export async function openAudioStream(options: {
  expected: ExpectedStream
  preferredPort: number
  /** Reads several datagrams at once. */
  waiting?: WaitingReader | undefined
  onError: (error: Error) => void
}): Promise<AudioStream> {
  const { expected, preferredPort, waiting, onError } = options
  const fanout = new RtpFanout('opus')
  const timeline = new RtpTimeline('opus')
  const clock = new CaptureClock(undefined, 'opus')
  const ingest = await openIngest({
    expected,
    isMultiplexed: true,
    preferred: { rtpPort: preferredPort, rtcpPort: preferredPort, feedbackPort: 0 },
    waiting,
    onError,
    /** HOT */
    onPacket: (rtp, nowMs) => {
      const packet = timeline.place(rtp, nowMs)
      if (packet === undefined) return false
      clock.noteArrival(packet.timestamp, timestampOf(rtp), nowMs)
      fanout.send(packet)
      return true
    },
    onBurstEnd: () => fanout.flush(),
    onNewSender: () => {
      timeline.expectNewSender()
      clock.expectNewSender()
    },
    onSenderReport: (report, nowMs) => clock.noteSenderReport(report, nowMs),
  })
  let watchers = 0
  return {
    fanout,
    clock,
    port: ingest.ports.rtpPort,
    get packets() {
      return ingest.packets
    },
    get ignored() {
      return ingest.ignored
    },
    nextPacket: async (signal) => await ingest.nextPacket(signal),
    expectNewSender: () => {
      ingest.expectNewSender()
      clock.expectNewSender()
    },
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
    [Symbol.asyncDispose]: async () => await ingest[Symbol.asyncDispose](),
  }
}
