import { expect, test } from 'vitest'
import { startProgram, until } from '../support/program.js'
import { watch } from '../support/watcher.js'

const tables =
  '[camera1]\ndevice = "test:ball"\nwidth = 320\nheight = 240\nfps = 15\nwebrtc-port = $PORT1\n[webrtc]\nudp-port = $UDP\n'

const noNodeFfi = process.allowedNodeEnvironmentFlags.has('--experimental-ffi')
  ? ['--no-experimental-ffi']
  : []

/** koffi whose sendmmsg, after the self-test, has a fault in two of three calls. */
const withFault = (fault: string): string[] => [
  ...noNodeFfi,
  '--import',
  `data:text/javascript,${encodeURIComponent(`
    import Module from 'node:module'
    const EAGAIN = 11
    const load = Module._load
    Module._load = (name, ...about) => {
      const koffi = load(name, ...about)
      if (name !== 'koffi') return koffi
      let calls = 0
      let errno = 0
      const faulty = (sendmmsg) => (fd, messages, count, flags) => {
        errno = 0
        if (++calls < 10 || calls % 3 === 0) return sendmmsg(fd, messages, count, flags)
        if ('${fault}' === 'short') return sendmmsg(fd, messages, Math.ceil(count / 2), flags)
        errno = EAGAIN
        return -1
      }
      const func = (libc, prototype) =>
        prototype.includes('sendmmsg') ? faulty(libc.func(prototype)) : libc.func(prototype)
      return {
        load: (...path) => { const libc = koffi.load(...path); return { func: (prototype) => func(libc, prototype) } },
        errno: () => errno || koffi.errno(),
      }
    }`)}`,
]

/** As after an installation without optional dependencies. */
const withoutLibraries = [
  ...noNodeFfi,
  '--import',
  `data:text/javascript,${encodeURIComponent(`
    import Module from 'node:module'
    const resolve = Module._resolveFilename
    Module._resolveFilename = (name, ...about) => {
      if (name === 'koffi') throw new Error("Cannot find module 'koffi'")
      return resolve(name, ...about)
    }`)}`,
]

test.each([
  [
    'several packets per system call',
    [],
    /INFO.*UDP: several packets per system call, through (?:node:ffi|koffi)/,
  ],
  [
    'one system call per packet, without the libraries',
    withoutLibraries,
    /INFO.*UDP: one system call per packet.*Cannot find module/,
  ],
])('with %s, a viewer gets frames that it can decrypt', async (_, nodeFlags, line) => {
  await using program = await startProgram({ tables, args: ['--test-mode'], nodeFlags })
  expect(program.output()).toMatch(line)
  await using viewer = await watch(program.url, 'camera1')
  await until(() => viewer.seen().frames >= 30, 20_000)
  expect(viewer.seen().backward).toBe(0)
})

test.each(['short', 'EAGAIN'])('with a sendmmsg that returns %s, no viewer lacks a packet', async (fault) => {
  await using program = await startProgram({ tables, args: ['--test-mode'], nodeFlags: withFault(fault) })
  expect(program.output()).toMatch(/INFO.*UDP: several packets per system call, through koffi/)
  await using one = await watch(program.url, 'camera1')
  await using other = await watch(program.url, 'camera1')
  for (const viewer of [one, other]) {
    await until(() => viewer.seen().frames >= 45, 20_000)
    expect(viewer.seen()).toMatchObject({ missing: 0, backward: 0 })
  }
})
