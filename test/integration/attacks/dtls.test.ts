import { expect, test, vi } from 'vitest'
import {
  createIdentity,
  dtlsRecord,
  fingerprintOf,
  handshakeRecord,
  plaintextAlert,
} from '../../support/viewer-client.js'
import { becomes, goesOn, openViewers, settled } from '../../support/viewer-server.js'
import { openStranger } from '../../support/viewer-stranger.js'

const MEGABYTE = 1024 * 1024
const CLIENT_HELLO = 1
const MARK = Buffer.from('mark')
const malformedHello = handshakeRecord({ type: CLIENT_HELLO, length: 3, fragment: Buffer.from([1, 2, 3]) })

const intrusions: [string, Buffer][] = [
  ['a plaintext close_notify', plaintextAlert(0)],
  ['a plaintext fatal alert', plaintextAlert(40, 2)],
  ['a record of unknown type', dtlsRecord(63, Buffer.from('what'))],
  ['a malformed ClientHello', malformedHello],
  ['an encrypted alert that nobody encrypted', dtlsRecord(21, Buffer.alloc(40), { epoch: 1, sequence: 99 })],
  ['application data that nobody encrypted', dtlsRecord(23, Buffer.alloc(40), { epoch: 1, sequence: 99 })],
  ['half a record', plaintextAlert(0).subarray(0, 14)],
]

test.each(intrusions)('%s ends no viewer, whatever its source address', async (_title, intrusion) => {
  const { mux, camera, join, errors } = await openViewers()
  camera.play()
  const joined = await join()
  await goesOn(joined)
  const stranger = await openStranger(mux.port)
  for (let i = 0; i < 5; i++) {
    stranger.send(intrusion)
    joined.client.sendRaw(intrusion)
  }
  await settled(joined.client)
  await goesOn(joined)
  expect(await stranger.replies()).toEqual([])
  expect(errors).toEqual([])
})

test('a viewer whose client sends close_notify has left', async () => {
  const { join } = await openViewers()
  const { client, viewer } = await join()
  client.closeNotify()
  expect(await viewer.ended).toBe('left')
})

test('alerts and garbage from the viewer’s own address do not disturb its handshake', async () => {
  const { camera, admit, errors } = await openViewers()
  camera.play()
  const joined = await admit()
  const { client } = joined
  const throwAll = (): void => {
    for (const [title, intrusion] of intrusions) if (!title.includes('ClientHello')) client.sendRaw(intrusion)
  }
  await client.checkPath()
  client.onDatagram = (datagram) => {
    if (datagram[0] === 22) throwAll() // between every two flights
  }
  throwAll()
  await client.handshake()
  await goesOn(joined)
  expect(errors).toEqual([])
})

test('two tiny fragments that claim 16 MB do not make us allocate them', async () => {
  const { camera, admit } = await openViewers()
  camera.play()
  const joined = await admit()
  await joined.client.checkPath()
  const alloc = vi.spyOn(Buffer, 'alloc')
  const claim = { type: CLIENT_HELLO, length: 16 * MEGABYTE - 1, fragment: Buffer.from([1]) }
  joined.client.sendRaw(handshakeRecord({ ...claim, offset: 0 }))
  joined.client.sendRaw(handshakeRecord({ ...claim, offset: claim.length - 1 }))
  await joined.client.handshake()
  const largest = Math.max(...alloc.mock.calls.map(([size]) => size))
  alloc.mockRestore()
  expect(largest).toBeLessThan(MEGABYTE)
  await goesOn(joined)
})

test('an impostor that shows the viewer’s certificate without having its key gets no picture', async () => {
  const { camera, admit } = await openViewers()
  camera.play(2)
  const [victim, thief] = await Promise.all([createIdentity(), createIdentity()])
  const { client, viewer } = await admit({
    identity: { certPem: victim.certPem, keyPem: thief.keyPem },
    fingerprint: fingerprintOf(victim),
  })
  let media = 0
  let isMarked = false
  client.onDatagram = (datagram) => {
    if (datagram[0]! >= 128) media++
    isMarked ||= datagram.equals(MARK)
  }
  await client.checkPath()
  await Promise.race([client.handshake(), viewer.ended])
  expect(await viewer.ended).toBe('impostor')
  client.socket.send(MARK, client.socket.address().port, '127.0.0.1') // queues behind what is on its way
  await becomes(() => expect(isMarked).toBe(true))
  expect(media).toBe(0)
})

test('a client with another certificate than its offer promised gets no picture', async () => {
  const { camera, admit } = await openViewers()
  camera.play(2)
  const { client, viewer } = await admit({ fingerprint: fingerprintOf(await createIdentity()) })
  await client.checkPath()
  await Promise.race([client.handshake(), viewer.ended])
  expect(await viewer.ended).toBe('handshake-failed')
  expect(client.received).toEqual([])
})
