import axe from 'axe-core'
import type { Page } from '@playwright/test'

/** The rules that are violated, with the first element of each. Fading controls are measured when they are shown. */
export async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axe.source)
  return await page.evaluate(async () => {
    await Promise.all(
      document
        .getAnimations()
        .map(async (it) => (it.effect?.getTiming().iterations === Infinity ? 0 : await it.finished)),
    )
    const { violations: found } = await (window as unknown as { axe: typeof axe }).axe.run(document)
    return found.map(({ id, nodes }) => `${id}: ${nodes[0]?.html.slice(0, 150)} ${nodes[0]?.failureSummary}`)
  })
}
