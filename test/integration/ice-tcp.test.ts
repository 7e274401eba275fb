import { expect, test } from 'vitest'
import { becomes, goesOn, openViewers } from '../support/viewer-server.js'

test('a client that only TCP reaches gets the video', async () => {
  const { registry, camera, join, mux, tcp } = await openViewers()
  camera.play()
  const joined = await join({ overTcp: true })
  await goesOn(joined)
  joined.client.sendPli()
  await becomes(() => expect(camera.keyframeRequests).toBeGreaterThan(0))
  expect(mux.held.addresses).toBe(0)
  expect(tcp.held).toEqual({ agents: 1, connections: 1 })
  expect(registry.list.list()[0]).toMatchObject({ address: '127.0.0.1', transport: 'tcp' })
  await joined.viewer.dismiss()
  await joined.client.frames!.closed
  await becomes(() => expect(tcp.held).toEqual({ agents: 0, connections: 0 }))
})

test('TCP candidates come after those for UDP, with lower priorities', async () => {
  const { registry, admit, mux, tcp } = await openViewers()
  const { viewer } = await admit()
  const lines = [...viewer.answerSdp.matchAll(/a=candidate:(\S+) 1 (\S+) (\d+) \S+ (\d+) typ host(.*)/g)]
  expect(lines.map(([, foundation, transport, , port, rest]) => [foundation, transport, port, rest])).toEqual(
    [
      ['1', 'udp', String(mux.port), ''],
      ['2', 'tcp', String(tcp.port), ' tcptype passive'],
    ],
  )
  const srflxUdp = 100 * 2 ** 24
  expect(Number(lines[1]![3])).toBeLessThan(srflxUdp)
  expect(registry.createOffer('camera1', 'camera-streamer').offerSdp).toMatch(/ tcp .* tcptype passive/)
})

test('a client connects whose answers to checks take six times as long as werift waits for them', async () => {
  const { camera, join } = await openViewers()
  camera.play()
  await goesOn(await join({ overTcp: true, checkDelayMs: 300 }))
})

test('a client that connects again goes on in the same session', async () => {
  const { camera, join } = await openViewers()
  camera.play()
  const joined = await join({ overTcp: true })
  await goesOn(joined)
  const { undecryptable } = joined.client // while its handshake ended
  for (const end of ['destroy', 'resetAndDestroy'] as const) {
    joined.client.frames!.socket[end]()
    await joined.client.frames!.closed
    await joined.client.checkPath()
    await goesOn(joined)
  }
  expect(joined.client.undecryptable).toBe(undecryptable)
})

test('a client whose UDP works later leaves TCP', async () => {
  const { registry, camera, join, mux } = await openViewers()
  camera.play()
  const joined = await join({ overTcp: true })
  await goesOn(joined)
  const { undecryptable } = joined.client
  joined.client.useUdp(mux.port)
  await joined.client.checkPath()
  await becomes(() => expect(registry.list.list()[0]!.transport).toBe('udp'))
  joined.client.frames!.socket.destroy()
  await goesOn(joined)
  expect(joined.client.undecryptable).toBe(undecryptable)
})

test('two clients of one address are told apart, and a stalled one keeps nothing from the other', async () => {
  const { camera, join } = await openViewers()
  camera.play()
  const [stalls, plays] = [await join({ overTcp: true }), await join({ overTcp: true })]
  await goesOn(stalls)
  stalls.client.frames!.pause()
  await goesOn(plays)
  stalls.client.frames!.resume()
  await goesOn(stalls)
})

test('a client that stalls for good loses its slot', async () => {
  const { camera, join, tcp } = await openViewers({
    timing: { silenceLimitMs: 500, absenceMs: 200, watchIntervalMs: 50 },
  })
  camera.play()
  const { client, viewer } = await join({ overTcp: true })
  client.frames!.pause()
  expect(await viewer.ended).toBe('silent')
  await becomes(() => expect(tcp.held).toEqual({ agents: 0, connections: 0 }))
})

test('credentials of one viewer give no other its packets', async () => {
  const { camera, join, admit, tcp } = await openViewers()
  camera.play()
  const watches = await join({ overTcp: true })
  const other = await admit({ overTcp: true })
  const connection = await other.client.openConnection()
  connection.send(other.client.check({ password: watches.client.server!.password }))
  await connection.closed
  watches.client.sendRaw(other.client.check())
  await becomes(() => expect(tcp.dropped.foreignCheck).toBe(1))
  await goesOn(watches)
})
