import { expect, test, type Page } from '@playwright/test'
import { startProgram } from '../test/support/program.js'
import { twoTestCameras } from './helpers/cameras.js'
import { expectState } from './helpers/tile.js'

type Tile = HTMLElement & { peerConnection: RTCPeerConnection | null }

/**
 * The browser's statistics of our sender reports (W3C webrtc-stats, RTCRemoteOutboundRtpStreamStats) and of received packets.
 * Chromium has no estimatedPlayoutTimestamp for video without audio.
 */
interface Reported {
  reportsSent: number
  /** The wall clock time in the last report and that of its arrival, in milliseconds. */
  remoteTimestamp: number
  timestamp: number
  packetsSent: number
  bytesSent: number
  packetsReceived: number
  bytesReceived: number
}

async function reported(page: Page, camera: string): Promise<Reported> {
  return await page.evaluate(async (key) => {
    const tile = document.querySelector<Tile>(`[data-camera="${key}"]`)
    const stats = await tile?.peerConnection?.getStats()
    const all = [...(stats?.values() ?? [])] as Record<string, unknown>[]
    const inbound = all.find((entry) => entry['type'] === 'inbound-rtp' && entry['kind'] === 'video')
    const outbound = all.find((entry) => entry['type'] === 'remote-outbound-rtp')
    return {
      reportsSent: Number(outbound?.['reportsSent'] ?? 0),
      remoteTimestamp: Number(outbound?.['remoteTimestamp']),
      timestamp: Number(outbound?.['timestamp']),
      packetsSent: Number(outbound?.['packetsSent']),
      bytesSent: Number(outbound?.['bytesSent']),
      packetsReceived: Number(inbound?.['packetsReceived']),
      bytesReceived: Number(inbound?.['bytesReceived']),
    }
  }, camera)
}

test('the browser receives sender reports with our wall clock and counters every second', async ({
  page,
}) => {
  await using program = await startProgram({ tables: twoTestCameras('vp8') })
  await page.goto(program.url)
  await expectState(page, 'camera1', 'live')
  await expect
    .poll(async () => (await reported(page, 'camera1')).reportsSent, { timeout: 10_000 })
    .toBeGreaterThanOrEqual(3)

  const report = await reported(page, 'camera1')
  const transitMs = report.timestamp - report.remoteTimestamp
  console.log(`the report took ${transitMs.toFixed(1)} ms`, report)
  // Server and browser have one wall clock; the stamp is rounded to a millisecond. A wrong epoch would be off by years.
  expect(transitMs).toBeGreaterThan(-2)
  expect(transitMs).toBeLessThan(10_000)
  expect(report.packetsSent).toBeLessThanOrEqual(report.packetsReceived)
  expect(report.packetsSent).toBeGreaterThan(report.packetsReceived / 2)
  expect(report.bytesSent).toBeLessThanOrEqual(report.bytesReceived)
})

test('the browser knows the round trip and the capture time of a frame', async ({ page }) => {
  await using program = await startProgram({ tables: twoTestCameras('vp8') })
  await page.goto(program.url)
  await expectState(page, 'camera1', 'live')
  // Chromium requests the round trip in its receiver reports (RFC 3611 section 4.4), and sets captureTime once it knows it.
  const shown = async (): Promise<{ roundTripMs: number; sinceCaptureMs: number }> =>
    await page.evaluate(async () => {
      const tile = document.querySelector<Tile>('[data-camera="camera1"]')!
      const frame = await new Promise<VideoFrameCallbackMetadata>((resolve) =>
        tile.querySelector('video')!.requestVideoFrameCallback((_now, metadata) => resolve(metadata)),
      )
      const all = [...(await tile.peerConnection!.getStats()).values()] as Record<string, unknown>[]
      const outbound = all.find((entry) => entry['type'] === 'remote-outbound-rtp')
      return {
        roundTripMs: Number(outbound?.['roundTripTime']) * 1000,
        sinceCaptureMs: frame.presentationTime - (frame.captureTime ?? NaN),
      }
    })
  let last = await shown()
  const isKnown = async (): Promise<boolean> => {
    last = await shown()
    return !Number.isNaN(last.roundTripMs + last.sinceCaptureMs)
  }
  await expect.poll(isKnown, { timeout: 20_000 }).toBe(true)

  const { roundTripMs, sinceCaptureMs } = last
  console.log(`round trip ${roundTripMs.toFixed(1)} ms, frame captured ${sinceCaptureMs.toFixed(1)} ms ago`)
  expect(roundTripMs).toBeGreaterThan(0)
  expect(roundTripMs).not.toBeCloseTo(100, 1) // what Chromium assumes without a measurement
  expect(sinceCaptureMs).toBeGreaterThan(0)
  expect(sinceCaptureMs).toBeLessThan(10_000)
})
