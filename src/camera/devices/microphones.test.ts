import { expect, test } from 'vitest'
import { ASOUND, soundFolders } from '../../../test/fakes/sound-cards.js'
import { listMicrophones } from './microphones.js'

const WEBCAM_USB = { 'sound/card1': '1-1.2/1-1.2:1.2' }

test('the microphone of a webcam has the name to write and the USB device of its camera', async () => {
  const folders = await soundFolders(ASOUND.webcam, WEBCAM_USB)
  expect(await listMicrophones(folders)).toEqual([
    {
      device: 'hw:CARD=C920',
      card: 'C920',
      name: 'HD Pro Webcam C920',
      node: '/dev/snd/pcmC1D0c',
      kind: 'usb',
      usbDevice: `${folders.root}/devices/1-1.2`,
    },
  ])
})

test('a HAT has a microphone, and HDMI has none', async () =>
  expect(await listMicrophones(await soundFolders(ASOUND.hat))).toEqual([
    {
      device: 'hw:CARD=sndrpigooglevoi',
      card: 'sndrpigooglevoi',
      name: 'snd_rpi_googlevoicehat_soundcar',
      node: '/dev/snd/pcmC1D0c',
      kind: 'other',
    },
  ]))

test.each(['none', 'hdmiOnly'] as const)('a machine with %s has no microphone', async (machine) =>
  expect(await listMicrophones(await soundFolders(ASOUND[machine]))).toEqual([]),
)

test('each device of a card is listed, and a loopback card is named as such', async () =>
  expect(await listMicrophones(await soundFolders(ASOUND.loopback))).toMatchObject([
    { device: 'hw:CARD=Loopback', kind: 'loopback', name: 'Loopback' },
    { device: 'hw:CARD=Loopback,DEV=1', kind: 'loopback', name: 'Loopback: Loopback PCM' },
  ]))

test('a machine without ALSA has no microphone', async () => {
  const { root } = await soundFolders(undefined)
  expect(await listMicrophones({ proc: `${root}/no`, sys: `${root}/no` })).toEqual([])
})

test('in a container, which hides /proc/asound, sysfs has the cards', async () => {
  const folders = await soundFolders(undefined, WEBCAM_USB, {
    'class/sound/card0/id': 'vc4hdmi0\n',
    'class/sound/card1/id': 'C920\n',
    'class/sound/pcmC0D0p/pcm_class': 'generic\n',
    'class/sound/pcmC1D0c/pcm_class': 'generic\n',
    'class/sound/pcmC2D0c/pcm_class': 'generic\n',
    'devices/1-1.2/product': 'HD Pro Webcam C920\n',
  })
  expect(await listMicrophones(folders)).toEqual([
    expect.objectContaining({ device: 'hw:CARD=C920', name: 'HD Pro Webcam C920', kind: 'usb' }),
  ])
})
