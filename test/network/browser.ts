import { readFile } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { chromium } from '@playwright/test'
import { openFirefox, type Page } from '../interop/firefox.js'
import { chromiumOptions } from '../support/chromium.js'

/**
 * browser.ts BROWSER URL: opens a page of Chromium or Firefox with page/probe.js in it, and prints a line when it is there. Evaluates each line of stdin, a
 * JavaScript expression, and prints its value or its error as JSON. A line `screenshot PATH` writes a picture of the page. Ends with stdin.
 */
const [browser, url] = process.argv.slice(2) as ['Chromium' | 'Firefox', string]
const probe = await readFile(fileURLToPath(new URL('page/probe.js', import.meta.url)), 'utf8')

interface ShownPage extends Page {
  screenshot?(path: string): Promise<unknown>
}

async function openChromium(): Promise<ShownPage> {
  const opened = await chromium.launch(chromiumOptions)
  const page = await opened.newPage({ viewport: { width: 800, height: 600 } })
  await page.addInitScript(probe)
  await page.goto(url, { waitUntil: 'commit' })
  return {
    evaluate: async (expression) => await page.evaluate(expression),
    screenshot: async (path) => await page.screenshot({ path }),
    [Symbol.asyncDispose]: async () => await opened.close(),
  }
}

await using page: ShownPage =
  browser === 'Firefox' ? await openFirefox(url, { preload: probe }) : await openChromium()
console.log('ready')
for await (const line of createInterface({ input: process.stdin })) {
  try {
    const path = /^screenshot (.*)/.exec(line)?.[1]
    const value = path === undefined ? await page.evaluate(line) : await page.screenshot?.(path)
    console.log(JSON.stringify({ value: path === undefined ? value : null }))
  } catch (error) {
    console.log(JSON.stringify({ error: String(error) }))
  }
}
