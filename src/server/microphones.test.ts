import { expect, test } from 'vitest'
import { ASOUND, soundFolders } from '../../test/fakes/sound-cards.js'
import { parseConfig } from '../config/parse.js'
import type { CameraConfig } from '../config/types.js'
import { createMicrophones } from './microphones.js'

const camerasOf = (...devices: string[]): CameraConfig[] =>
  parseConfig(
    devices
      .map((device, i) => `[camera${i + 1}]\ndevice = "test:ball"\naudio = { device = "${device}" }\n`)
      .join(''),
    'config.toml',
  ).cameras

async function chosenBy(...devices: string[]): Promise<unknown[]> {
  const cameras = camerasOf(...devices)
  const microphones = createMicrophones(() => cameras, await soundFolders(ASOUND.twins))
  return await Promise.all(cameras.map(async (camera) => await microphones.choose(camera)))
}

test('two cameras never choose one microphone, also at the same time', async () => {
  const chosen = (await chosenBy('auto', 'auto', 'auto')) as { device: string }[]
  expect(new Set(chosen.map(({ device }) => device)).size).toBe(3)
  expect(await chosenBy('auto', 'auto', 'auto', 'auto')).toContainEqual(
    expect.objectContaining({ cause: 'audio-no-device' }),
  )
})

test('a microphone that another camera names is not chosen, by whatever name', async () => {
  const [auto] = (await chosenBy('auto', 'hw:0', 'plughw:CARD=C920_1')) as { device: string }[]
  expect(auto!.device).toBe('hw:CARD=Headset')
})

test('a microphone of another camera is free when that has none any more', async () => {
  let cameras = camerasOf('auto', 'auto')
  const microphones = createMicrophones(() => cameras, await soundFolders(ASOUND.webcam))
  expect(await microphones.choose(cameras[0]!)).toEqual({ device: 'hw:CARD=C920' })
  expect(await microphones.choose(cameras[1]!)).toMatchObject({ cause: 'audio-no-device' })
  cameras = [{ ...cameras[0]!, audio: undefined }, cameras[1]!]
  expect(await microphones.choose(cameras[1]!)).toEqual({ device: 'hw:CARD=C920' })
})

test('a name is used as it is, unless no card has it', async () => {
  expect(await chosenBy('plughw:CARD=Headset')).toEqual([{ device: 'plughw:CARD=Headset' }])
  expect(await chosenBy('default')).toEqual([{ device: 'default' }])
  expect(await chosenBy('test')).toEqual([{ device: undefined }])
  const [missing] = await chosenBy('hw:CARD=Gone')
  expect(missing).toMatchObject({ cause: 'audio-no-device', message: 'There is no microphone hw:CARD=Gone.' })
  expect((missing as { hint: string }).hint).toContain('hw:CARD=C920, hw:CARD=C920_1, hw:CARD=Headset')
})
