import { expect, test, type Page } from '@playwright/test'
import { readFile, writeFile } from 'node:fs/promises'
import { childrenOf, commandLineOf, startProgram, type Program } from '../test/support/program.js'
import { expectPicture, expectState, received } from './helpers/tile.js'

const tables = (audio: string): string => `
[camera1]
device = "test:smpte"
webrtc-port = $PORT1
${audio}
[camera2]
device = "test:smpte"
webrtc-port = $PORT2
[webrtc]
udp-port = $UDP
`
const TEST_SOUND = 'audio = { device = "test" }'

/** W3C webrtc-stats, RTCInboundRtpStreamStats of kind audio. */
interface Heard {
  packetsReceived: number
  bytesReceived: number
  packetsLost: number
  totalAudioEnergy: number
  totalSamplesReceived: number
  concealedSamples: number
  silentConcealedSamples: number
  codec: string
}

type Tile = HTMLElement & { peerConnection: RTCPeerConnection | null }

async function heard(page: Page, camera: string): Promise<Heard | undefined> {
  return await page.evaluate(async (key) => {
    const tile = document.querySelector<Tile>(`[data-camera="${key}"]`)
    const stats = await tile?.peerConnection?.getStats()
    const all = [...(stats?.values() ?? [])] as Record<string, unknown>[]
    const inbound = all.find((entry) => entry['type'] === 'inbound-rtp' && entry['kind'] === 'audio')
    if (inbound === undefined) return undefined
    const codec = all.find((entry) => entry['id'] === inbound['codecId'])
    const number = (name: string): number => Number(inbound[name] ?? 0)
    return {
      packetsReceived: number('packetsReceived'),
      bytesReceived: number('bytesReceived'),
      packetsLost: number('packetsLost'),
      totalAudioEnergy: number('totalAudioEnergy'),
      totalSamplesReceived: number('totalSamplesReceived'),
      concealedSamples: number('concealedSamples'),
      silentConcealedSamples: number('silentConcealedSamples'),
      codec: String(codec?.['mimeType']),
    }
  }, camera)
}

const tracksOf = async (page: Page, camera: string): Promise<{ kinds: string[]; muted: boolean }> =>
  await page.evaluate((key) => {
    const video = document.querySelector<HTMLVideoElement>(`[data-camera="${key}"] video`)!
    const { srcObject, muted } = video
    const tracks = srcObject instanceof MediaStream ? srcObject.getTracks() : []
    return { kinds: tracks.map(({ kind }) => kind).sort(), muted }
  }, camera)

async function audioPid(program: Program): Promise<number | undefined> {
  for (const pid of await childrenOf(program.pid))
    if ((await commandLineOf(pid)).includes('audiotestsrc')) return pid
  return undefined
}

test('a camera with sound is heard with its picture, and one without plays as before', async ({ page }) => {
  await using program = await startProgram({ tables: tables(TEST_SOUND) })
  await page.goto(program.url)
  for (const camera of ['camera1', 'camera2']) await expectPicture(page, camera)
  expect(await tracksOf(page, 'camera1')).toEqual({ kinds: ['audio', 'video'], muted: true })
  expect(await tracksOf(page, 'camera2')).toEqual({ kinds: ['video'], muted: true })
  // Sound that is muted has no energy, and a browser unmutes nothing before a click.
  await page.locator('#site').click()
  await page.evaluate(
    () => (document.querySelector<HTMLVideoElement>('[data-camera="camera1"] video')!.muted = false),
  )
  // Two seconds of sound have two tones.
  await expect
    .poll(async () => (await heard(page, 'camera1'))?.totalAudioEnergy ?? 0, { timeout: 30_000 })
    .toBeGreaterThan(0.01)
  const sound = (await heard(page, 'camera1'))!
  expect(sound.codec).toBe('audio/opus')
  expect(sound.packetsLost).toBe(0)
  await expect.poll(async () => (await heard(page, 'camera1'))!.bytesReceived).toBeGreaterThan(2000)
  expect(await heard(page, 'camera2')).toBeUndefined()
})

test('once it plays, little of the sound is made up', async ({ page }) => {
  await using program = await startProgram({ tables: tables(TEST_SOUND) })
  await page.goto(`${program.url}/camera1/`)
  await expectPicture(page, 'camera1')
  await expect.poll(async () => (await heard(page, 'camera1'))?.packetsReceived ?? 0).toBeGreaterThan(100)
  const before = (await heard(page, 'camera1'))!
  await expect
    .poll(async () => (await heard(page, 'camera1'))!.packetsReceived, { timeout: 30_000 })
    .toBeGreaterThan(before.packetsReceived + 250)
  const after = (await heard(page, 'camera1'))!
  const concealed = after.concealedSamples - before.concealedSamples
  expect(concealed / (after.totalSamplesReceived - before.totalSamplesReceived)).toBeLessThan(0.05)
})

test('the picture plays on while the process that records is killed, and the sound returns', async ({
  page,
}) => {
  await using program = await startProgram({ tables: tables(TEST_SOUND) })
  await page.goto(`${program.url}/camera1/`)
  await expectPicture(page, 'camera1')
  await expect.poll(async () => (await heard(page, 'camera1'))?.packetsReceived ?? 0).toBeGreaterThan(50)
  const before = await received(page, 'camera1')
  const packets = (await heard(page, 'camera1'))!.packetsReceived
  process.kill((await audioPid(program))!, 'SIGKILL')
  await expect
    .poll(async () => (await heard(page, 'camera1'))!.packetsReceived, { timeout: 30_000 })
    .toBeGreaterThan(packets + 100)
  const after = await received(page, 'camera1')
  expect(after.framesDecoded).toBeGreaterThan(before.framesDecoded + 30)
  expect(after.packetsLost).toBe(before.packetsLost)
  await expectState(page, 'camera1', 'live')
  expect((await program.health()).cameras['camera1']).toMatchObject({ restarts: 0 })
})

test('a page whose sound is on says when none arrives, and the picture plays on', async ({ page }) => {
  await using program = await startProgram({ tables: tables(TEST_SOUND) })
  await page.goto(`${program.url}/camera1/`)
  await expectPicture(page, 'camera1')
  await page.locator('[data-camera="camera1"]').focus()
  await page.keyboard.press('u')
  await expect(page.locator('.sound')).toHaveAttribute('aria-pressed', 'true')
  await expect.poll(async () => (await heard(page, 'camera1'))?.packetsReceived ?? 0).toBeGreaterThan(50)
  const notice = page.locator('.congestion')
  await expect(notice).toHaveText('')
  // As if the microphone was unplugged.
  const toml = await readFile(program.configPath, 'utf8')
  await writeFile(program.configPath, toml.replace(TEST_SOUND, 'audio = { device = "hw:CARD=Unplugged" }'))
  await expect(notice).toHaveText('No sound arrives from the camera', { timeout: 20_000 })
  const { framesDecoded } = await received(page, 'camera1')
  await expect
    .poll(async () => (await received(page, 'camera1')).framesDecoded)
    .toBeGreaterThan(framesDecoded + 30)
  await expectState(page, 'camera1', 'live')
  await writeFile(program.configPath, toml)
  await expect(notice).toHaveText('', { timeout: 20_000 })
})

test('an open page gets the sound that is added in the file', async ({ page }) => {
  await using program = await startProgram({ tables: tables('') })
  await page.goto(`${program.url}/camera1/`)
  await expectPicture(page, 'camera1')
  expect(await tracksOf(page, 'camera1')).toEqual({ kinds: ['video'], muted: true })
  const video = await program.capturePid(1)
  const toml = await readFile(program.configPath, 'utf8')
  await writeFile(program.configPath, toml.replace('[camera1]', `[camera1]\n${TEST_SOUND}`))
  await expect
    .poll(async () => (await heard(page, 'camera1'))?.packetsReceived ?? 0, { timeout: 30_000 })
    .toBeGreaterThan(50)
  expect((await tracksOf(page, 'camera1')).kinds).toEqual(['audio', 'video'])
  await expectPicture(page, 'camera1')
  expect(await program.capturePid(1)).toBe(video)
})
