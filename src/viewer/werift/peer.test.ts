import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { RTCIceGatherer } from 'werift'
import { expect, onTestFinished, test, vi } from 'vitest'
import { CAMERA, goesOn, openViewers } from '../../../test/support/viewer-server.js'
import { ViewerClient } from '../../../test/support/viewer-client.js'
import { isBindingRequest } from '../../lib/stun.js'

/** What we use of the inside of werift's ICE agent, before anybody has changed it. */
const inside = Object.getPrototypeOf(new RTCIceGatherer({}).connection) as { schedulingChecks(): boolean }

test('the handshake starts with the nomination, not when werift next looks whether it is done', async () => {
  const schedulingChecks = vi.spyOn(inside, 'schedulingChecks')
  onTestFinished(() => schedulingChecks.mockRestore())
  schedulingChecks.mockReturnValue(true) // "not done", for ever; the client's own checks trigger ours
  const { camera, join } = await openViewers()
  camera.play()
  await goesOn(await join())
  expect(schedulingChecks).toHaveBeenCalled()
})

test.each([
  ['::', ['127.0.0.1', '::1']],
  ['127.0.0.1', ['127.0.0.1']],
  ['::1', ['::1']],
])('a mux on %s checks the candidates of its families: %s', async (bindIp, checked) => {
  const { registry } = await openViewers({ bindIp })
  const client = await ViewerClient.open()
  onTestFinished(async () => await client[Symbol.asyncDispose]())
  const received: string[] = []
  const lines: string[] = []
  const firstCheck = ['127.0.0.1', '::1'].map(async (address) => {
    const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4')
    onTestFinished(() => void socket.close())
    await once(socket.bind(0, address), 'listening')
    lines.push(`1 1 udp 1 ${address} ${socket.address().port} typ srflx raddr 0.0.0.0 rport 9`)
    const checks = once(socket, 'message').then(([check]) => {
      if (isBindingRequest(check as Buffer)) received.push(address)
    })
    return { address, checks }
  })
  const sockets = await Promise.all(firstCheck)
  const viewer = registry.admit(CAMERA, client.offer('vp8', lines), 'whep')
  await Promise.all(
    sockets.filter(({ address }) => checked.includes(address)).map(async ({ checks }) => await checks),
  )
  expect(received.sort()).toEqual(checked)
  await viewer.dismiss()
})
