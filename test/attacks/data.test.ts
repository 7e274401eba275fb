import { expect, onTestFinished, test } from 'vitest'
import * as sctp from '../../src/viewer/sctp-packet.js'
import { seededRandom } from '../helpers/viewer-random.js'
import { ViewerClient } from '../helpers/viewer-client.js'
import { becomes, CAMERA, goesOn, openViewers, settled } from '../helpers/viewer-server.js'

const APPLICATION_DATA = 23
const ports = { sourcePort: 5000, destinationPort: 5000 }

/** A viewer who has agreed on the keep-alive channel, or one who has not. */
async function invited(keepAlive: boolean) {
  const { registry, camera, errors } = await openViewers({ timing: { pongLimitMs: 3000 } })
  camera.play()
  const client = await ViewerClient.open()
  onTestFinished(async () => await client[Symbol.asyncDispose]())
  const viewer = registry.invite(CAMERA, 'camera-streamer', keepAlive)
  const data = 'm=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\na=mid:1\r\na=sctp-port:5000\r\n'
  const answer = client.answerTo(viewer.offerSdp)
  viewer.takeAnswer(keepAlive ? answer.replace('BUNDLE 0', 'BUNDLE 0 1') + data : answer)
  await client.connect(viewer.offerSdp)
  const replies: sctp.SctpPacket[] = []
  client.dtls!.onData.subscribe((packet) => replies.push(sctp.readSctp(packet)!))
  const say = (plain: Buffer): void => client.sendRaw(client.encryptedRecord(APPLICATION_DATA, plain))
  const seat = { client, viewer: { ...viewer, answerSdp: '', candidates: [] } }
  await goesOn(seat)
  return { seat, errors, replies, say }
}

test('whatever a client sends where the channel would be, its pictures go on and nobody throws', async () => {
  const { seat, errors, replies, say } = await invited(true)
  await becomes(() => expect(replies.length).toBeGreaterThan(0))
  const tag = replies[0]!.chunks[0]!.value.readUInt32BE(0)
  const next = seededRandom(7)
  const random = (below: number): number => Math.floor(next() * below)
  for (let i = 0; i < 1500; i++) {
    const value = Buffer.from(Array.from({ length: random(40) }, () => random(256)))
    say(value)
    const chunk = { type: random(20), flags: random(256), value }
    say(sctp.writeSctp({ ...ports, verificationTag: chunk.type === sctp.INIT ? 0 : tag }, chunk))
    if (i % 100 === 0) await settled(seat.client)
  }
  await settled(seat.client)
  await goesOn(seat)
  expect(errors).toEqual([])
  expect(await seat.viewer.ended).toBe('silent')
})

test('a client without a channel is answered nothing, and stays', async () => {
  const { seat, errors, replies, say } = await invited(false)
  const init = Buffer.alloc(16, 1)
  for (let i = 0; i < 20; i++)
    say(sctp.writeSctp({ ...ports, verificationTag: 0 }, { type: sctp.INIT, flags: 0, value: init }))
  await settled(seat.client)
  await goesOn(seat)
  expect(replies).toEqual([])
  expect(errors).toEqual([])
})
