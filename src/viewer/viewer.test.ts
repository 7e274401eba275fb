import { MediaStreamTrack, RTCPeerConnection, useH264, useOPUS, useVP8, type RtpPacket } from 'werift'
import { expect, onTestFinished, test } from 'vitest'
import { becomes, CAMERA, goesOn, openViewers } from '../../test/support/viewer-server.js'
import { seededRandom } from '../../test/support/viewer-random.js'
import { vp8Key } from '../../test/support/rtp.js'
import type { ReceivedPacket } from '../../test/support/viewer-client.js'

const steps = (packets: ReceivedPacket[], field: 'sequence' | 'timestamp', size: number): number[] =>
  packets.slice(1).map((packet, i) => (packet[field] - packets[i]![field] + size) % size)

test.each(['vp8', 'h264'] as const)(
  'a viewer of a %s camera gets every packet from the keyframe on, also when the camera restarts',
  async (codec) => {
    const { camera, join, registry } = await openViewers({ codec })
    camera.frame(true)
    for (let i = 0; i < 40; i++) camera.frame(false)
    const { client, viewer } = await join()
    await becomes(() => expect(camera.fanout.viewers).toBe(1))
    expect(camera.keyframeRequests).toBe(3) // with its offer, at its way, when it joined; a camera makes one of them
    camera.frame(false)
    for (let i = 0; i < 20; i++) camera.frame(i % 10 === 0)
    camera.restart()
    for (let i = 0; i < 20; i++) camera.frame(i % 10 === 0)
    await becomes(() => expect(client.received.length).toBe(120))
    const { received } = client
    expect(new Set(steps(received, 'sequence', 2 ** 16))).toEqual(new Set([1]))
    expect(new Set(steps(received, 'timestamp', 2 ** 32))).toEqual(new Set([0, 3000]))
    expect(received.filter(({ marker }) => marker).length).toBe(40)
    expect(new Set(received.map(({ ssrc }) => ssrc))).toEqual(new Set([client.server!.ssrc]))
    expect(new Set(received.map(({ payloadType }) => payloadType))).toEqual(new Set([102]))
    expect(received[0]!.payload.toString('latin1')).toContain('.') // arrives as it was sent
    expect(client.undecryptable).toBe(0)
    await viewer.dismiss()
    expect(registry.count(CAMERA)).toBe(0)
  },
)

test.each([
  ['AES-GCM only', [7], 7],
  ['AES-GCM and, less gladly, AES_CM', [7, 1], 1],
] as const)('a client that knows %s is sent what it can decrypt', async (_, srtpProfiles, profile) => {
  const { camera, join } = await openViewers()
  const { client } = await join({ srtpProfiles: [...srtpProfiles] })
  expect(client.dtls!.srtp.srtpProfile).toBe(profile)
  await becomes(() => expect(camera.fanout.viewers).toBe(1))
  for (let i = 0; i < 20; i++) camera.frame(i === 0)
  await becomes(() => expect(client.received.length).toBe(60))
  expect(client.undecryptable).toBe(0)
  const asked = camera.keyframeRequests
  client.sendPli()
  await becomes(() => expect(camera.keyframeRequests).toBe(asked + 1))
})

test('the wrap of the sequence number is a step like any other', async () => {
  const { camera, join } = await openViewers()
  const { client } = await join()
  await becomes(() => expect(camera.fanout.viewers).toBe(1))
  const packet = { timestamp: 0, marker: true, startsKeyframe: true, payload: vp8Key }
  camera.fanout.send({ ...packet, index: 0 })
  camera.fanout.flush()
  await becomes(() => expect(client.received.length).toBe(1))
  const toWrap = 0x10000 - client.received[0]!.sequence
  for (let i = -5; i < 5; i++) camera.fanout.send({ ...packet, index: toWrap + i })
  camera.fanout.flush()
  await becomes(() => expect(client.received.length).toBe(11))
  const sequences = client.received.slice(1).map(({ sequence }) => sequence)
  expect(sequences).toEqual([65531, 65532, 65533, 65534, 65535, 0, 1, 2, 3, 4])
})

test('a loss across the wrap of the sequence number does not leave a viewer without a picture', async () => {
  const { camera, join } = await openViewers()
  const { client } = await join()
  await becomes(() => expect(camera.fanout.viewers).toBe(1))
  const packet = { timestamp: 0, marker: true, startsKeyframe: true, payload: vp8Key }
  camera.fanout.send({ ...packet, index: 1 })
  camera.fanout.flush()
  await becomes(() => expect(client.received.length).toBe(1))
  // werift's own receiver would not notice that the number wrapped; a browser's does (RFC 3711 section 3.3.1).
  const count = client.srtp!.remoteContext.getSrtpSsrcState(client.server!.ssrc)
  Object.assign(count, { rolloverCounter: 1, rolloverHasProcessed: false })
  camera.fanout.send({ ...packet, index: 70_000 })
  camera.fanout.flush()
  await becomes(() => expect(client.received.length).toBe(2))
})

test('a viewer that vanishes without a word is gone, and its place free, within the limit', async () => {
  const limits = { silenceLimitMs: 3000, watchIntervalMs: 20 }
  const { registry, mux, camera, join } = await openViewers({ timing: limits, maxClients: 1 })
  camera.play()
  const { client, viewer } = await join()
  client.vanish()
  expect(await viewer.ended).toBe('silent')
  expect(registry.count(CAMERA)).toBe(0)
  expect(camera.fanout.viewers).toBe(0)
  expect(mux.held).toEqual({ agents: 0, addresses: 0, transactions: 0 })
  await goesOn(await join())
})

test('a viewer that never connects is gone, and its place free, within the limit', async () => {
  const { registry, mux, admit } = await openViewers({ timing: { connectLimitMs: 1000 }, maxClients: 1 })
  const { viewer } = await admit()
  await expect(admit()).rejects.toThrow('camera1 has its maximum of 1 viewer')
  expect(await viewer.ended).toBe('never-connected')
  expect(registry.count(CAMERA)).toBe(0)
  expect(mux.held).toEqual({ agents: 0, addresses: 0, transactions: 0 })
})

test('a viewer that stops in the middle of the handshake never connects', async () => {
  const { admit, mux } = await openViewers({ timing: { connectLimitMs: 3000 } })
  const { client, viewer } = await admit()
  await client.checkPath()
  client.onDatagram = (datagram) => {
    if (datagram[0] === 22) client.vanish()
  }
  client.handshake().catch(() => {
    // That is the point.
  })
  expect(await viewer.ended).toBe('never-connected')
  expect(mux.held.agents).toBe(0)
})

test('a viewer that says goodbye by RTCP has left', async () => {
  const { join } = await openViewers()
  const { client, viewer } = await join()
  client.sendRtcp(Buffer.from([0x80, 201, 0, 1, 0, 0, 0, 1, 0x81, 203, 0, 1, 0, 0, 0, 1]))
  expect(await viewer.ended).toBe('left')
})

test('viewers that come and go at random moments leave nothing behind', async () => {
  const limits = { connectLimitMs: 1500, silenceLimitMs: 400, watchIntervalMs: 20 }
  const { registry, mux, camera, admit, errors } = await openViewers({ timing: limits })
  camera.play()
  const random = seededRandom(20260101)
  const visit = async (): Promise<string> => {
    const { client, viewer } = await admit()
    const joining = client
      .checkPath()
      .then(async () => await client.handshake())
      .catch(() => {
        // It was closed in the middle.
      })
    const [stay, how] = [random() * 400, random()]
    await Promise.race([joining, viewer.ended, new Promise((resolve) => setTimeout(resolve, stay))])
    if (how < 0.4) await viewer.dismiss()
    else if (how < 0.7 && client.srtp !== undefined) client.closeNotify()
    else client.vanish()
    const reason = await viewer.ended
    client.vanish()
    return reason
  }
  const reasons: string[] = []
  for (let wave = 0; wave < 4; wave++)
    reasons.push(...(await Promise.all(Array.from({ length: 15 }, async () => await visit()))))
  expect(reasons.length).toBe(60)
  expect(registry.count(CAMERA)).toBe(0)
  expect(camera.fanout.viewers).toBe(0)
  expect(mux.held).toEqual({ agents: 0, addresses: 0, transactions: 0 })
  expect(errors).toEqual([])
})

test.each(['vp8', 'h264'] as const)(
  'another WebRTC stack takes our answer to an offer of audio and video, and gets %s',
  async (codec) => {
    const { registry, camera } = await openViewers({ codec })
    camera.play()
    const h264 = useH264({ parameters: 'profile-level-id=42e01f;packetization-mode=1' })
    const client = new RTCPeerConnection({
      iceServers: [],
      iceUseIpv4: false,
      iceUseIpv6: false,
      iceAdditionalHostAddresses: ['127.0.0.1'],
      bundlePolicy: 'max-bundle',
      codecs: { audio: [useOPUS()], video: [useVP8(), h264] },
    })
    onTestFinished(async () => await client.close())
    const packets: RtpPacket[] = []
    client.onTrack.subscribe((track: MediaStreamTrack) => {
      track.onReceiveRtp.subscribe((packet) => void packets.push(packet))
    })
    client.addTransceiver('audio', { direction: 'recvonly' })
    client.addTransceiver('video', { direction: 'recvonly' })
    // Or it would ask a public STUN server, also with an empty list.
    for (const { connection } of client.iceTransports) Object.assign(connection, { stunServer: undefined })
    await client.setLocalDescription(await client.createOffer())
    const viewer = registry.admit(CAMERA, client.localDescription!.sdp, 'whep')
    await client.setRemoteDescription({ type: 'answer', sdp: viewer.answerSdp })
    await becomes(() => expect(packets.length).toBeGreaterThan(20))
    const sequences = packets.map(({ header }) => header.sequenceNumber)
    expect(sequences.slice(1).every((next, i) => next === sequences[i]! + 1)).toBe(true)
  },
)
