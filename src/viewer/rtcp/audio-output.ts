import { parseFeedback, type FirMemory } from '../../rtp/rtcp/feedback.js'
import { AudioSink } from '../media/audio-sink.js'
import type { SendPath } from '../media/delivery.js'
import { OutgoingStream, type AudioFormat, type RtpSender } from '../media/outgoing-stream.js'
import { Retransmitter } from '../media/retransmitter.js'
import type { AudioSource } from '../media/source.js'
import { sendSenderReports } from './sender-reports.js'

export interface AudioOutputOptions {
  source: AudioSource
  format: AudioFormat
  sender: RtpSender
  path: SendPath
  /** The same as that of the video, so that a receiver plays both together (RFC 3550 section 6.5.1). */
  cname: string
  sendRtcp: (compound: Buffer) => void
  /** Of the path, as far as it is known. */
  roundTripMs: () => number | undefined
}

/** The sound that one viewer gets. */
export interface AudioOutput extends Disposable {
  start(): void
  /** Retransmits what is reported as lost; everything else in it is about the video. */
  onRtcp(compound: Buffer): void
  readonly packets: number
}

/** Sends every packet of sound at once: it is a hundredth of the video, and goes on while pictures are dropped. */
export function createAudioOutput({
  source: { fanout, clock },
  format,
  sender,
  path,
  cname,
  sendRtcp,
  roundTripMs,
}: AudioOutputOptions): AudioOutput {
  const { ssrc } = format
  const outgoing = new OutgoingStream(sender, format)
  outgoing.readFrom(fanout.history)
  const retransmitter = new Retransmitter(outgoing, sender, undefined)
  const fir: FirMemory = { lastCommandSequence: undefined }
  let subscription: Disposable | undefined
  let reports: Disposable | undefined
  return {
    start() {
      subscription = fanout.add(new AudioSink(outgoing, path))
      reports = sendSenderReports({ clock, sent: outgoing, ssrc, cname, sendRtcp })
    },
    onRtcp(compound) {
      const { lost } = parseFeedback(compound, ssrc, fir)
      if (lost.length > 0) retransmitter.retransmit(lost, performance.now(), roundTripMs())
    },
    get packets() {
      return outgoing.packets
    },
    [Symbol.dispose]() {
      subscription?.[Symbol.dispose]()
      reports?.[Symbol.dispose]()
    },
  }
}
