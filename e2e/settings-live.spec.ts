import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from '@playwright/test'
import { withStandIns } from '../test/fakes/examples.js'
import { startProgram } from '../test/support/program.js'
import { choose } from './helpers/menu.js'
import { expectState, meanColours } from './helpers/tile.js'

const MODULE = '/base/soc/i2c0mux/i2c@1/imx708@1a'

test('a slider changes the pixels of a camera module, other viewers stay, and saving adds lines to the file', async ({
  page,
  context,
}, info) => {
  const folder = await mkdtemp(join(tmpdir(), 'settings-'))
  await using program = await startProgram({
    tables: `[camera1]\n# A comment that stays.\ndevice = "${MODULE}"\nwidth = 320\nheight = 240\nfps = 15\nwebrtc-port = $PORT1\n[webrtc]\nudp-port = $UDP\n`,
    env: withStandIns({ STANDIN_CAMERAS: MODULE }, join(folder, 'registry.bin')),
  })
  const other = await context.newPage()
  await other.goto(`${program.url}/camera1/`)
  await expectState(other, 'camera1', 'live')
  await page.goto(program.url)
  await expectState(page, 'camera1', 'live')
  const viewers = async (): Promise<number[]> => {
    const answer = (await (await fetch(`${program.url}/api/viewers`)).json()) as { viewers: { id: number }[] }
    return answer.viewers.map(({ id }) => id)
  }
  const watching = await viewers()
  expect(watching).toHaveLength(2)
  const written = await readFile(program.configPath, 'utf8')
  const grey = async (of: typeof page): Promise<number> =>
    (await meanColours(of, 'camera1', [{ x: 0.3, y: 0.4, width: 0.3, height: 0.2 }]))[0]![0]
  const before = await grey(page)

  await choose(page, 'camera1', 'Camera settings')
  const panel = page.getByRole('dialog')
  const slider = panel.getByRole('slider', { name: 'Brightness' })
  await slider.focus()
  const startedMs = performance.now()
  await slider.press('End')
  await expect.poll(async () => await grey(page), { intervals: [20] }).toBeGreaterThan(before + 30)
  const tookMs = Math.round(performance.now() - startedMs)
  info.annotations.push({ type: 'slider to pixels', description: `${tookMs} ms` })
  console.log(`slider to pixels: ${tookMs} ms`)
  await expect.poll(async () => await grey(other)).toBeGreaterThan(before + 30)
  expect(await viewers()).toEqual(watching)
  await page.screenshot({ path: 'test-results/settings-live.png' })

  await panel.getByRole('button', { name: 'Save' }).click()
  await expect(panel.getByRole('status')).toContainText('Saved in')
  const saved = await readFile(program.configPath, 'utf8')
  const lines = written.split('\n')
  expect(saved.split('\n').filter((line) => !lines.includes(line))).toEqual([
    '[camera1.controls]',
    'brightness = 1',
  ])
  expect(saved.split('\n').filter((line) => lines.includes(line))).toEqual(expect.arrayContaining(lines))
  await rm(folder, { recursive: true, force: true })
})
