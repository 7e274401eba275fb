import { expect, test } from 'vitest'
import { startProgram, until } from '../support/program.js'
import { openFirefox } from './firefox.js'

test('Firefox shows the form instead of a dialog, and plays what was opened', async () => {
  await using program = await startProgram({
    tables:
      'username = "anna"\npassword = "correct horse"\n[camera1]\ndevice = "test:smpte"\nwebrtc-port = $PORT1\n[webrtc]\nudp-port = $UDP\n',
  })
  const address = `${program.url}/camera1/?stats=true`
  await using page = await openFirefox(address)
  expect(await page.evaluate('document.querySelector("h1").textContent')).toBe('Sign in')
  await page.evaluate(`(() => {
    document.querySelector('[name=username]').value = 'anna'
    document.querySelector('[name=password]').value = 'correct horse'
    setTimeout(() => document.querySelector('[type=submit]').click())
    return true
  })()`)
  const seconds = 'document.querySelector("video")?.currentTime ?? 0'
  // While the page is loaded there is nothing to evaluate in.
  await until(async () => Number(await page.evaluate(seconds).catch(() => 0)) > 1, 30_000)
  expect(await page.evaluate('location.href')).toBe(address)
}, 90_000)
