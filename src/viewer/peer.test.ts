import { RTCIceGatherer } from 'werift'
import { expect, onTestFinished, test, vi } from 'vitest'
import { goesOn, openViewers } from '../../test/helpers/viewer-server.js'
import { prepareWerift } from './peer.js'

/** What we use of the inside of werift's ICE agent, before anybody has changed it. */
const inside = Object.getPrototypeOf(new RTCIceGatherer({}).connection) as { schedulingChecks(): boolean }

test('werift has the inside that we build on, and one certificate for the whole process', async () => {
  const fingerprint = await prepareWerift()
  expect(fingerprint).toMatch(/^([0-9A-F]{2}:){31}[0-9A-F]{2}$/i)
  expect(await prepareWerift()).toBe(fingerprint)
})

test('a werift with another inside is refused at the start', async () => {
  const checkComplete = Object.getOwnPropertyDescriptor(inside, 'checkComplete')!
  onTestFinished(() => void Object.defineProperty(inside, 'checkComplete', checkComplete))
  Object.defineProperty(inside, 'checkComplete', { ...checkComplete, value: undefined })
  await expect(prepareWerift()).rejects.toThrow('this version of werift is not the one')
})

test('the handshake starts with the nomination, not when werift next looks whether it is done', async () => {
  const schedulingChecks = vi.spyOn(inside, 'schedulingChecks')
  onTestFinished(() => schedulingChecks.mockRestore())
  schedulingChecks.mockReturnValue(true) // "not done", for ever; the client's own checks trigger ours
  const { camera, join } = await openViewers()
  camera.play()
  await goesOn(await join())
  expect(schedulingChecks).toHaveBeenCalled()
})
