import type { Page } from '@playwright/test'

/** The RTCInboundRtpStreamStats (W3C webrtc-stats) of camera1's video; empty before the first packet. */
export async function inbound(page: Page): Promise<Record<string, number>> {
  return await page.evaluate(`(async () => {
    const peer = document.querySelector('camera-tile[data-camera="camera1"]')?.peerConnection
    const stats = peer ? [...(await peer.getStats()).values()] : []
    return stats.find(({ type }) => type === 'inbound-rtp') ?? {}
  })()`)
}
