import { expect, test, type Page } from '@playwright/test'
import { startProgram, type Program } from '../test/support/program.js'
import { canBlock, openBlockedNetwork, type BlockedNetwork } from './helpers/blocked-network.js'
import { expectState, received } from './helpers/tile.js'

test.skip(!canBlock, 'it needs root, to drop packets in a network namespace')

const tables =
  '[camera1]\ndevice = "test:smpte"\nwebrtc-port = $PORT1\n[video]\ncodec = "h264"\n[webrtc]\nudp-port = $UDP\n'

const start = async (network: BlockedNetwork): Promise<Program> =>
  await startProgram({ tables, bindIp: '0.0.0.0', through: network.enter })

const open = async (network: BlockedNetwork, program: Program, page: Page): Promise<void> => {
  await page.goto(`http://${network.address}:${program.webPort}/camera1/?stats=true`)
}

/** A browser that shows nothing over HTTP. */
async function withoutHttpVideo(page: Page): Promise<void> {
  await page.route('**/stream.mjpg', async (route) => await route.abort())
  await page.addInitScript(() => Object.assign(window, { MediaSource: undefined }))
}

const screenshots = process.env['SCREENSHOTS']
async function shoot(page: Page, name: string): Promise<void> {
  if (screenshots !== undefined) await page.screenshot({ path: `${screenshots}/${name}.png` })
}

/** The rule that drops packets, the cause in the log, and the sentence on the page. */
const blocks = [
  {
    what: 'all packets of the media port',
    rules: (port: number) => [
      `udp dport ${port}`,
      `tcp dport ${port}`,
      `udp sport ${port}`,
      `tcp sport ${port}`,
    ],
    cause: 'host-firewall',
    sentence: 'A firewall on the server probably blocks port',
  },
  {
    what: 'the replies of the server only',
    rules: (port: number) => [`udp sport ${port}`, `tcp sport ${port}`],
    cause: 'no-reply',
    sentence: "This browser's packets reach the server, but no reply gets back.",
  },
  {
    what: 'DTLS only',
    // The first byte behind the UDP header is the type of the record: 22 is a handshake.
    rules: (port: number) => [`udp dport ${port} @th,64,8 22`, `tcp dport ${port}`],
    cause: 'dtls-stopped',
    sentence: 'A path to the server exists, but the encrypted connection (DTLS) does not start.',
  },
  {
    what: 'large packets in both directions',
    // Handshakes pass, as do the last packets of frames.
    rules: (port: number) => [`udp sport ${port} udp length > 900`, `tcp dport ${port}`],
    cause: 'small-mtu',
    sentence: 'Small packets get through and large ones do not, as on a VPN with a small MTU.',
  },
]

for (const { what, rules, cause, sentence } of blocks) {
  test(`a network that drops ${what}: the cause over the video by HTTP, and without it`, async () => {
    await using network = await openBlockedNetwork()
    await using program = await start(network)
    for (const rule of rules(program.udpPort)) network.drop(rule)
    const page = await network.browser.newPage()
    await open(network, program, page)
    await expect(page.locator('.congestion')).toContainText(sentence, { timeout: 20_000 })
    await expect(page.locator('.congestion')).toContainText('over HTTP')
    await expectState(page, 'camera1', 'live')
    await expect(page.locator('[data-stat="path"]')).toHaveText('HTTP')
    await shoot(page, `${cause}-http`)
    await expect.poll(() => program.output(), { timeout: 30_000 }).toContain('viewer could not connect')
    expect(program.output()).toMatch(new RegExp(`viewer could not connect.*${cause}`, 's'))

    const other = await network.browser.newPage()
    await withoutHttpVideo(other)
    await open(network, program, other)
    await expect(other.locator('.detail')).toContainText(sentence, { timeout: 20_000 })
    await expect(other.locator('.hint')).not.toBeEmpty()
    await expect(other.locator('.headline')).toHaveText('No connection for video')
    await shoot(other, cause)
    const shape = await other
      .locator('camera-tile')
      .evaluate((tile) => (tile as HTMLElement & { ratio: number }).ratio)
    expect(shape).toBeCloseTo(640 / 480)

    network.unblock()
    await expect
      .poll(async () => (await received(other, 'camera1')).framesDecoded, { timeout: 30_000 })
      .toBeGreaterThan(10)
    await expectState(other, 'camera1', 'live')
    await expect(other.locator('.detail')).toBeEmpty()
    await expect(page.locator('.congestion')).toHaveText('', { timeout: 20_000 })
    await expect(page.locator('[data-stat="path"]')).toHaveText('direct')
    await expect(page.locator('[data-stat="roundTrip"]')).toHaveText(/\d ms/)
  })
}

test('a path that loses large packets, and therefore counts as slow, has video over HTTP', async () => {
  await using network = await openBlockedNetwork()
  await using program = await start(network)
  const block = blocks.find(({ cause }) => cause === 'small-mtu')!
  for (const rule of block.rules(program.udpPort)) network.drop(rule)
  const page = await network.browser.newPage()
  // The server says so itself, but sometimes after the page has begun to fall back.
  await page.routeWebSocket('**/ws', (socket) => {
    socket.connectToServer().onMessage((message) => {
      if (message.includes('"viewer"')) return
      socket.send(message)
      if (message.includes('"answer"')) socket.send('{"viewer":{"congested":true}}')
    })
  })
  await open(network, program, page)
  await expect(page.locator('.congestion')).toContainText(block.sentence, { timeout: 20_000 })
  await expect(page.locator('.congestion')).toContainText('over HTTP')
  await expectState(page, 'camera1', 'live')
})
