import type { SessionSetup } from './session-setup.js'
import type { EndReason, ViewerSession } from './types.js'

/** A session over WebRTC as signalling sees it. */
export function sessionView(
  setup: SessionSetup,
  ended: Promise<EndReason>,
): Omit<ViewerSession, 'applyAnswer'> {
  return {
    id: setup.id,
    get clientUfrag() {
      return setup.clientUfrag
    },
    addCandidate: (line) => setup.addCandidate(line),
    dismiss: async (reason = 'asked-to-leave') => {
      setup.end(reason)
      await ended
    },
    ended,
    get failure() {
      return setup.diagnosis.failure
    },
    explain: (browser) => setup.diagnosis.explain(browser),
    setQuality: (quality) => void (setup.request.quality = quality),
    setSound: (isOn) => void (setup.request.isSoundOn = isOn),
    onStatus: (listener) => setup.onStatus(listener),
  }
}
