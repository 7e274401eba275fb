import { expect, onTestFinished, test } from 'vitest'
import { findAttribute, isBindingRequest } from '../../src/lib/stun.js'
import { ICE_CONTROLLING, USE_CANDIDATE } from '../support/viewer-stun.js'
import { becomes, goesOn, openViewers } from '../support/viewer-server.js'
import { ViewerClient } from '../support/viewer-client.js'

const ICE_CONTROLLED = 0x8029

/** An ICE-lite agent, as many SFUs are: it has one candidate, answers checks and sends none. */
async function openLite() {
  const client = await ViewerClient.open()
  onTestFinished(async () => await client[Symbol.asyncDispose]())
  const checks: Buffer[] = []
  client.onDatagram = (datagram) => {
    if (datagram[0]! < 4 && isBindingRequest(datagram)) checks.push(datagram)
  }
  const { port } = client.socket.address()
  const offer = client
    .offer('vp8', [`1 1 udp 2130706431 127.0.0.1 ${port} typ host`])
    .replace('t=0 0\r\n', 't=0 0\r\na=ice-lite\r\n')
  return { client, checks, offer }
}

test('an ICE-lite client is sent controlling checks with a nomination, and gets the video', async () => {
  const { registry, camera } = await openViewers()
  camera.play()
  const { client, checks, offer } = await openLite()
  const viewer = registry.admit('camera1', offer, 'whep')
  client.acceptAnswer(viewer.answerSdp)
  await becomes(() => expect(checks.some((check) => findAttribute(check, USE_CANDIDATE) !== -1)).toBe(true))
  for (const check of checks) {
    expect(findAttribute(check, ICE_CONTROLLING)).not.toBe(-1)
    expect(findAttribute(check, ICE_CONTROLLED)).toBe(-1)
  }
  await client.handshake()
  await goesOn({ client, viewer })
})

test('a response with a wrong password does not prove the address of an ICE-lite client', async () => {
  const { registry, mux } = await openViewers()
  const { client, checks, offer } = await openLite()
  const viewer = registry.admit(
    'camera1',
    offer.replace(/a=ice-pwd:\S+/, 'a=ice-pwd:anotherPasswordOf22Letters'),
    'whep',
  )
  client.acceptAnswer(viewer.answerSdp)
  await becomes(() => expect(checks.length).toBeGreaterThan(0))
  client.sendRaw(Buffer.from([22, 254, 253, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]))
  await becomes(() => expect(mux.dropped.unknownAddress).toBe(1))
  expect(mux.held.addresses).toBe(0)
})
