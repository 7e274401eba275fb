import { expect, test } from '@playwright/test'
import { startProgram } from '../test/support/program.js'
import { violations } from './helpers/axe.js'
import { twoTestCameras } from './helpers/cameras.js'
import { expectState } from './helpers/tile.js'

test('what all cameras have in common is said once, and can be closed', async ({ page }) => {
  const program = await startProgram({ tables: twoTestCameras('vp8') })
  try {
    await page.goto(program.url)
    for (const camera of ['camera1', 'camera2']) await expectState(page, camera, 'live')
    const banner = page.locator('#common-problem')
    await expect(banner).toBeHidden()
    await program[Symbol.asyncDispose]()
    for (const camera of ['camera1', 'camera2']) await expectState(page, camera, 'reconnecting')
    await expect(banner.getByRole('status')).toHaveText('The connection to the server was lost')
    for (const camera of ['camera1', 'camera2']) {
      await expect(page.locator(`[data-camera="${camera}"] .headline`)).toBeVisible()
      await expect(page.locator(`[data-camera="${camera}"] .detail`)).toBeHidden()
    }
    expect(await violations(page)).toEqual([])
    await page.screenshot({ path: 'test-results/page-common-problem.png' })
    await banner.getByRole('button', { name: 'Close' }).click()
    await expect(banner).toBeHidden()
  } finally {
    await program[Symbol.asyncDispose]()
  }
})
