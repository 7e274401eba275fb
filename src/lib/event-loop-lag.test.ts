import { expect, test } from 'vitest'
import { watchEventLoop } from './event-loop-lag.js'

const turns = async (ms: number): Promise<void> => await new Promise((resolve) => setTimeout(resolve, ms))
function block(ms: number): void {
  const endMs = performance.now() + ms
  while (performance.now() < endMs);
}

test('a blocked loop is reported with its delay, and forgotten after two windows', async () => {
  using watch = watchEventLoop(400)
  await turns(120)
  block(300)
  await turns(120)
  expect(watch.lag().maxMs).toBeGreaterThan(200)
  expect(watch.lag().maxMs).toBeLessThan(1000)
  expect(watch.lag().medianMs).toBeLessThan(watch.lag().maxMs)
  await expect.poll(() => watch.lag().maxMs, { timeout: 5000 }).toBeLessThan(200)
})
