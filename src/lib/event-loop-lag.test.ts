import { expect, test } from 'vitest'
import { watchEventLoop } from './event-loop-lag.js'

const turns = async (ms: number): Promise<void> => await new Promise((resolve) => setTimeout(resolve, ms))
function block(ms: number): void {
  const endMs = performance.now() + ms
  while (performance.now() < endMs);
}

test('the lag covers a blocked event loop, and drops once the window is over', async () => {
  using watch = watchEventLoop(1000)
  await turns(120)
  block(300)
  await turns(120)
  const { medianMs, maxMs } = watch.lag()
  expect(maxMs).toBeGreaterThan(200)
  expect(medianMs).toBeLessThanOrEqual(maxMs)
  await expect.poll(() => watch.lag().maxMs).toBeLessThan(maxMs)
})
