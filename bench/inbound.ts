import type { Page } from '@playwright/test'

/** What a page has counted of camera1's video (W3C webrtc-stats, RTCInboundRtpStreamStats); empty before there is any. */
export async function inbound(page: Page): Promise<Record<string, number>> {
  return await page.evaluate(`(async () => {
    const peer = document.querySelector('[data-camera="camera1"]')?.peerConnection
    const stats = peer ? [...(await peer.getStats()).values()] : []
    return stats.find(({ type }) => type === 'inbound-rtp') ?? {}
  })()`)
}
