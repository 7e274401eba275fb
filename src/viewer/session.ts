import { abortReasonOf } from '../lib/abort-reason.js'
import { createAudioOutput } from './rtcp/audio-output.js'
import { deadline, poll } from '../lib/deadline.js'
import { CongestionControl } from './rtcp/congestion.js'
import { SizeControl } from './rtcp/size-control.js'
import type { ViewerRequest } from './media/viewer-request.js'
import { needsKeyframe, Delivery, type SendPath } from './media/delivery.js'
import { createFeedbackHandler } from './rtcp/feedback-handler.js'
import type { ViewerStats, ViewerStatus } from './stats/stats.js'
import { describeFrames } from '../rtp/header-extension.js'
import { sendTimeStamp } from '../rtp/send-time.js'
import { PathStats } from './rtcp/path-stats.js'
import type { PeerEnd } from './werift/peer.js'
import { Retransmitter } from './media/retransmitter.js'
import { sendSenderReports } from './rtcp/sender-reports.js'
import { CongestionStatus } from './rtcp/congestion-status.js'
import { OutgoingStream, type RtpSender, type StreamFormat } from './media/outgoing-stream.js'
import type { EndReason, LeaveReason } from './types.js'
import type { CameraStream, Sizes } from './media/source.js'

export interface SessionTiming {
  /** From the accepted offer to a proven and open transport, in milliseconds. */
  connectLimitMs: number
  /** Without any authenticated datagram, in milliseconds: browsers check the path every 2 to 5 seconds. */
  silenceLimitMs: number
  /** The same, after which its slot may be given away while packets are sent, in milliseconds. */
  absenceMs: number
  /** The same while no packets are sent: Firefox checks the path every 4 to 6 seconds. */
  idleAbsenceMs: number
  /** Without RTCP while packets are sent, in milliseconds: browsers report about every second. */
  rtcpSilenceLimitMs: number
  /** Whether the limit applies before the first RTCP too. Some media servers never send any. */
  reportsExpected: boolean
  watchIntervalMs: number
}

export const sessionTiming: SessionTiming = {
  connectLimitMs: 12_000,
  silenceLimitMs: 15_000,
  absenceMs: 3000,
  idleAbsenceMs: 8000,
  rtcpSilenceLimitMs: 20_000,
  reportsExpected: true,
  watchIntervalMs: 1000,
}

/** What a session needs of its `Peer`. */
export interface SessionPeer extends AsyncDisposable, SendPath {
  /** Resolves at the first authenticated connectivity check. */
  readonly checked: Promise<void>
  /** Resolves at the nomination of a candidate pair, before the client has proven its certificate. */
  readonly reachable: Promise<void>
  /** Resolves when the client has proven its certificate. */
  readonly connected: Promise<RtpSender>
  readonly ended: Promise<PeerEnd>
  readonly lastHeardAtMs: number
  readonly lastRtcpAtMs: number
  onRtcp: (compound: Buffer) => void
  sendRtcp(compound: Buffer): void
}

export interface Session {
  peer: SessionPeer
  stream: CameraStream & { readonly low?: CameraStream | undefined }
  /** What the viewer asks for; undefined sends the large size, whatever happens. */
  request?: ViewerRequest | undefined
  /** Known once the peer has connected. */
  format: () => StreamFormat
  /** The canonical name of the stream's source (RFC 3550 section 6.5.1), as in the answer. */
  cname: string
  /** Aborted to end the session from our side, with a `LeaveReason`. */
  leave: AbortSignal
  /** How long to wait for the first connectivity check, in milliseconds. */
  reservedMs: number
  /**
   * Called when packets can be sent.
   * @param absentMs milliseconds of silence; 0 for a short silence.
   * @returns why the session has to end instead.
   */
  onLive: (stats: () => ViewerStats, absentMs: () => number) => EndReason | undefined
  /** Called when the status changes, at most once a second. */
  onStatus: (status: ViewerStatus) => void
  timing: SessionTiming
}

/** One viewer, from the accepted offer to the end; every resource is followed by its release. */
export async function runSession({
  peer,
  stream: camera,
  request,
  format: formatOf,
  cname,
  leave,
  reservedMs,
  onLive,
  onStatus,
  timing,
}: Session): Promise<EndReason> {
  await using _closesPeer = peer
  /** A client may still ask for a size while it connects. */
  const wanted = (): CameraStream => (request?.quality === 'low' ? (camera.low ?? camera) : camera)
  const left = abortReasonOf<LeaveReason>(leave)
  const wantKeyframe = (): void => {
    if (needsKeyframe(wanted())) wanted().requestKeyframe()
  }
  // A handshake and a keyframe take about 0.1 s each, so both begin at once. ICE may take longer: request again.
  wantKeyframe()
  void peer.reachable.then(wantKeyframe)
  using checkLimit = deadline(reservedMs, 'never-connected' as const)
  void peer.checked.then(() => checkLimit[Symbol.dispose]())
  using connectLimit = deadline(timing.connectLimitMs, 'never-connected' as const)
  const outcomes = [peer.connected, peer.ended, left, checkLimit.reached, connectLimit.reached]
  const sender = await Promise.race(outcomes)
  if (typeof sender === 'string') return sender

  const format = formatOf()
  const stream = wanted()
  using _watchesLow = stream === camera ? undefined : stream.watch?.()
  const stamp = format.rtx === undefined ? undefined : sendTimeStamp(format.extensions)
  const describe = describeFrames(format.extensions, camera.clock, () => request?.isSoundOn === true)
  const outgoing = new OutgoingStream(sender, format, describe, stamp)
  const retransmitter = new Retransmitter(outgoing, sender, format.rtx)
  using delivery = new Delivery(outgoing, stream, () => retransmitter.octets, peer)
  const path = new PathStats()
  const control = new CongestionControl()
  const sizes: Sizes = {
    high: camera,
    get low() {
      return camera.low
    },
  }
  using size = request && new SizeControl({ sizes, request, delivery, retransmitter })
  using watch = new CongestionStatus(
    {
      get framesDropped() {
        return delivery.framesDropped
      },
      get isLimited() {
        return control.allowedBps !== undefined || delivery.isPulled
      },
      get isStalled() {
        return delivery.isStalled
      },
      get size() {
        return size?.size
      },
      availableBitrateBps: (nowMs) => path.availableBitrateBps(nowMs),
    },
    onStatus,
  )
  let onBye: (reason: 'left') => void
  const bye = new Promise<'left'>((resolve) => (onBye = resolve))
  using reports = sendSenderReports({
    clock: {
      timestampAt: (monotonicMs) => {
        const timestamp = camera.clock.timestampAt(monotonicMs)
        return timestamp === undefined ? undefined : (timestamp + outgoing.timestampOffset) >>> 0
      },
    },
    sent: outgoing,
    ssrc: format.ssrc,
    cname,
    sendRtcp: (compound) => peer.sendRtcp(compound),
  })
  const { counts, handle } = createFeedbackHandler({
    ssrc: format.ssrc,
    delivery,
    retransmitter,
    path,
    control,
    sizes: size,
    reports,
    sent: () => ({
      packets: outgoing.packets,
      octets: outgoing.octets,
      cameraOctets: delivery.cameraOctets,
      framesDropped: delivery.framesDropped,
    }),
    onBye: () => onBye('left'),
  })
  using audio =
    format.audio &&
    stream.audio &&
    createAudioOutput({
      source: stream.audio,
      format: format.audio,
      sender,
      path: peer,
      cname,
      sendRtcp: (compound) => peer.sendRtcp(compound),
      roundTripMs: () => path.roundTripMs,
    })
  peer.onRtcp = (compound) => {
    handle(compound)
    audio?.onRtcp(compound)
  }
  const silence = watchSilence(peer, outgoing, timing)
  const stats = (): ViewerStats => ({
    ...counts,
    ...watch.status,
    transport: peer.transport,
    packets: outgoing.packets,
    octets: outgoing.octets,
    retransmitted: retransmitter.retransmitted,
    framesDropped: delivery.framesDropped,
    fractionLost: path.fractionLost,
    roundTripMs: path.roundTripMs,
  })
  const refusal = onLive(stats, silence.absentMs)
  if (refusal !== undefined) return refusal
  delivery.join()
  audio?.start()
  using silent = poll(timing.watchIntervalMs, silence.check)
  return await Promise.race([peer.ended, left, bye, silent.answered])
}

/**
 * A viewer that vanished sends nothing. A viewer whose page died may still answer ICE but sends no reports. While the camera sends
 * nothing, there is nothing to report.
 */
function watchSilence(
  peer: SessionPeer,
  outgoing: OutgoingStream,
  timing: SessionTiming,
): { check: () => 'silent' | undefined; absentMs: () => number } {
  const connectedAtMs = peer.lastRtcpAtMs
  let lastRtcpAtMs = connectedAtMs
  let packetsAtLastRtcp = outgoing.packets
  let unreportedSinceMs: number | undefined
  let [packetsBefore, isSent] = [outgoing.packets, false]
  const check = (): 'silent' | undefined => {
    isSent = outgoing.packets > packetsBefore
    packetsBefore = outgoing.packets
    const now = performance.now()
    if (peer.lastRtcpAtMs !== lastRtcpAtMs) {
      lastRtcpAtMs = peer.lastRtcpAtMs
      packetsAtLastRtcp = outgoing.packets
      unreportedSinceMs = undefined
    } else if (outgoing.packets > packetsAtLastRtcp) {
      unreportedSinceMs ??= now
    }
    const silentMs = now - peer.lastHeardAtMs
    const mustReport = timing.reportsExpected || lastRtcpAtMs !== connectedAtMs
    const unreported = mustReport && now - (unreportedSinceMs ?? now) > timing.rtcpSilenceLimitMs
    return silentMs > timing.silenceLimitMs || unreported ? 'silent' : undefined
  }
  const absentMs = (): number => {
    const silentMs = performance.now() - peer.lastHeardAtMs
    return silentMs > (isSent ? timing.absenceMs : timing.idleAbsenceMs) ? silentMs : 0
  }
  return { check, absentMs }
}
