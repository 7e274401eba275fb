import { deadline, poll } from '../lib/deadline.js'
import { CongestionControl } from './rtcp/congestion.js'
import { needsKeyframe, Delivery } from './media/delivery.js'
import { createFeedbackHandler } from './rtcp/feedback-handler.js'
import type { ViewerStats, ViewerStatus } from './stats/stats.js'
import { describeFrames } from '../rtp/header-extension.js'
import { PathStats } from './rtcp/path-stats.js'
import type { PeerEnd } from './werift/peer.js'
import { Retransmitter } from './media/retransmitter.js'
import { sendSenderReports } from './rtcp/sender-reports.js'
import { CongestionStatus } from './rtcp/congestion-status.js'
import { OutgoingStream, type RtpSender, type StreamFormat } from './media/outgoing-stream.js'
import type { EndReason, LeaveReason } from './types.js'
import type { CameraStream } from './media/source.js'

export interface SessionTiming {
  /** From the accepted offer to a transport that is proven and open, in milliseconds. */
  connectLimitMs: number
  /** Without any authenticated datagram, in milliseconds: browsers check the path every 2 to 5 seconds. */
  silenceLimitMs: number
  /** The same, after which its place may be given away, where packets are sent and reports of them expected. */
  absenceMs: number
  /** The same where no packets are sent: Firefox checks the path every 4 to 6 seconds. */
  idleAbsenceMs: number
  /** Without RTCP although packets are sent, in milliseconds: browsers report about every second. */
  rtcpSilenceLimitMs: number
  watchIntervalMs: number
}

export const sessionTiming: SessionTiming = {
  connectLimitMs: 12_000,
  silenceLimitMs: 15_000,
  absenceMs: 3000,
  idleAbsenceMs: 8000,
  rtcpSilenceLimitMs: 20_000,
  watchIntervalMs: 1000,
}

/** What a session needs of a peer; `Peer` fits. */
export interface SessionPeer extends AsyncDisposable {
  /** Resolves when the first authenticated connectivity check has come. */
  readonly checked: Promise<void>
  /** Resolves when there is a way to the viewer, before it is proven that it is the viewer who offered. */
  readonly reachable: Promise<void>
  /** Resolves with what sends packets, when the viewer has proven to be that. */
  readonly connected: Promise<RtpSender>
  readonly ended: Promise<PeerEnd>
  readonly lastHeardAtMs: number
  readonly lastRtcpAtMs: number
  onRtcp: (compound: Buffer) => void
  sendRtcp(compound: Buffer): void
}

export interface Session {
  peer: SessionPeer
  stream: CameraStream
  /** Known once the peer has connected. */
  format: () => StreamFormat
  /** The canonical name of the stream's source (RFC 3550 section 6.5.1), as the answer says it. */
  cname: string
  /** Aborted to end the session from our side, with a `LeaveReason`. */
  leave: AbortSignal
  /** How long to wait for the first connectivity check, in milliseconds. */
  reservedMs: number
  /**
   * Called when packets can be sent, with what tells how it is from then on, and for how many milliseconds it has been silent: 0
   * where that is not long. Returns why they are not to be sent.
   */
  onLive: (figures: () => ViewerStats, absentMs: () => number) => EndReason | undefined
  /** Called when the status is another than before, at most once a second. */
  onStatus: (status: ViewerStatus) => void
  timing: SessionTiming
}

/** One viewer, from the accepted offer to the end; every resource is followed by its release. */
export async function runSession({
  peer,
  stream,
  format: formatOf,
  cname,
  leave,
  reservedMs,
  onLive,
  onStatus,
  timing,
}: Session): Promise<EndReason> {
  await using _closesPeer = peer
  const left = leaveReasonOf(leave)
  const wantKeyframe = (): void => {
    if (needsKeyframe(stream)) stream.requestKeyframe()
  }
  // The handshake takes a tenth of a second, a keyframe takes about as long: both at once. Where the way is long to find, again.
  wantKeyframe()
  void peer.reachable.then(wantKeyframe)
  using checkLimit = deadline(reservedMs, 'never-connected' as const)
  void peer.checked.then(() => checkLimit[Symbol.dispose]())
  using connectLimit = deadline(timing.connectLimitMs, 'never-connected' as const)
  const ways = [peer.connected, peer.ended, left, checkLimit.reached, connectLimit.reached]
  const sender = await Promise.race(ways)
  if (typeof sender === 'string') return sender

  const format = formatOf()
  const { history } = stream.fanout
  const sink = new OutgoingStream(sender, format, describeFrames(format.extensions, stream.clock))
  const repairer = new Retransmitter(sink, sender, history, format.rtx)
  using feed = new Delivery(sink, stream, () => repairer.octets)
  const path = new PathStats()
  const control = new CongestionControl()
  using watch = new CongestionStatus(
    {
      get framesLeftOut() {
        return feed.framesLeftOut
      },
      get isLimited() {
        return control.allowedBps !== undefined
      },
      estimateBps: (nowMs) => path.estimateBps(nowMs),
    },
    onStatus,
  )
  let sayGoodbye: (reason: 'left') => void
  const goodbye = new Promise<'left'>((resolve) => (sayGoodbye = resolve))
  using reports = sendSenderReports({
    clock: stream.clock,
    sent: sink,
    ssrc: format.ssrc,
    cname,
    sendRtcp: (compound) => peer.sendRtcp(compound),
  })
  const { counts, take } = createFeedbackHandler({
    ssrc: format.ssrc,
    delivery: feed,
    retransmitter: repairer,
    path,
    control,
    reports,
    sent: () => ({
      packets: sink.packets,
      octets: sink.octets,
      cameraOctets: history.octets,
      framesLeftOut: feed.framesLeftOut,
    }),
    onBye: () => sayGoodbye('left'),
  })
  peer.onRtcp = take
  const silence = watchSilence(peer, sink, timing)
  const figures = (): ViewerStats => ({
    ...counts,
    ...watch.status,
    packets: sink.packets,
    octets: sink.octets,
    retransmitted: repairer.retransmitted,
    framesLeftOut: feed.framesLeftOut,
    fractionLost: path.fractionLost,
    roundTripMs: path.roundTripMs,
  })
  const refusal = onLive(figures, silence.absentMs)
  if (refusal !== undefined) return refusal
  feed.join()
  using silent = poll(timing.watchIntervalMs, silence.look)
  return await Promise.race([peer.ended, left, goodbye, silent.answered])
}

function leaveReasonOf(leave: AbortSignal): Promise<LeaveReason> {
  return new Promise((resolve) => {
    const tell = (): void => resolve(leave.reason as LeaveReason)
    if (leave.aborted) tell()
    else leave.addEventListener('abort', tell, { once: true })
  })
}

/**
 * A viewer that vanished sends nothing; one whose page died may go on answering ICE but stops reporting. While the camera
 * sends nothing there is nothing to report, so that silence is not held against anybody.
 */
function watchSilence(
  peer: SessionPeer,
  sink: OutgoingStream,
  timing: SessionTiming,
): { look: () => 'silent' | undefined; absentMs: () => number } {
  let lastRtcpAtMs = peer.lastRtcpAtMs
  let packetsAtLastRtcp = sink.packets
  let unreportedSinceMs: number | undefined
  let [packetsBefore, isSent] = [sink.packets, false]
  const look = (): 'silent' | undefined => {
    isSent = sink.packets > packetsBefore
    packetsBefore = sink.packets
    const now = performance.now()
    if (peer.lastRtcpAtMs !== lastRtcpAtMs) {
      lastRtcpAtMs = peer.lastRtcpAtMs
      packetsAtLastRtcp = sink.packets
      unreportedSinceMs = undefined
    } else if (sink.packets > packetsAtLastRtcp) {
      unreportedSinceMs ??= now
    }
    const silentMs = now - peer.lastHeardAtMs
    const unreported = now - (unreportedSinceMs ?? now) > timing.rtcpSilenceLimitMs
    return silentMs > timing.silenceLimitMs || unreported ? 'silent' : undefined
  }
  const absentMs = (): number => {
    const silentMs = performance.now() - peer.lastHeardAtMs
    return silentMs > (isSent ? timing.absenceMs : timing.idleAbsenceMs) ? silentMs : 0
  }
  return { look, absentMs }
}
