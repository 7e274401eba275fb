import type { ViewerStatus } from './stats/stats.js'
import type { PeerEnd } from './werift/peer.js'

/** By which dialect a viewer came. */
export type Via = 'websocket' | 'whep' | 'camera-streamer' | 'go2rtc'

/** One viewer's session, as signalling sees it. */
export interface ViewerSession {
  /** 128 random bits: whoever knows it may end the session, so it is never logged. */
  readonly id: string
  /** The client's ICE user fragment, which names its ICE session (RFC 8839 section 5.4); undefined until it is known. */
  readonly clientUfrag: string | undefined
  /** @throws AppError `no-answer-expected`, or what `acceptAnswer` finds wrong: then another answer may follow. */
  applyAnswer(answerSdp: string): void
  /** Takes a trickled candidate line; what cannot be used is ignored. @throws AppError `too-many-candidates`. */
  addCandidate(line: string): void
  /** Ends the session; resolves when its slot is free. @param reason `asked-to-leave` unless told. */
  dismiss(reason?: LeaveReason): Promise<void>
  readonly ended: Promise<EndReason>
  /** Tells how its path does, at changes and at most once a second. */
  onStatus(listener: (status: ViewerStatus) => void): Disposable
}

/** A viewer who offered. */
export interface Viewer extends ViewerSession {
  readonly answerSdp: string
  /** Our candidates for clients that trickle; they are in the answer as well. */
  readonly candidates: { candidate: string; sdpMid: string | null; sdpMLineIndex: number }[]
}

/** A viewer who asked for an offer. */
export interface ServerOfferedViewer extends ViewerSession {
  readonly offerSdp: string
}

/**
 * Why we end a session ourselves; `failed` is what it was built on, which threw outside of every call, `superseded` that
 * another one was given its place.
 */
export type LeaveReason =
  | 'asked-to-leave'
  | 'failed'
  | 'removed'
  | 'superseded'
  | 'camera-removed'
  | 'camera-changed'
  | 'port-changed'
  | 'credentials-changed'

/** Why a viewer's session ended: the one reason that is logged and counted. */
export type EndReason = PeerEnd | 'never-connected' | 'camera-full' | 'silent' | LeaveReason
