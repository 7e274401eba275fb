import { describe, expect, test } from 'vitest'
import { exampleSystem, type SystemFacts } from '../../test/fakes/system.js'
import type { Microphone } from '../camera/devices/microphones.js'
import { microphoneNotes } from './microphone-notes.js'
import type { Holder } from './processes.js'
import { checkSound, type SoundCamera, type SoundContext } from './sound.js'

const C920: Microphone = {
  device: 'hw:CARD=C920',
  card: 'C920',
  name: 'HD Pro Webcam C920',
  node: '/dev/snd/pcmC1D0c',
  kind: 'usb',
  usbDevice: '/sys/1-1.2',
}
const HAT: Microphone = {
  device: 'hw:CARD=hat',
  card: 'hat',
  name: 'hat',
  node: '/dev/snd/pcmC2D0c',
  kind: 'other',
}
const ELEMENTS = ['alsasrc', 'audiotestsrc', 'audioconvert', 'audioresample', 'opusenc', 'rtpopuspay']
const NODES = { [C920.node]: '', [HAT.node]: '' }

const camera = (device?: string, about: Partial<SoundCamera> = {}): SoundCamera => ({
  key: 'camera1',
  device: { kind: 'libcamera', name: 'imx708' },
  ...(device !== undefined && { audio: { device } }),
  ...about,
})
const held = (holders: Record<string, Holder>): SoundContext['processes'] => ({
  holdersOf: async (targets) => await Promise.resolve(targets.flatMap((target) => holders[target] ?? [])),
})
const check = async (
  subject: SoundCamera,
  about: Partial<SoundContext> & { facts?: SystemFacts; without?: string[] } = {},
) => {
  const { facts = { files: NODES }, without = [], ...context } = about
  return await checkSound(subject, {
    cameras: [subject],
    microphones: [C920, HAT],
    machine: { elements: new Set(ELEMENTS.filter((name) => !without.includes(name))) },
    system: exampleSystem(facts),
    processes: held({}),
    usbOf: async (path) => await Promise.resolve(path === '/dev/video0' ? '/sys/1-1.2' : undefined),
    ...context,
  })
}

test('a camera without sound has no finding', async () => expect(await check(camera())).toEqual([]))

test.each([
  ['hw:CARD=C920', 'HD Pro Webcam C920 (hw:CARD=C920)'],
  ['auto', 'HD Pro Webcam C920 (hw:CARD=C920)'],
  ['test', 'test tone'],
])('%s is fine', async (device, detail) =>
  expect(await check(camera(device))).toEqual([
    { id: 'audio-device', status: 'ok', title: 'camera1 sound', detail },
  ]),
)

test('auto avoids the microphone in another camera, and the one that another camera has', async () => {
  const usb = camera(undefined, { key: 'camera2', device: { kind: 'v4l2', path: '/dev/video0' } })
  const module = camera('auto')
  expect(await check(module, { cameras: [module, usb] })).toMatchObject([{ detail: 'hat (hw:CARD=hat)' }])
  const other = camera('hw:CARD=hat', { key: 'camera3' })
  expect(await check(module, { cameras: [module, usb, other] })).toMatchObject([
    { detail: 'HD Pro Webcam C920 (hw:CARD=C920)' },
  ])
})

test('two cameras with auto have two microphones', async () => {
  const [one, other] = [camera('auto'), camera('auto', { key: 'camera2' })]
  const cameras = [one, other]
  expect(await check(one, { cameras })).toMatchObject([{ detail: 'HD Pro Webcam C920 (hw:CARD=C920)' }])
  expect(await check(other, { cameras })).toMatchObject([{ detail: 'hat (hw:CARD=hat)' }])
})

test('a name that only ALSA knows is not called wrong', async () =>
  expect(await check(camera('dsnoop:CARD=C920'))).toMatchObject([
    { status: 'ok', detail: 'dsnoop:CARD=C920, a name that only ALSA knows, so it was not checked' },
  ]))

describe('a warning with what to do', () => {
  test('for a device that does not exist', async () =>
    expect(await check(camera('hw:CARD=Mic'))).toMatchObject([
      {
        id: 'audio-device',
        status: 'warning',
        detail: 'hw:CARD=Mic does not exist',
        hint: expect.stringContaining('"hw:CARD=C920", "hw:CARD=hat"') as string,
      },
    ]))

  test.each(['auto', 'hw:CARD=C920'])('for %s on a machine without a microphone', async (device) =>
    expect(await check(camera(device), { microphones: [] })).toMatchObject([
      { status: 'warning', hint: expect.stringMatching(/^Plug /) as string },
    ]),
  )

  test('for a microphone that this user may not open', async () => {
    const facts = {
      files: { '/proc/self/status': 'Uid:\t1\t1\t1\t1\n', '/etc/passwd': 'pi:x:1:1::/:/bin/sh\n' },
      closed: [C920.node],
    }
    expect(await check(camera('auto'), { facts })).toMatchObject([
      { id: 'audio-access', hint: 'sudo usermod -aG audio pi, then log out and in again' },
    ])
  })

  test('for a container that has not got the device', async () =>
    expect(await check(camera('auto'), { facts: {} })).toMatchObject([
      { id: 'audio-access', hint: 'In a container, pass --device /dev/snd --group-add audio' },
    ]))

  test('for a microphone that another program has, but not for our own', async () => {
    const by = async (isOurs: boolean) =>
      await check(camera('auto'), {
        processes: held({ [C920.node]: { pid: 70, name: 'arecord', isOurs } }),
      })
    expect(await by(false)).toContainEqual({
      id: 'audio-busy',
      status: 'warning',
      title: 'camera1 sound',
      detail: 'hw:CARD=C920 is in use by arecord (process 70), and one program can use it at a time',
      hint: 'Stop it: kill 70',
    })
    expect((await by(true)).map(({ status }) => status)).toEqual(['ok', 'ok'])
  })

  test('for elements that are not installed, with their packages', async () => {
    expect(await check(camera('auto'), { without: ['alsasrc', 'rtpopuspay'] })).toContainEqual({
      id: 'audio-plugins',
      status: 'warning',
      title: 'camera1 sound',
      detail: 'missing: alsasrc, rtpopuspay',
      hint: 'sudo apt install gstreamer1.0-alsa gstreamer1.0-plugins-good',
    })
    expect(await check(camera('test'), { without: ['alsasrc'] })).toHaveLength(1)
  })

  test('for a service that is older than the sound', async () => {
    const checksOf = async (unit: string) =>
      await check(camera('auto'), {
        facts: {
          files: {
            ...NODES,
            '/etc/systemd/system/rpi-webrtc.service': unit,
            '/etc/passwd': 'rpi-webrtc:x:999:998::/:/bin/false\n',
            '/etc/group': 'audio:x:29:\n',
          },
        },
      })
    const user = '[Service]\nUser=rpi-webrtc\n'
    expect(await checksOf(`${user}DevicePolicy=closed\nDeviceAllow=char-81 rw\n`)).toMatchObject([
      { id: 'audio-device' },
      { id: 'audio-access', hint: expect.stringContaining('usermod -aG audio rpi-webrtc') as string },
      { id: 'audio-access', hint: expect.stringContaining('DeviceAllow=char-116 rw') as string },
    ])
    const now = `${user}SupplementaryGroups=video render audio\nDevicePolicy=closed\nDeviceAllow=char-116 rw\n`
    expect(await checksOf(now)).toHaveLength(1)
  })
})

test('the list of microphones says which are closed or in use', async () => {
  const system = exampleSystem({ files: NODES, closed: [HAT.node] })
  const holder = { [C920.node]: { pid: 70, name: 'arecord', isOurs: false } }
  expect(await microphoneNotes([C920, HAT], held(holder), system)).toEqual([
    'hw:CARD=C920 is in use by arecord (process 70). To use it here, stop that program: kill 70.',
    'This user may not open /dev/snd/pcmC2D0c (hw:CARD=hat). sudo usermod -aG audio "$USER", then log out and in again.',
  ])
  const ours = { [C920.node]: { pid: 7, name: 'rpi-webrtc', isOurs: true } }
  expect(await microphoneNotes([C920], held(ours), system)).toEqual([
    'hw:CARD=C920 is in use by the running rpi-webrtc.',
  ])
})
