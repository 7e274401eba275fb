import { EventEmitter } from 'node:events'
import { fileURLToPath } from 'node:url'
import { RtpHeader } from 'werift'
import { describe, expect, test, vi } from 'vitest'
import { runWithErrorHandler } from '../lib/error-context.js'
import { silentLog } from '../log.js'
import { culpritOf, handleUncaughtErrors } from './uncaught-errors.js'

function thrownBy(work: () => unknown): Error {
  try {
    work()
  } catch (error) {
    return error as Error
  }
  throw new Error('nothing was thrown')
}

const oursError = thrownBy(() => (undefined as unknown as { missing: () => void }).missing())
const weriftError = thrownBy(() => RtpHeader.deSerialize(undefined as unknown as Buffer))
const withoutFrames = (about: object = {}): Error =>
  Object.assign(new Error('read'), { stack: 'Error: read' }, about)
const packageRoot = new URL('../..', import.meta.url)
const frame = (path: string): string => `    at Foo.bar [as baz] (file://${path}:1:2)\n`
const inNode = '    at Buffer.readUInt16BE (node:internal/buffer:1:2)\n'
const inNoFile = '    at new Promise (<anonymous>)\n'
const withFrames = (...frames: string[]): Error => withoutFrames({ stack: `Error: x\n${frames.join('')}` })

test.each([
  ['our code', oursError, 'ours'],
  ['werift', weriftError, 'werift'],
  ['a reset connection', withoutFrames({ code: 'ECONNRESET', syscall: 'read' }), 'network'],
  ['a missing file', withoutFrames({ code: 'ENOENT', syscall: 'open' }), 'unknown'],
  ['an occupied port', withoutFrames({ code: 'EADDRINUSE', syscall: 'bind' }), 'unknown'],
  ['a thrown string', 'text', 'unknown'],
  ['undefined', undefined, 'unknown'],
])('an error of %s is attributed', (_what, error, culprit) =>
  expect(culpritOf(error, fileURLToPath(packageRoot))).toBe(culprit),
)

/** The folder of our package, and the `node_modules` with its dependencies. */
describe.each([
  ['a clone', '/opt/rpi-webrtc', '/opt/rpi-webrtc/node_modules'],
  [
    'a global installation',
    '/usr/lib/node_modules/rpi-webrtc',
    '/usr/lib/node_modules/rpi-webrtc/node_modules',
  ],
  ['the npx cache', '/home/a/.npm/_npx/1f/node_modules/rpi-webrtc', '/home/a/.npm/_npx/1f/node_modules'],
  [
    'a pnpm store',
    '/srv/node_modules/.pnpm/rpi-webrtc@1.0.0/node_modules/rpi-webrtc',
    '/srv/node_modules/.pnpm/werift@0.24.4/node_modules',
  ],
  ['a clone whose node_modules is a link', '/home/a/rpi-webrtc', '/srv/deps/node_modules'],
  [
    'a folder with spaces and brackets',
    '/home/a/cam (old)/rpi-webrtc',
    '/home/a/cam (old)/rpi-webrtc/node_modules',
  ],
])('in %s', (_where, root, packages) => {
  const url = (path: string): string => encodeURI(path)
  const ours = frame(url(`${root}/dist/viewer/peer.js`))
  const werift = frame(url(`${packages}/werift/lib/index.mjs`))
  const other = `    at Other (${packages}/ws/lib/sender.js:1:2)\n`

  test.each([
    ['our own code', [inNode, ours, werift], 'ours'],
    ['our code after an await', [`    at async file://${url(root)}/dist/main.js:1:2\n`], 'ours'],
    ['werift, which we called', [inNode, inNoFile, werift, ours], 'werift'],
    ['another package, which we called', [other, ours], 'ours'],
    ['another package, which werift called', [other, werift, ours], 'werift'],
    ['another program', [frame('/elsewhere/dist/main.js')], 'unknown'],
    ['a folder with a similar name', [frame(url(`${root}-old/dist/main.js`))], 'unknown'],
  ] as const)('an error thrown by %s is attributed', (_what, frames, culprit) =>
    expect(culpritOf(withFrames(...frames), `${root}/`)).toBe(culprit),
  )
})

function setUp() {
  const source = new EventEmitter()
  const stop = vi.fn()
  const error = vi.fn()
  const errors = handleUncaughtErrors(source, {
    log: { ...silentLog, error },
    version: '9.9',
    packageRoot,
    stop,
  })
  return { source, stop, error, errors }
}

test('an error of ours is reported with stack and version, and stops the program once', () => {
  vi.useFakeTimers()
  const { source, stop, error, errors } = setUp()
  expect(errors.exitCode).toBe(0)
  source.emit('uncaughtException', oursError)
  source.emit('unhandledRejection', oursError)
  expect(stop).toHaveBeenCalledOnce()
  expect(errors.exitCode).toBe(1)
  expect(error).toHaveBeenCalledTimes(2)
  expect(error).toHaveBeenCalledWith(expect.stringContaining('please report'), {
    version: '9.9',
    error: oursError.stack,
  })
  expect(() => vi.advanceTimersByTime(5000)).toThrow(oursError)
  expect(source.listenerCount('uncaughtException')).toBe(0)
  vi.useRealTimers()
})

test('an error of werift ends its viewer, and the program continues', () => {
  const { source, stop } = setUp()
  const fail = vi.fn()
  runWithErrorHandler(fail, () => source.emit('uncaughtException', weriftError))
  source.emit('uncaughtException', weriftError)
  expect(fail.mock.calls).toEqual([[weriftError]])
  expect(stop).not.toHaveBeenCalled()
})

test('an error of ours stops the program even in the context of a viewer', () => {
  vi.useFakeTimers()
  const { source, stop } = setUp()
  const fail = vi.fn()
  runWithErrorHandler(fail, () => source.emit('uncaughtException', oursError))
  expect(fail).not.toHaveBeenCalled()
  expect(stop).toHaveBeenCalledOnce()
  vi.useRealTimers()
})

test('a failed connection stops nothing', () => {
  const { source, stop, error } = setUp()
  source.emit('uncaughtException', withoutFrames({ code: 'EPIPE', syscall: 'write' }))
  expect(stop).not.toHaveBeenCalled()
  expect(error).not.toHaveBeenCalled()
})
