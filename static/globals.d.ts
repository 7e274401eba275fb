import type { openAttempt } from './attempt.js'
import type { Boot } from './boot.js'
import type { CameraTile } from './camera-tile.js'
import type { Choices } from './choices.js'
import type { isSlowNetwork, loadPoster } from './poster.js'
import type { openTab } from './tab.js'

declare global {
  interface Window {
    /** Set by the inlined scripts, in this order. */
    openTab: typeof openTab
    choices: { read: () => Choices; change: (changes: Partial<Choices>) => void }
    openAttempt: typeof openAttempt
    loadPoster: typeof loadPoster
    isSlowNetwork: typeof isSlowNetwork
    boot: Boot
  }

  interface HTMLElementTagNameMap {
    'camera-tile': CameraTile
  }

  interface Window {
    /** Safari's MediaSource, the only one on iPhones. */
    ManagedMediaSource?: typeof MediaSource
  }

  // WebKit's names of the Fullscreen API and of picture-in-picture.
  interface Document {
    readonly webkitFullscreenElement?: Element | null
    webkitExitFullscreen?: () => Promise<void>
  }
  interface HTMLElement {
    webkitRequestFullscreen?: () => Promise<void>
  }
  interface HTMLVideoElement {
    webkitEnterFullscreen?: () => void
    webkitPresentationMode?: string
    webkitSupportsPresentationMode?: (mode: string) => boolean
    webkitSetPresentationMode?: (mode: string) => void
  }

  /** Trusted Types, which Safari and older Firefox lack. */
  interface Window {
    readonly trustedTypes?: {
      createPolicy: (
        name: string,
        rules: { createHTML: (html: string) => string },
      ) => { createHTML: (html: string) => unknown }
    }
  }

  /** The name of jitterBufferTarget in older Chromium, in seconds. */
  interface RTCRtpReceiver {
    playoutDelayHint?: number
  }

  /** Firefox's Autoplay Policy Detection. */
  interface Navigator {
    readonly getAutoplayPolicy?: (type: 'mediaelement') => 'allowed' | 'allowed-muted' | 'disallowed'
  }

  /** Chromium's Network Information API. */
  interface Navigator {
    readonly connection?: { readonly saveData?: boolean; readonly effectiveType?: string }
  }
}
