import { expect, test } from '@playwright/test'
import { childrenOf, startProgram } from '../test/support/program.js'
import { twoTestCameras } from './helpers/cameras.js'
import { expectState } from './helpers/tile.js'

const cameras = ['camera1', 'camera2']

test('cameras on demand start with the page, never appear as lost, and stop when it is closed', async ({
  page,
}) => {
  const onDemand = 'on-demand = true\non-demand-close-after = 1'
  await using program = await startProgram({ tables: twoTestCameras('vp8', onDemand) })
  expect(await childrenOf(program.pid)).toEqual([])
  await page.addInitScript(() => {
    const seen = new Set<string>()
    Object.assign(window, { seenStates: seen })
    document.addEventListener(
      'state',
      ({ target }) => seen.add((target as HTMLElement).dataset['state'] ?? ''),
      true,
    )
  })
  const openedMs = performance.now()
  await page.goto(program.url)
  for (const camera of cameras) await expectState(page, camera, 'live', 5000)
  console.log('both live after', Math.round(performance.now() - openedMs), 'ms')
  expect(await childrenOf(program.pid)).toHaveLength(2)
  const seen = await page.evaluate(() => [...(window as unknown as { seenStates: Set<string> }).seenStates])
  expect(seen).not.toContain('lost')
  expect(seen).not.toContain('reconnecting')
  await page.close()
  await expect.poll(async () => await childrenOf(program.pid), { timeout: 5000 }).toEqual([])
  expect((await program.health()).status).toBe('ok')
})
