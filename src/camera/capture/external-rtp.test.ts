import { createSocket } from 'node:dgram'
import { expect, onTestFinished, test, vi } from 'vitest'
import { openPacketWatch } from '../../../test/fakes/packet-watch.js'
import { silentLog } from '../../log.js'
import { watchExternal } from './external-rtp.js'
import type { CameraStatus } from './status.js'

async function watch(timing = { silenceMs: 100, sampleMs: 10, firstPacketMs: 5000 }) {
  const packets = await openPacketWatch()
  const sender = createSocket('udp4')
  onTestFinished(() => void sender.close())
  const camera = watchExternal({ port: packets.port, packets, log: silentLog, timing })
  onTestFinished(async () => await camera[Symbol.asyncDispose]())
  const reach = async (state: CameraStatus['state']) =>
    await vi.waitFor(() => expect(camera.status().state).toBe(state), { timeout: 5000, interval: 5 })
  return { camera, reach, port: packets.port, send: () => sender.send('packet', packets.port, '127.0.0.1') }
}

test('an external camera is live, lost and live again with its packets', async () => {
  const { camera, reach, send, port } = await watch()
  expect(camera.status()).toEqual({ state: 'starting', restarts: 0, restartsByCause: {} })
  expect(camera.restart()).toBe(false)
  send()
  await reach('live')
  await reach('lost')
  expect(camera.status()).toMatchObject({
    cause: 'no-packets',
    message: `No RTP packets arrive on port ${port}.`,
  })
  send()
  await reach('live')
  expect(camera.pid).toBeUndefined()
})

test('an external camera without packets is lost', async () => {
  const { reach } = await watch({ silenceMs: 100, sampleMs: 10, firstPacketMs: 30 })
  await reach('lost')
})
