import { needsKeyframe } from '../media/delivery.js'
import { startPlainSession, type SharedWithWebRtc } from '../plain-session.js'
import type { StreamOfCamera } from '../registry-options.js'
import { runSession, sessionTiming, type SessionTiming } from '../session.js'
import type { Claim } from '../slots.js'
import type { ViewerSession } from '../types.js'
import { RtspPeer, type RtspTrack } from './rtsp-peer.js'

/** Of every stream, as its SDP says. */
export const RTSP_PAYLOAD_TYPE = 96
export const RTSP_AUDIO_PAYLOAD_TYPE = 97

/** Readers over UDP report every 5 s or so, or only keep the session alive. */
const udpTiming = (sessionTimeoutMs: number): SessionTiming => ({
  ...sessionTiming,
  silenceLimitMs: sessionTimeoutMs + 5000,
  absenceMs: sessionTimeoutMs / 2,
  idleAbsenceMs: sessionTimeoutMs / 2,
  rtcpSilenceLimitMs: Infinity,
})
/** A reader over TCP is heard while it reads. */
const TCP_TIMING: SessionTiming = { ...sessionTiming, rtcpSilenceLimitMs: Infinity }

export interface RtspAdmission extends Pick<Claim, 'camera' | 'address'>, RtspTrack {
  /** Undefined for a reader that did not set it up. */
  audio: RtspTrack | undefined
  /** What a reader may be silent before it counts as gone, as the header `Session` says (RFC 2326 section 12.37). */
  sessionTimeoutMs: number
  /** Resolves when packets may be sent. */
  ready: Promise<unknown>
  /** Resolves when the connection is closed. */
  lost: Promise<unknown>
}

/** Starts the session of a reader over RTSP. @throws AppError `camera-full` or `server-full`. */
export function admitRtsp(
  shared: SharedWithWebRtc,
  stream: StreamOfCamera,
  { camera, address, output, numbers, audio, sessionTimeoutMs, ready, lost }: RtspAdmission,
): ViewerSession {
  const timing = output.transport === 'udp' ? udpTiming(sessionTimeoutMs) : TCP_TIMING
  const { ssrc, sequence: firstSequence } = numbers
  const format = {
    payloadType: RTSP_PAYLOAD_TYPE,
    ssrc,
    firstSequence,
    rtx: undefined,
    extensions: new Map<string, number>(),
    audio: audio && {
      payloadType: RTSP_AUDIO_PAYLOAD_TYPE,
      ssrc: audio.numbers.ssrc,
      firstSequence: audio.numbers.sequence,
    },
  }
  return startPlainSession(shared, {
    camera,
    address,
    via: 'rtsp',
    transport: output.transport,
    stream,
    run: async (leave, onLive) =>
      await runSession({
        peer: new RtspPeer({ output, numbers }, audio, ready, lost),
        stream,
        format: () => format,
        cname: camera,
        leave,
        reservedMs: timing.connectLimitMs,
        onLive: (stats, absentMs) => onLive(() => ({ ...stats(), isRtsp: true }), absentMs),
        onStatus: () => {},
        timing,
      }),
  })
}

/** The RTP timestamp at which a reader that joins now begins, for RTP-Info; undefined while the camera has sent nothing. */
export function startTimestamp(stream: StreamOfCamera): number | undefined {
  const { history } = stream.fanout
  const keyframe = needsKeyframe(stream) ? undefined : history.lastKeyframe
  const packet = keyframe === undefined ? undefined : history.get(keyframe)
  return packet?.timestamp ?? stream.clock.timestampAt(performance.now())
}

/** The RTP timestamp of the sound that belongs to a frame, so that a player plays both together from the start. */
export function audioTimestampAt({ clock, audio }: StreamOfCamera, frame: number): number | undefined {
  const capturedMs = clock.captureMonotonicMs(frame)
  return capturedMs === undefined ? undefined : audio?.clock.timestampAt(capturedMs)
}
