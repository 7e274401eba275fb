import type { BrowserReport, ConnectFailure } from './connecting/connect-failure.js'
import type { Quality } from './media/source.js'
import type { ViewerStatus } from './stats/stats.js'
import type { PeerEnd } from './werift/peer.js'

export type { PeerEnd } from './werift/peer.js'

/**
 * The protocol by which a viewer signals. Without WebRTC: `mse`, fragmented MP4 in a WebSocket, and `rtsp`. `whip`: a media server, to
 * which this program pushes.
 */
export type Via = 'websocket' | 'whep' | 'camera-streamer' | 'go2rtc' | 'mse' | 'rtsp' | 'whip'

/** One viewer's session, as signalling sees it. */
export interface ViewerSession {
  /** 128 random bits: a client that knows it may end the session, so it is never logged. */
  readonly id: string
  /** The client's ICE user fragment, which names its ICE session (RFC 8839 section 5.4); undefined until it is known. */
  readonly clientUfrag: string | undefined
  /** @throws AppError `no-answer-expected`, or what `acceptAnswer` finds wrong: then another answer may follow. */
  applyAnswer(answerSdp: string): void
  /** Adds a trickled candidate; a line that cannot be used is ignored. @throws AppError `too-many-candidates`. */
  addCandidate(line: string): void
  /** Ends the session; resolves when its slot is free. @param reason default `asked-to-leave`. */
  dismiss(reason?: LeaveReason): Promise<void>
  readonly ended: Promise<EndReason>
  /** Why it does not connect, with what its browser reports; undefined while nothing is wrong. */
  explain(browser: BrowserReport): ConnectFailure | undefined
  /** Why it did not connect, once it has ended. */
  readonly failure: ConnectFailure | undefined
  /** The size that it asks for from now on. A camera with one size sends that. */
  setQuality(quality: Quality): void
  /** Whether it plays the sound, and so wants the picture together with it rather than at once. */
  setSound(isOn: boolean): void
  /** Reports the congestion of its path: at changes, at most once a second. */
  onStatus(listener: (status: ViewerStatus) => void): Disposable
}

/** A viewer whose client made the offer. */
export interface Viewer extends ViewerSession {
  readonly answerSdp: string
  /** Our candidates for clients that trickle; they are in the answer as well. */
  readonly candidates: TrickledCandidate[]
  /** Reports our candidates that become known after the answer, for signalling that can send them. */
  onCandidate(listener: (candidate: TrickledCandidate) => void): Disposable
}

/** RTCIceCandidateInit (W3C WebRTC). */
export interface TrickledCandidate {
  candidate: string
  sdpMid: string | null
  sdpMLineIndex: number
}

/** A viewer whose client asked for an offer. */
export interface ServerOfferedViewer extends ViewerSession {
  readonly offerSdp: string
}

/**
 * Why we end a session. `failed`: werift threw outside of every call. `superseded`: another session got its slot.
 * `replaced`: its tab connected again. `page-left`: the page was closed or is loaded again.
 */
export type LeaveReason =
  | 'asked-to-leave'
  | 'failed'
  | 'removed'
  | 'superseded'
  | 'replaced'
  | 'page-left'
  | 'camera-removed'
  | 'camera-changed'
  | 'port-changed'
  | 'credentials-changed'

/** Why a session ended, as it is logged and counted. */
export type EndReason = PeerEnd | 'never-connected' | 'camera-full' | 'silent' | LeaveReason
