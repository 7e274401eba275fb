import { expect, test } from 'vitest'
import { exampleSystem, fails, type SystemFacts } from '../../test/fakes/system.js'
import type { Check } from './check.js'
import { checkMachine, assessMemory } from './host.js'

const MEMINFO = (availableKb: number): string =>
  `MemTotal:         437788 kB\nMemFree:           30004 kB\nMemAvailable:   ${availableKb} kB\nBuffers:  1 kB\n`

const check = async (facts: SystemFacts, about: Partial<Parameters<typeof checkMachine>[1]> = {}) =>
  await checkMachine(exampleSystem(facts), {
    model: undefined,
    cores: 4,
    nodeVersion: '20.19.2',
    ...about,
  })
const find = (checks: Check[], id: string): Check | undefined => checks.find((c) => c.id === id)

test('the machine is named', async () => {
  expect(find(await check({}), 'machine')?.detail).toBe('not a Raspberry Pi, 4 cores')
  const model = 'Raspberry Pi Zero W Rev 1.1'
  expect(find(await check({}, { model, cores: 1 }), 'machine')?.detail).toBe(`${model}, 1 core`)
})

test('an old Node.js is a problem', async () => {
  expect(find(await check({}, { nodeVersion: '18.20.4' }), 'node')).toMatchObject({ status: 'problem' })
  expect(find(await check({}, { nodeVersion: '24.1.0' }), 'node')).toMatchObject({ status: 'ok' })
})

test('the encryption is named, with the costs that decided', async () => {
  expect(find(await check({}), 'srtp')).toEqual({
    id: 'srtp',
    status: 'ok',
    title: 'encryption',
    detail: 'AES-CM, AES by OpenSSL (keystream of a packet: 0.5 us by OpenSSL, 2.3 us by WebAssembly)',
  })
  const srtpChoice = async () =>
    await Promise.resolve({ implementation: 'openssl', aes: 'openssl', profiles: [7, 1] } as const)
  expect(find(await check({ about: { srtpChoice } }), 'srtp')?.detail).toBe(
    'AES-GCM, AES by OpenSSL, one packet at a time: this CPU has no WebAssembly SIMD',
  )
})

test('the way of UDP packets is named, with the reason for the slower one', async () => {
  expect(find(await check({}), 'udp')?.detail).toBe('several per system call, through koffi')
  const unusable = { 'node:ffi': 'No such built-in module', koffi: 'the self-test failed' }
  const udpLibrary = async () => await Promise.resolve({ via: undefined, unusable })
  expect(find(await check({ about: { udpLibrary } }), 'udp')).toEqual({
    id: 'udp',
    status: 'ok',
    title: 'UDP packets',
    detail:
      'one system call for each, which costs more CPU time (node:ffi: No such built-in module; koffi: the self-test failed)',
  })
})

test('little memory is a warning', () => {
  expect(assessMemory(MEMINFO(61_440))).toMatchObject([
    { id: 'memory', status: 'warning', detail: 'only 60 MB available' },
  ])
  expect(assessMemory(MEMINFO(1_000_000))).toMatchObject([{ status: 'ok' }])
  expect(assessMemory(undefined)).toEqual([])
})

test('a full disk is a warning, also if the folder of the registry does not exist yet', async () => {
  const about = { env: { HOME: '/home/pi' }, freeBytes: async (folder: string) => await full(folder) }
  const full = async (folder: string) => await Promise.resolve(folder === '/home/pi' ? 2_100_000 : undefined)
  expect(find(await check({ about, folders: { '/home/pi': [] } }), 'disk')).toMatchObject({
    status: 'warning',
    detail: '2 MB free at /home/pi',
  })
})

test('a registry folder that is not writable is a warning', async () => {
  const facts = {
    about: { env: { GST_REGISTRY: '/var/cache/rpi-webrtc/registry.bin' } },
    folders: { '/var/cache/rpi-webrtc': [] },
    closed: ['/var/cache/rpi-webrtc'],
  }
  expect(find(await check(facts), 'disk')).toMatchObject({
    status: 'warning',
    detail: 'GStreamer may not write to /var/cache/rpi-webrtc',
  })
})

test('a clock that is not synchronised is a warning', async () => {
  const asked = 'timedatectl show --property=NTP --property=NTPSynchronized'
  const clock = async (said: string) => find(await check({ commands: { [asked]: said } }), 'clock')
  expect(await clock('NTP=yes\nNTPSynchronized=yes\n')).toMatchObject({
    status: 'ok',
    detail: '2026-06-15, synchronised',
  })
  expect(await clock('NTP=no\nNTPSynchronized=no\n')).toMatchObject({
    status: 'warning',
    hint: 'sudo timedatectl set-ntp true',
  })
  expect((await clock('NTP=yes\nNTPSynchronized=no\n'))?.hint).toContain('systemctl status systemd-timesyncd')
  const container = { [asked]: fails('System has not been booted with systemd as init system (PID 1).') }
  expect(find(await check({ commands: container }), 'clock')).toBeUndefined()
})

test('the voltage is checked on a Raspberry Pi only', async () => {
  const facts = { commands: { 'vcgencmd get_throttled': 'throttled=0x50005\n' } }
  expect(find(await check(facts), 'under-voltage')).toBeUndefined()
  const model = 'Raspberry Pi 3 Model B Plus Rev 1.3'
  expect(find(await check(facts, { model }), 'under-voltage')).toMatchObject({ status: 'warning' })
})
