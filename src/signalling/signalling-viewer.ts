import type { Quality } from './quality.js'
import type { BrowserReport, ConnectFailure } from './websocket-messages.js'

/** RTCIceCandidateInit (W3C WebRTC). */
interface TrickledCandidate {
  candidate: string
  sdpMid: string | null
  sdpMLineIndex: number
}

/** All that signalling needs of a viewer over WebRTC. */
export interface SignallingViewer {
  readonly answerSdp: string
  readonly candidates: TrickledCandidate[]
  /** Called for candidates of ours that become known after the answer. */
  onCandidate(listener: (candidate: TrickledCandidate) => void): Disposable
  addCandidate(line: string): void
  setQuality(quality: Quality): void
  setSound(isOn: boolean): void
  dismiss(reason?: 'page-left'): Promise<void>
  readonly ended: Promise<string>
  /** Why it did not connect, once it has ended. */
  readonly failure: ConnectFailure | undefined
  /** Why it does not connect; undefined while nothing is wrong. */
  explain(browser: BrowserReport): ConnectFailure | undefined
  /** Called at changes, at most once a second. */
  onStatus(
    listener: (status: {
      congested: boolean
      availableBitrateBps: number | undefined
      size?: 'high' | 'low' | undefined
    }) => void,
  ): Disposable
}
