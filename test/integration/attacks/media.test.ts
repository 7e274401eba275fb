import { expect, test } from 'vitest'
import { becomes, goesOn, openViewers, settled } from '../../support/viewer-server.js'

test('forged, garbled and replayed-as-picture datagrams are ignored', async () => {
  const { camera, join, errors } = await openViewers()
  camera.play()
  const joined = await join()
  const { client } = joined
  await goesOn(joined)
  const requests = camera.keyframeRequests
  const pli = client.protectRtcp(client.pli())
  for (let at = 1; at < pli.length; at++) {
    const garbled = Buffer.from(pli)
    garbled[at]! ^= 0x55
    client.sendRaw(garbled)
    client.sendRaw(pli.subarray(0, at))
  }
  const bye = Buffer.from([0x81, 203, 0, 1, 0, 0, 0, 1])
  client.sendRaw(bye)
  client.sendRaw(Buffer.concat([bye, Buffer.alloc(14)]))
  client.sendRaw(client.protectRtp(1))
  await settled(client)
  expect(camera.keyframeRequests).toBe(requests)
  client.sendPli()
  await becomes(() => expect(camera.keyframeRequests).toBe(requests + 1))
  await goesOn(joined)
  expect(errors).toEqual([])
})

test('cut datagrams of every length with every first byte throw nothing', async () => {
  const { camera, join, errors } = await openViewers()
  camera.play()
  const joined = await join()
  await goesOn(joined)
  for (let length = 0; length <= 64; length++) {
    for (const filling of [0, 200]) {
      for (let first = 0; first < 256; first++) {
        const datagram = Buffer.alloc(length, filling)
        if (length > 0) datagram[0] = first
        if (length >= 8 && first < 4 && filling === 200) datagram.writeUInt32BE(0x2112a442, 4)
        joined.client.sendRaw(datagram)
      }
      await settled(joined.client) // the socket's buffer has an end
    }
  }
  expect(errors).toEqual([])
  await goesOn(joined)
})
