import { expect, onTestFinished, test, vi } from 'vitest'
import { rtpPacket, vp8Delta, vp8Key } from '../../../test/support/rtp.js'
import { silentLog } from '../../log.js'
import { openPublishedStream } from '../../rtp/stream.js'
import { watchExternal } from './external-rtp.js'
import type { CameraStatus } from './status.js'

async function watchPublished(codec: 'vp8' | 'h264' = 'vp8') {
  const stream = await openPublishedStream({ codec, inspect: true })
  const camera = watchExternal({
    source: { key: 'camera1', codec, port: 0, publishedTo: '/camera1/whip' },
    stream,
    log: silentLog,
    timing: { sampleMs: 10, firstPacketMs: 100, silenceMs: 300 },
  })
  onTestFinished(async () => {
    await camera[Symbol.asyncDispose]()
    await stream[Symbol.asyncDispose]()
  })
  let sequence = 0
  /** Publishes frames until the test is over. */
  const publish = (requestKeyframe = (): void => {}) => {
    const publishing = stream.published.publish(requestKeyframe)
    let frames = 0
    const sending = setInterval(() => {
      const payload = Buffer.concat([frames % 30 === 0 ? vp8Key : vp8Delta, Buffer.alloc(300)])
      const rtp = rtpPacket({ sequence: sequence++, timestamp: 3000 * frames++, marker: true, payload })
      publishing.receive(rtp, performance.now())
    }, 5)
    const stop = (): void => clearInterval(sending)
    onTestFinished(stop)
    return { publishing, stop }
  }
  const reach = async (expected: Partial<CameraStatus>): Promise<void> =>
    await vi.waitFor(() => expect(camera.status()).toMatchObject(expected), { timeout: 20_000, interval: 5 })
  return { camera, stream, publish, reach }
}

test('without a publisher the camera says so, and where to publish', async () => {
  const { camera, reach } = await watchPublished()
  await reach({ state: 'lost', cause: 'no-publisher', message: 'Nobody publishes to /camera1/whip.' })
  expect(camera.status().hint).toContain('whip-token')
  expect(camera.restart()).toBe(false)
})

test('a publisher makes it live; one that falls silent, and one that leaves, are told apart', async () => {
  const { camera, publish, reach } = await watchPublished()
  await reach({ cause: 'no-publisher' })
  const causes: (string | undefined)[] = []
  using _listening = camera.onStatus(({ cause }) => causes.push(cause))
  const { publishing, stop } = publish()
  await reach({ state: 'live' })
  expect(causes).toEqual([undefined, undefined])
  stop()
  await reach({ state: 'lost', cause: 'silent-publisher' })
  publishing[Symbol.dispose]()
  await reach({ state: 'lost', cause: 'no-publisher' })
  publish()
  await reach({ state: 'live' })
})

test('a stream of another codec is named by its path, with a hint for the publisher', async () => {
  const { camera, publish, reach } = await watchPublished('h264')
  publish()
  await reach({ state: 'lost', cause: 'wrong-codec' })
  expect(camera.status().message).toBe('What is published to /camera1/whip is VP8, not H.264.')
  expect(camera.status().hint).toBe('Publish H.264 alone.')
})
