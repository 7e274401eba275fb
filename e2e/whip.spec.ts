import { expect, test, type Page } from '@playwright/test'
import { startProgram } from '../test/support/program.js'
import { violations } from './helpers/axe.js'
import { expectColours, expectState, meanColours, received } from './helpers/tile.js'

/** A browser publishes what it draws, and another page plays it. */
const TOKEN = 'a-token-of-the-camera'

/** Publishes a canvas, left half red and right half blue, with a square that moves so that every frame is another. */
async function publishCanvas(
  page: Page,
  token: string,
): Promise<{ status: number; location: string | null }> {
  return await page.evaluate(async (bearer) => {
    const canvas = document.createElement('canvas')
    canvas.width = 320
    canvas.height = 240
    const context = canvas.getContext('2d')!
    let frame = 0
    setInterval(() => {
      context.fillStyle = '#f00'
      context.fillRect(0, 0, 160, 240)
      context.fillStyle = '#00f'
      context.fillRect(160, 0, 160, 240)
      context.fillStyle = '#0f0'
      context.fillRect((frame++ * 4) % 300, 200, 20, 20)
    }, 33)
    const connection = new RTCPeerConnection()
    const [track] = canvas.captureStream(30).getVideoTracks()
    connection.addTransceiver(track!, { direction: 'sendonly' })
    // Most publishers offer sound as well.
    connection.addTransceiver('audio', { direction: 'sendonly' })
    Object.assign(window, { publisher: connection })
    await connection.setLocalDescription()
    const response = await fetch('camera1/whip', {
      method: 'POST',
      headers: { 'content-type': 'application/sdp', authorization: `Bearer ${bearer}` },
      body: connection.localDescription!.sdp,
    })
    const answer = await response.text()
    if (response.status === 201) await connection.setRemoteDescription({ type: 'answer', sdp: answer })
    return { status: response.status, location: response.headers.get('location') }
  }, token)
}

const left = { x: 0.1, y: 0.1, width: 0.3, height: 0.5 }
const right = { x: 0.6, y: 0.1, width: 0.3, height: 0.5 }

test('a page publishes its canvas, and another page plays it, also after the publisher was loaded again', async ({
  page,
  context,
}) => {
  await using program = await startProgram({
    tables: `[camera1]\ndevice = "whip"\nwhip-token = "${TOKEN}"\nwebrtc-port = $PORT1\n[webrtc]\nudp-port = $UDP\n`,
  })
  await page.goto(program.url)
  await expectState(page, 'camera1', 'lost')
  await expect(page.getByText('Nobody publishes to /camera1/whip.').first()).toBeVisible()

  const publisher = await context.newPage()
  await publisher.goto(program.url)
  expect((await publishCanvas(publisher, 'wrong-wrong-wrong')).status).toBe(401)
  const { status, location } = await publishCanvas(publisher, TOKEN)
  expect(status).toBe(201)
  expect(location).toContain('camera1/whip/')
  await page.bringToFront()
  await expectState(page, 'camera1', 'live')
  await expect
    .poll(async () => (await received(page, 'camera1')).framesDecoded, { timeout: 40_000 })
    .toBeGreaterThan(60)
  expectColours(await meanColours(page, 'camera1', [left, right]), [
    [255, 0, 0],
    [0, 0, 255],
  ])

  await publisher.reload()
  await expect
    .poll(async () => (await publishCanvas(publisher, TOKEN)).status, { timeout: 40_000, intervals: [500] })
    .toBe(201)
  const before = (await received(page, 'camera1')).framesDecoded
  await expect
    .poll(async () => (await received(page, 'camera1')).framesDecoded, { timeout: 40_000 })
    .toBeGreaterThan(before + 60)
})

test('the owner sees who publishes, and ends it', async ({ page, context }) => {
  await using program = await startProgram({
    tables: `[camera1]\ndevice = "whip"\nwhip-token = "${TOKEN}"\nwebrtc-port = $PORT1\n[webrtc]\nudp-port = $UDP\n`,
  })
  const publisher = await context.newPage()
  await publisher.goto(program.url)
  expect((await publishCanvas(publisher, TOKEN)).status).toBe(201)
  await page.bringToFront()
  await page.goto(`${program.url}/owner#viewers`)
  await expect(page.getByRole('heading', { name: 'Publishing now' })).toBeVisible({ timeout: 20_000 })
  const end = page.getByRole('button', { name: /^End the publication of 127\.0\.0\.1 to camera1/ })
  await expect(page.locator('#viewers-section')).toContainText(/camera1 · \d+ s · udp · \d+\.\d Mbit\/s/, {
    timeout: 20_000,
  })
  expect(await violations(page)).toEqual([])
  await end.click()
  await expect(page.getByText('The publication has ended.')).toBeVisible()
  await expect(end).toHaveCount(0)
  await expect
    .poll(async () => (await program.health()).cameras['camera1']!.state, { timeout: 20_000 })
    .toBe('lost')
})
