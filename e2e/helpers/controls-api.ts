import type { Page } from '@playwright/test'
import type { FakeControlsApi } from '../../test/fakes/controls-api.js'

/** Answers the page's requests to the settings of a camera in place of its server. */
export async function serveControls(page: Page, camera: string, api: FakeControlsApi): Promise<void> {
  await page.route(`**/api/cameras/${camera}/controls{,/save}`, async (route) => {
    const request = route.request()
    const answer = await api.answer({
      method: request.method(),
      path: new URL(request.url()).pathname,
      body: request.postDataJSON() as unknown,
    })
    if (answer === undefined) await route.abort('connectionrefused')
    else await route.fulfill(answer)
  })
}
