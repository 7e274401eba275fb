import { join } from 'node:path'
import type { BrowserName } from './browse.js'
import { openLaboratory } from './lab.js'
import type { Network } from './networks.js'
import { awaitOutcome, isAsExpected, type ExpectedPath, type Outcome } from './outcome.js'

/** A line of the matrix: a network, or a change of the one before. */
export interface Row {
  name: string
  browser: BrowserName
  expected: ExpectedPath
  outcome?: Outcome
  /** Of the row before, if this one is a change. */
  before?: ExpectedPath
  /** What is wrong with it. */
  failure?: string
}

/** Watches in a network until its path is known, and again after its change. @param screenshots a folder for pictures without WebRTC */
export async function measure(network: Network, browser: BrowserName, screenshots?: string): Promise<Row[]> {
  const { name, path, changes = [] } = network
  const rows: Row[] = [{ name, browser, expected: path }]
  try {
    await using laboratory = await openLaboratory(network, browser)
    const { page } = laboratory
    const finish = async (outcome: Outcome): Promise<void> => {
      const row = rows.at(-1)!
      judge(row, outcome)
      if (screenshots !== undefined && (outcome.path === 'HTTP' || outcome.path === 'none'))
        await page.screenshot(join(screenshots, `${row.name.replaceAll(/\W+/g, '-')}.png`))
    }
    await finish(await awaitOutcome(page))
    for (const change of changes) {
      rows.push({
        name: `… then ${change.name}`,
        browser,
        expected: change.path,
        before: rows.at(-1)!.expected,
      })
      const { nowMs, attempts } = await page.read()
      await change.apply(laboratory)
      await finish(await awaitOutcome(page, nowMs, attempts))
    }
  } catch (error) {
    rows.at(-1)!.failure = error instanceof Error ? error.message : String(error)
  }
  return rows
}

function judge(row: Row, outcome: Outcome): void {
  row.outcome = outcome
  const { path, sentence } = outcome
  if (!isAsExpected(path, row.expected)) row.failure = `the video came over ${path}, not over ${row.expected}`
  else if ((path === 'HTTP' || path === 'none') && sentence === '') row.failure = 'the page does not say why'
}
