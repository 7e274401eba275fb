import { expect, test } from 'vitest'
import { startProgram, until } from '../support/program.js'
import { watch } from '../support/watcher.js'

const tables =
  '[camera1]\ndevice = "test:ball"\nwidth = 320\nheight = 240\nfps = 15\nwebrtc-port = $PORT1\n[webrtc]\nudp-port = $UDP\n'

/** As after an installation without optional dependencies. */
const withoutLibraries = [
  ...(process.allowedNodeEnvironmentFlags.has('--experimental-ffi') ? ['--no-experimental-ffi'] : []),
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
