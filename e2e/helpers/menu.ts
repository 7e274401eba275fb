import type { Locator, Page } from '@playwright/test'

/** Shows the controls of a tile, as a pointer does that moves over it. */
export async function showControls(page: Page, camera: string): Promise<Locator> {
  const tile = page.locator(`[data-camera="${camera}"]`)
  const { x, y, width, height } = (await tile.boundingBox())!
  await page.mouse.move(x + width / 2, y + height / 2)
  await page.mouse.move(x + width / 2 + 2, y + height / 2 + 2)
  return tile
}

/** Chooses an item of a tile's menu. @param name its text without the key */
export async function choose(page: Page, camera: string, name: string): Promise<void> {
  const tile = await showControls(page, camera)
  await tile.getByRole('button', { name: /^More for/ }).click()
  await tile.locator('.menu').locator('[role^="menuitem"]', { hasText: name }).click()
}
