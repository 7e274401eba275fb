import { expect, test } from 'vitest'
import {
  becomes,
  CAMERA,
  goesOn,
  openViewers,
  settled,
  type JoinedViewer,
  type Viewers,
} from '../../support/viewer-server.js'
import { openStranger } from '../../support/viewer-stranger.js'
import { BINDING_REQUEST, connectivityCheck, USERNAME, writeStun } from '../../support/viewer-stun.js'

async function watched(): Promise<Viewers & { joined: JoinedViewer }> {
  const viewers = await openViewers()
  viewers.camera.play()
  return { ...viewers, joined: await viewers.join() }
}

test.each([
  ['no MESSAGE-INTEGRITY', (ufrag: string) => connectivityCheck({ to: ufrag })],
  ['a wrong password', (ufrag: string) => connectivityCheck({ to: ufrag, password: 'x'.repeat(22) })],
  ['an unknown user fragment', () => connectivityCheck({ to: 'nobody', password: 'x'.repeat(22) })],
  ['no user fragment', () => writeStun({ type: BINDING_REQUEST })],
  ['attributes that run past the datagram', (ufrag: string) => runsPast(ufrag)],
])('a connectivity check with %s gets no reply and leaves no trace', async (_title, forge) => {
  const { mux, joined, errors } = await watched()
  await goesOn(joined)
  const held = mux.held
  const stranger = await openStranger(mux.port)
  for (let i = 0; i < 20; i++) stranger.send(forge(joined.client.server!.ufrag))
  await settled(joined.client)
  expect(await stranger.replies()).toEqual([])
  expect(mux.held).toEqual(held)
  expect(errors).toEqual([])
  await goesOn(joined)
})

function runsPast(ufrag: string): Buffer {
  const check = writeStun({ type: BINDING_REQUEST, attributes: [[USERNAME, Buffer.from(`${ufrag}:them`)]] })
  check.writeUInt16BE(0x4000, 22)
  return check
}

test('a response to a check that was never sent is dropped', async () => {
  const { mux, joined } = await watched()
  const stranger = await openStranger(mux.port)
  stranger.send(writeStun({ type: 0x0101, password: joined.client.password }))
  await settled(joined.client)
  expect(mux.dropped.unknownTransaction).toBe(1)
})

test.each([401, 487] as const)(
  'a viewer that answers every check with %i does not cause a loop of checks',
  async (answersChecksWith) => {
    const { admit } = await openViewers({ timing: { connectLimitMs: 2000 } })
    const { client, viewer } = await admit({ answersChecksWith })
    await client.checkPath()
    expect(await viewer.ended).toBe('never-connected')
    expect(client.checksReceived).toBeGreaterThan(1)
    expect(client.checksReceived).toBeLessThan(30)
  },
)

test('a second viewer cannot take over the address of the first with credentials of its own', async () => {
  const { mux, camera, joined, admit } = await watched()
  const second = await admit()
  await goesOn(joined)
  const { ufrag, password } = second.client.server!
  for (let i = 0; i < 5; i++) joined.client.sendRaw(joined.client.check({ ufrag, password }))
  await settled(joined.client)
  expect(mux.dropped.foreignAddress).toBe(5)
  const requests = camera.keyframeRequests
  joined.client.sendPli()
  await becomes(() => expect(camera.keyframeRequests).toBe(requests + 1))
  await goesOn(joined)
})

test('a viewer that checks from hundreds of addresses gets a few of them stored', async () => {
  const { mux, joined } = await watched()
  const strangers = await Promise.all(Array.from({ length: 100 }, async () => await openStranger(mux.port)))
  for (const stranger of strangers) stranger.send(joined.client.check())
  await settled(joined.client)
  expect(mux.held.addresses).toBeGreaterThan(20)
  expect(mux.held.addresses).toBeLessThanOrEqual(32)
  await goesOn(joined)
})

test('forged datagrams do not keep a dead viewer alive', async () => {
  const { registry, join } = await openViewers({ timing: { silenceLimitMs: 3000, watchIntervalMs: 20 } })
  const { client, viewer } = await join()
  const bait = Buffer.concat([Buffer.from([0, 1, 0, 0]), Buffer.alloc(40)]) // a binding request but for the cookie
  const forging = setInterval(() => client.sendRaw(bait), 5)
  expect(await viewer.ended).toBe('silent')
  clearInterval(forging)
  expect(registry.count(CAMERA)).toBe(0)
})
