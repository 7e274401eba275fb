import { expect, test } from 'vitest'
import { seededRandom } from '../../support/viewer-random.js'
import { goesOn, openViewers, settled } from '../../support/viewer-server.js'

const APPLICATION_DATA = 23

test('authentic DTLS application data gets no reply, and the video continues', async () => {
  const { camera, errors, join } = await openViewers()
  camera.play()
  const joined = await join()
  await goesOn(joined)
  let replies = 0
  joined.client.dtls!.onData.subscribe(() => replies++)
  const next = seededRandom(7)
  const random = (below: number): number => Math.floor(next() * below)
  for (let i = 0; i < 1500; i++) {
    const plain = Buffer.from(Array.from({ length: random(60) }, () => random(256)))
    joined.client.sendRaw(joined.client.encryptedRecord(APPLICATION_DATA, plain))
    if (i % 100 === 0) await settled(joined.client)
  }
  await settled(joined.client)
  await goesOn(joined)
  expect(replies).toBe(0)
  expect(errors).toEqual([])
})
