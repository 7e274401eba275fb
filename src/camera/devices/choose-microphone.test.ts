import { describe, expect, test } from 'vitest'
import { ASOUND, soundFolders, type SoundFolders } from '../../../test/fakes/sound-cards.js'
import { autoMicrophone, chooseMicrophone, findMicrophone, microphonesOf } from './choose-microphone.js'
import type { FoundCamera } from './found-camera.js'
import { listMicrophones, type Microphone } from './microphones.js'

const TWINS_USB = {
  'sound/card0': '1-1.2/1-1.2:1.2',
  'sound/card1': '1-1.3/1-1.3:1.2',
  'sound/card2': '1-1.4/1-1.4:1.0',
  'video4linux/video0': '1-1.2/1-1.2:1.0',
  'video4linux/video2': '1-1.3/1-1.3:1.0',
}
const twins = async (): Promise<SoundFolders> => await soundFolders(ASOUND.twins, TWINS_USB)

const auto = async (
  folders: SoundFolders,
  path?: string,
  others: string[] = [],
  taken: string[] = [],
  isAuto = false,
) => {
  const cameras = others.map((other) => ({ path: other, isAuto }))
  return (await autoMicrophone(path, cameras, new Set(taken), folders))?.device
}

describe('auto is', () => {
  test("the camera's own microphone", async () => {
    const folders = await twins()
    expect(await auto(folders, '/dev/video0', ['/dev/video2'])).toBe('hw:CARD=C920')
    expect(await auto(folders, '/dev/video2', ['/dev/video0'])).toBe('hw:CARD=C920_1')
  })

  test('for a camera without one, a USB microphone that is in no camera', async () =>
    expect(await auto(await twins(), undefined, ['/dev/video0', '/dev/video2'])).toBe('hw:CARD=Headset'))

  test('for a lone camera module, the first USB microphone', async () =>
    expect(await auto(await soundFolders(ASOUND.webcam))).toBe('hw:CARD=C920'))

  test('a HAT, if there is no USB microphone', async () =>
    expect(await auto(await soundFolders(ASOUND.hat))).toBe('hw:CARD=sndrpigooglevoi'))

  test('the microphone in another camera, if there is nothing else', async () =>
    expect(await auto(await twins(), undefined, ['/dev/video0', '/dev/video2'], ['hw:CARD=Headset'])).toBe(
      'hw:CARD=C920',
    ))

  test('none in a camera that is to find a microphone too: that one keeps its own', async () =>
    expect(
      await auto(await twins(), undefined, ['/dev/video0', '/dev/video2'], ['hw:CARD=Headset'], true),
    ).toBeUndefined())

  test('none that another camera of the configuration uses', async () =>
    expect(await auto(await twins(), '/dev/video0', [], ['hw:CARD=C920', 'hw:CARD=C920_1'])).toBe(
      'hw:CARD=Headset',
    ))

  test.each(['none', 'hdmiOnly', 'loopback'] as const)('nothing on a machine with %s', async (machine) =>
    expect(await auto(await soundFolders(ASOUND[machine]))).toBeUndefined(),
  )
})

test('a HAT comes before the microphone in another camera', () => {
  const [inCamera, hat]: Microphone[] = [
    {
      device: 'hw:CARD=C920',
      card: 'C920',
      name: 'C920',
      node: '/dev/snd/pcmC0D0c',
      kind: 'usb',
      usbDevice: '/1-1',
    },
    { device: 'hw:CARD=hat', card: 'hat', name: 'hat', node: '/dev/snd/pcmC1D0c', kind: 'other' },
  ] as const
  expect(chooseMicrophone([inCamera, hat], { cameraDevices: ['/1-1'] })).toBe(hat)
  expect(chooseMicrophone([inCamera, hat])).toBe(inCamera)
})

test.each([
  ['hw:CARD=C920', 'C920'],
  ['hw:C920', 'C920'],
  ['plughw:CARD=C920,DEV=0', 'C920'],
  ['hw:1,0', 'C920_1'],
  ['hw:CARD=C920,DEV=1', undefined],
  ['hw:CARD=Nothing', undefined],
  ['default', undefined],
  ['', undefined],
])('%s names %s', async (device, card) =>
  expect(findMicrophone(await listMicrophones(await twins()), device)?.card).toBe(card),
)

test('cameras never share a suggestion, and one that has its own keeps it', async () => {
  const folders = await twins()
  const cameras: FoundCamera[] = [
    { kind: 'libcamera', device: '/base/a', name: 'imx708' },
    { kind: 'v4l2', device: '/dev/video0', name: 'C920', node: '/dev/video0' },
    { kind: 'libcamera', device: '/base/b', name: 'imx708' },
    { kind: 'v4l2', device: '/dev/video2', name: 'C920', node: '/dev/video2' },
  ]
  const chosen = await microphonesOf(cameras, await listMicrophones(folders), folders.video)
  expect(chosen.map((one) => one?.device)).toEqual([
    'hw:CARD=Headset',
    'hw:CARD=C920',
    undefined,
    'hw:CARD=C920_1',
  ])
})
