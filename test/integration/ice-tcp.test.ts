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
  expect(registry.list.list()[0]!.address).toBe('127.0.0.1')
  await joined.viewer.dismiss()
  await joined.client.frames!.closed
  await becomes(() => expect(tcp.held).toEqual({ agents: 0, connections: 0 }))
})
