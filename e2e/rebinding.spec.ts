import { hostname } from 'node:os'
import { chromium, expect, test } from '@playwright/test'
import { chromiumOptions } from '../test/support/chromium.js'
import { startProgram } from '../test/support/program.js'
import { expectState, received } from './helpers/tile.js'

const camera = '[camera1]\ndevice = "test:smpte"\nwebrtc-port = $PORT1\n[webrtc]\nudp-port = $UDP\n'
const REBOUND = 'evil.example'

/** Every name resolves to this machine, as an attacker's name server would answer. */
const rebinding = {
  ...chromiumOptions,
  args: [...chromiumOptions.args, '--host-resolver-rules=MAP * 127.0.0.1'],
}

/** What the current page can get from its own origin, and from a camera's port. */
const accessible = async (otherPort: number): Promise<Record<string, string>> => {
  const statusOf = async (path: string, method = 'GET'): Promise<string> =>
    await fetch(path, { method, ...(method === 'POST' && { body: 'v=0' }) }).then(
      async (response) => `${response.status} ${(await response.text()).slice(0, 28)}`,
      String,
    )
  const socketTo = async (url: string): Promise<string> =>
    await new Promise((resolve) => {
      const socket = new WebSocket(url)
      socket.addEventListener('open', () => resolve('open'))
      socket.addEventListener('error', () => resolve('refused'))
    })
  return {
    config: await statusOf('/api/config'),
    viewers: await statusOf('/api/viewers'),
    restart: await statusOf('/api/cameras/camera1/restart', 'POST'),
    whep: await statusOf('/camera1/whep', 'POST'),
    snapshot: await statusOf('/camera1/snapshot.jpg'),
    health: await statusOf('/health'),
    socket: await socketTo(`ws://${location.host}/camera1/ws`),
    ownPort: await socketTo(`ws://${location.hostname}:${otherPort}/`),
  }
}

test('a page under a rebound name gets nothing but an error that names the key to set', async () => {
  await using program = await startProgram({ tables: `allow-origins = []\n${camera}` })
  const browser = await chromium.launch(rebinding)
  try {
    // The attacker's own page has no policy as that of the error has.
    const page = await browser.newPage({ bypassCSP: true })
    const response = await page.goto(`http://${REBOUND}:${program.webPort}/`)
    expect(response?.status()).toBe(421)
    await expect(page.locator('body')).toContainText(
      `write names = ["${REBOUND}"] under [server] in its configuration (server.names), or set username and password there`,
    )
    await page.screenshot({ path: 'test-results/rebound.png' })
    const refused = '421 {"error":"unknown-host-name"'.slice(0, 32)
    expect(await page.evaluate(accessible, program.webrtcPorts[0]!)).toEqual({
      config: refused,
      viewers: refused,
      restart: refused,
      whep: refused,
      snapshot: refused,
      health: refused,
      socket: 'refused',
      ownPort: 'refused',
    })
    expect((await program.health()).cameras['camera1']!.restarts).toBe(0)
  } finally {
    await browser.close()
  }
})

test("the page plays under this machine's own names and under one from the configuration", async () => {
  await using program = await startProgram({ tables: `names = ["cams.example"]\n${camera}` })
  const browser = await chromium.launch(rebinding)
  try {
    for (const name of ['127.0.0.1', 'localhost', hostname(), `${hostname()}.local`, 'cams.example']) {
      const page = await browser.newPage()
      await page.goto(`http://${name}:${program.webPort}/camera1/`)
      await expectState(page, 'camera1', 'live')
      await expect.poll(async () => (await received(page, 'camera1')).framesDecoded).toBeGreaterThan(20)
      await page.close()
    }
  } finally {
    await browser.close()
  }
})
