import { expect, test } from 'vitest'
import { ASOUND, soundFolders } from '../../../test/fakes/sound-cards.js'
import { formatMicrophones, microphoneJson } from './microphone-text.js'
import { listMicrophones } from './microphones.js'

test('each microphone has a line to paste', async () => {
  const microphones = await listMicrophones(await soundFolders(ASOUND.webcam))
  expect(formatMicrophones(microphones)).toBe(
    '# HD Pro Webcam C920 (USB microphone), for [cameraN.audio]\ndevice = "hw:CARD=C920"\n',
  )
  expect(formatMicrophones(microphones, ['It is in use.'])).toContain('\nIt is in use.\n')
})

test('a loopback card is not taken for a microphone', async () =>
  expect(formatMicrophones(await listMicrophones(await soundFolders(ASOUND.loopback)))).toContain(
    '(loopback: what another program plays)',
  ))

test('a machine without a microphone says so', () =>
  expect(formatMicrophones([])).toBe('No microphone found.\n'))

test('the JSON has snake case', async () => {
  const folders = await soundFolders(ASOUND.webcam, { 'sound/card1': '1-1.2/1-1.2:1.2' })
  expect((await listMicrophones(folders)).map(microphoneJson)).toEqual([
    {
      device: 'hw:CARD=C920',
      card: 'C920',
      name: 'HD Pro Webcam C920',
      node: '/dev/snd/pcmC1D0c',
      kind: 'usb',
      usb_device: `${folders.root}/devices/1-1.2`,
    },
  ])
})
