import { execFileSync } from 'node:child_process'
import { parseArgs } from 'node:util'
import { table } from './matrix-table.js'
import { measure, type Row } from './measure.js'
import { NETWORKS } from './networks.js'

/**
 * Prints what a viewer gets in each network, as a Markdown table. Needs root.
 *
 *   npm run network-lab -- [--only REGEXP] [--list] [--screenshots FOLDER]
 *
 * Exits with 1 if the video came on another path than expected.
 */
const { values } = parseArgs({
  options: { only: { type: 'string' }, list: { type: 'boolean' }, screenshots: { type: 'string' } },
})
const only = new RegExp(values.only ?? '', 'i')
const chosen = NETWORKS.flatMap((network) =>
  (network.browsers ?? (['Chromium'] as const)).map((browser) => ({ network, browser })),
).filter(({ network, browser }) => only.test(`${network.name}, ${browser}`))

const versionOf = (program: string): string =>
  execFileSync(program, ['--version'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim()

if (values.list === true)
  for (const { network, browser } of chosen) console.log(`${network.name}, ${browser}`)
else if (process.getuid?.() !== 0) {
  console.error('The network laboratory creates network namespaces and needs root: sudo npm run network-lab')
  process.exitCode = 1
} else {
  const rows: Row[] = []
  for (const { network, browser } of chosen) {
    const row = await measure(network, browser, values.screenshots)
    rows.push(...row)
    for (const { failure } of row) if (failure !== undefined) process.exitCode = 1
    console.error(table(row, { head: false }))
  }
  const versions = ['chromium', 'firefox-esr'].map(versionOf).join(', ')
  console.log(`${new Date().toISOString().slice(0, 10)}, ${versions}, Node.js ${process.version}\n`)
  console.log(table(rows))
}
