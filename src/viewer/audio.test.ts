import { expect, test } from 'vitest'
import { ViewerClient } from '../../test/support/viewer-client.js'
import { becomes, openViewers } from '../../test/support/viewer-server.js'
import { packetsOf, SENDER_REPORT, SOURCE_DESCRIPTION } from '../rtp/rtcp/compound.js'

test('a viewer decrypts sound and video, each with its own SSRC, payload type and unbroken numbers', async () => {
  const { camera, join } = await openViewers({ hasAudio: true })
  const { client } = await join()
  await becomes(() => expect(camera.audio!.fanout.viewers).toBe(1))
  for (let i = 0; i < 30; i++) {
    camera.frame(i === 0)
    camera.audio!.packet()
  }
  await becomes(() => expect(client.received).toHaveLength(120))
  const sound = client.received.filter(({ payloadType }) => payloadType === 111)
  expect(sound.map(({ payload }) => payload.toString())).toEqual(Array.from(sound, (_, i) => `sound ${i}`))
  expect(sound).toHaveLength(30)
  expect(new Set(sound.slice(1).map(({ sequence }, i) => (sequence - sound[i]!.sequence) & 0xffff))).toEqual(
    new Set([1]),
  )
  expect(new Set(sound.slice(1).map(({ timestamp }, i) => timestamp - sound[i]!.timestamp))).toEqual(
    new Set([960]),
  )
  expect(new Set(sound.map(({ ssrc }) => ssrc)).size).toBe(1)
  expect(sound[0]!.ssrc).not.toBe(client.server!.ssrc)
  expect(client.undecryptable).toBe(0)
})

test('sound and video are reported with one CNAME', async () => {
  const { camera, join } = await openViewers({ hasAudio: true })
  const { client } = await join()
  const names = new Map<number, string>()
  client.onRtcp = (compound) => {
    for (const packet of packetsOf(compound))
      if (packet[1] === SOURCE_DESCRIPTION)
        names.set(packet.readUInt32BE(4), packet.subarray(10, 10 + packet[9]!).toString())
      else expect(packet[1]).toBe(SENDER_REPORT)
  }
  await becomes(() => expect(camera.audio!.fanout.viewers).toBe(1))
  camera.frame(true)
  camera.audio!.packet()
  await becomes(() => expect(names.size).toBe(2))
  expect(new Set(names.values())).toEqual(new Set(['camera1']))
})

test('a client that offers video only gets video only', async () => {
  const { registry, camera } = await openViewers({ hasAudio: true })
  await using client = await ViewerClient.open()
  const viewer = registry.admit('camera1', client.offer('vp8'), 'whep')
  expect(viewer.answerSdp).not.toContain('m=audio')
  await client.connect(viewer.answerSdp)
  await becomes(() => expect(camera.fanout.viewers).toBe(1))
  expect(camera.audio!.fanout.viewers).toBe(0)
  await viewer.dismiss()
})

test('reports about the sound, however bad, limit no picture', async () => {
  const { camera, join, registry } = await openViewers({ hasAudio: true })
  const { client } = await join()
  await becomes(() => expect(camera.fanout.viewers).toBe(1))
  let audioSsrc = 0
  client.onPacket = ({ ssrc, payloadType }) => {
    if (payloadType === 111) audioSsrc = ssrc
  }
  camera.audio!.packet()
  await becomes(() => expect(audioSsrc).not.toBe(0))
  for (let i = 0; i < 30; i++) {
    camera.frame(i === 0)
    const report = Buffer.alloc(32)
    report.writeUInt32BE(0x81c90007, 0)
    report.writeUInt32BE(1, 4)
    report.writeUInt32BE(audioSsrc, 8)
    report[12] = 230 // nine of ten lost
    report.writeUInt32BE(i * 100, 16)
    client.sendRtcp(report)
  }
  await becomes(() => expect([...registry.stats('camera1').values()][0]!.packets).toBe(90))
  const [stats] = [...registry.stats('camera1').values()]
  expect(stats).toMatchObject({ fractionLost: undefined, framesDropped: 0, congested: false })
})
