import { describe, expect, test } from 'vitest'
import { openPublishServer, PUBLISHED } from '../../test/support/publish-server.js'
import { PublisherClient } from '../../test/support/publisher-client.js'
import { becomes } from '../../test/support/viewer-server.js'
import type { ViewerClient } from '../../test/support/viewer-client.js'
import { rtpPacket } from '../../test/support/rtp.js'

const hex = (payloads: readonly Buffer[]): string[] => payloads.map((payload) => payload.toString('hex'))
const received = (viewer: ViewerClient): string[] => hex(viewer.received.map(({ payload }) => payload))

/** Sends frames until the viewer has the last of them. @returns what was sent. */
async function play(publisher: PublisherClient, viewer: ViewerClient, frames: number): Promise<string[]> {
  const sent: string[] = []
  for (let i = 0; i < frames; i++) {
    sent.push(...hex(publisher.frame(i === 0)))
    await new Promise((resolve) => setImmediate(resolve))
  }
  await becomes(() => expect(received(viewer)).toContain(sent.at(-1)))
  return sent
}

describe.each(['vp8', 'h264'] as const)('%s', (codec) => {
  test('viewers get the packets of a publisher, byte for byte, over a wrap of its sequence numbers', async () => {
    const { publish, join, stream } = await openPublishServer({ codec })
    const viewer = await join()
    const publisher = await publish({ audio: true })
    const sent = await play(publisher, viewer, 40)
    expect(received(viewer)).toEqual(sent)
    const sequences = viewer.received.map(({ sequence }) => sequence)
    expect(sequences).toEqual(sequences.map((_, i) => (sequences[0]! + i) & 0xffff))
    expect(stream.packets).toBe(120)
    expect(stream.captureDelayMs).toBeUndefined()
  })
})

test('a publisher that UDP does not reach sends over TCP', async () => {
  const { publish, join, publishers } = await openPublishServer()
  const viewer = await join()
  const publisher = await publish({ overTcp: true })
  const sent = await play(publisher, viewer, 20)
  expect(received(viewer)).toEqual(sent)
  expect(publishers.of(PUBLISHED)!.peer.transport).toBe('tcp')
})

test('AES-GCM is decrypted too', async () => {
  const { publish, join } = await openPublishServer()
  const viewer = await join()
  const publisher = await publish({ srtpProfiles: [7] })
  const sent = await play(publisher, viewer, 5)
  expect(received(viewer)).toEqual(sent)
})

test('what gets lost or overtaken on the way is repaired', async () => {
  const { publish, join, publishers } = await openPublishServer()
  const viewer = await join()
  const publisher = await publish()
  const losses = new Set<number>()
  let count = 0
  publisher.loses = (sequence) => {
    if (++count % 10 !== 5) return false
    losses.add(sequence)
    return true
  }
  const sent: string[] = []
  for (let i = 0; i < 60; i++) {
    sent.push(...hex(publisher.frame(i === 0, i % 3 === 1 ? [2, 0, 1] : [0, 1, 2])))
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  publisher.loses = () => false
  sent.push(...hex(publisher.frame(false)))
  await becomes(() => expect(received(viewer)).toContain(sent.at(-1)))
  expect(received(viewer)).toEqual(sent)
  expect(losses.size).toBe(18)
  expect(publisher.nacked).toEqual(expect.arrayContaining([...losses]))
  await becomes(() => expect(publishers.of(PUBLISHED)!.incoming).toMatchObject({ givenUp: 0 }))
})

test('what stays lost costs a keyframe and nothing else', async () => {
  const { publish, join } = await openPublishServer()
  const viewer = await join()
  const publisher = await publish()
  publisher.stopsRepairing()
  await play(publisher, viewer, 5)
  const before = publisher.pli
  publisher.loses = () => true
  publisher.frame(false)
  publisher.loses = () => false
  const after = hex(publisher.frame(false))
  await becomes(() => expect(received(viewer)).toContain(after.at(-1)))
  await becomes(() => expect(publisher.pli).toBeGreaterThan(before))
})

test('a publisher hears reports, an ample bandwidth estimate, and what viewers need', async () => {
  const { publish, join } = await openPublishServer()
  const publisher = await publish()
  publisher.frame(true)
  const viewer = await join()
  await play(publisher, viewer, 3)
  const before = publisher.pli
  viewer.sendPli()
  await becomes(() => expect(publisher.pli).toBeGreaterThan(before))
  await becomes(() => expect(publisher.reports.length).toBeGreaterThan(1))
  expect(publisher.rembBps).toBeGreaterThan(50_000_000)
  expect(publisher.reports.at(-1)!.readUInt32BE(8)).toBe(0x5eed)
})

test('a publisher that comes back is a restart to the viewers, who stay', async () => {
  const { publish, join, publishers, registry, stream } = await openPublishServer({
    timing: { silenceLimitMs: 1500, watchIntervalMs: 50 },
  })
  const viewer = await join()
  const first = await publish({ firstSequence: 1000 })
  await play(first, viewer, 5)
  first.client.vanish()
  await becomes(() => expect(publishers.of(PUBLISHED)).toBeUndefined())
  expect(stream.published.isPublished).toBe(false)
  const second = await publish({ firstSequence: 40_000 })
  await play(second, viewer, 5)
  expect(registry.count(PUBLISHED)).toBe(1)
  const sequences = viewer.received.map(({ sequence }) => sequence)
  expect(sequences).toEqual(sequences.map((_, i) => (sequences[0]! + i) & 0xffff))
  const ticks = viewer.received.map(
    ({ timestamp }, i) => (timestamp - (viewer.received[i - 1]?.timestamp ?? timestamp)) | 0,
  )
  expect(Math.min(...ticks)).toBeGreaterThanOrEqual(0)
  // The pause is as long as it was, not as the two clocks of the publishers differ.
  expect(Math.max(...ticks)).toBeLessThan(60 * 90_000)
})

test('a second publisher waits until the first is silent, then replaces it', async () => {
  const { publish, join, publishers } = await openPublishServer()
  const viewer = await join()
  const first = await publish()
  await play(first, viewer, 2)
  const second = await PublisherClient.open()
  await using _closes = second
  const offer = second.offer()
  expect(() => publishers.publish(PUBLISHED, offer)).toThrow(/another publisher sends to camera1/)
  const running = publishers.of(PUBLISHED)!
  await becomes(() => expect(running.silentMs).toBeGreaterThan(2000))
  const { answerSdp } = publishers.publish(PUBLISHED, offer)
  expect(await running.ended).toBe('superseded')
  await second.connect(answerSdp)
  await play(second, viewer, 3)
  // What the first sends now reaches nobody.
  const payloads = hex(first.frame(true))
  await play(second, viewer, 1)
  expect(received(viewer)).not.toContain(payloads[0])
})

test('a publisher leaves by DELETE, by BYE, by closing DTLS, and when its camera goes', async () => {
  const { publish, publishers } = await openPublishServer()
  await publish()
  const first = publishers.of(PUBLISHED)!
  await first.dismiss()
  expect(await first.ended).toBe('asked-to-leave')
  const second = await publish()
  const running = publishers.of(PUBLISHED)!
  second.frame(true)
  await becomes(() => expect(running.incoming?.ssrc).toBe(0x5eed))
  second.client.sendRtcp(Buffer.from([0x81, 203, 0, 1, 0, 0, 0x5e, 0xed]))
  expect(await running.ended).toBe('left')
  const third = await publish()
  const closing = publishers.of(PUBLISHED)!
  await becomes(() => expect(closing.incoming).toBeDefined())
  third.client.closeNotify()
  expect(await closing.ended).toBe('left')
  await publish()
  const last = publishers.of(PUBLISHED)!
  await publishers.close(PUBLISHED, 'camera-removed')
  expect(await last.ended).toBe('camera-removed')
  expect(() => publishers.publish(PUBLISHED, '')).toThrow(/no camera named/)
})

test('nothing is accepted before the certificate is proven, or with the keys of another session', async () => {
  const { publishers, publish, stream, mux } = await openPublishServer()
  const stranger = await PublisherClient.open()
  await using _closes = stranger
  const { answerSdp } = publishers.publish(PUBLISHED, stranger.offer())
  stranger.client.acceptAnswer(answerSdp)
  await stranger.client.checkPath()
  for (let i = 0; i < 50; i++)
    stranger.client.sendRaw(rtpPacket({ sequence: i, payloadType: 102, payload: Buffer.alloc(100) }))
  await stranger.client.checkPath()
  expect(stream.packets).toBe(0)
  await publishers.of(PUBLISHED)!.dismiss()
  const publisher = await publish()
  const keyless = rtpPacket({ sequence: 5, payloadType: 102, payload: Buffer.alloc(100) })
  publisher.client.sendRaw(keyless)
  publisher.client.sendRaw(Buffer.concat([publisher.protect(keyless).subarray(0, 30), Buffer.alloc(90)]))
  publisher.frame(true)
  await becomes(() => expect(stream.packets).toBe(3))
  expect(publishers.of(PUBLISHED)!.incoming!.dropped).toBe(2)
  expect(mux.held.agents).toBe(1)
})

test('a publisher that never connects gives its place up', async () => {
  const { publishers } = await openPublishServer({ timing: { connectLimitMs: 200 } })
  const client = await PublisherClient.open()
  await using _closes = client
  const publication = publishers.publish(PUBLISHED, client.offer())
  expect(await publication.ended).toBe('never-connected')
  expect(publishers.of(PUBLISHED)).toBeUndefined()
})
