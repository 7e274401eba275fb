import { RTCIceGatherer } from 'werift'
import { expect, onTestFinished, test, vi } from 'vitest'
import { goesOn, openViewers } from '../../../test/support/viewer-server.js'

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
