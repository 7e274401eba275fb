import { EventEmitter } from 'node:events'
import { RtpHeader } from 'werift'
import { expect, test, vi } from 'vitest'
import { onBehalfOf } from './lib/behalf.js'
import { silentLog } from './log.js'
import { culpritOf, watchStrayErrors } from './stray-errors.js'

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
const inWerift = '    at Foo (file:///opt/rpi-webrtc/node_modules/werift/lib/index.mjs:1:2)\n'
const inOurs = '    at Bar (file:///opt/rpi-webrtc/dist/viewer/peer.js:1:2)\n'
const inNode = '    at Buffer.readUInt16BE (node:internal/buffer:1:2)\n'
const inOther = '    at Other (file:///opt/rpi-webrtc/node_modules/ws/lib/sender.js:1:2)\n'
const withFrames = (...frames: string[]): Error => withoutFrames({ stack: `Error: x\n${frames.join('')}` })

test.each([
  ['what our code threw', oursError, 'ours'],
  ['what werift threw', weriftError, 'werift'],
  ['what Node.js threw in werift, called by us', withFrames(inNode, inWerift, inOurs), 'werift'],
  ['what our listener threw, called by werift', withFrames(inNode, inOurs, inWerift), 'ours'],
  ['what another package threw, called by us', withFrames(inOther, inOurs), 'ours'],
  ['a connection that was reset', withoutFrames({ code: 'ECONNRESET', syscall: 'read' }), 'network'],
  ['a file that is not there', withoutFrames({ code: 'ENOENT', syscall: 'open' }), 'unknown'],
  ['a port that is taken', withoutFrames({ code: 'EADDRINUSE', syscall: 'bind' }), 'unknown'],
  ['something that is no error', 'text', 'unknown'],
  ['nothing', undefined, 'unknown'],
])('the culprit of %s is named', (_what, error, culprit) => expect(culpritOf(error)).toBe(culprit))

function watch() {
  const source = new EventEmitter()
  const stop = vi.fn()
  const error = vi.fn()
  const errors = watchStrayErrors(source, { log: { ...silentLog, error }, version: '9.9', stop })
  return { source, stop, error, errors }
}

test('an error of ours is reported with stack and version, and stops the program once', () => {
  vi.useFakeTimers()
  const { source, stop, error, errors } = watch()
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

test('what werift throws ends its viewer, and the program goes on', () => {
  const { source, stop } = watch()
  const fail = vi.fn()
  onBehalfOf(fail, () => source.emit('uncaughtException', weriftError))
  source.emit('uncaughtException', weriftError)
  expect(fail.mock.calls).toEqual([[weriftError]])
  expect(stop).not.toHaveBeenCalled()
})

test('an error of ours stops the program also where it was for a viewer', () => {
  vi.useFakeTimers()
  const { source, stop } = watch()
  const fail = vi.fn()
  onBehalfOf(fail, () => source.emit('uncaughtException', oursError))
  expect(fail).not.toHaveBeenCalled()
  expect(stop).toHaveBeenCalledOnce()
  vi.useRealTimers()
})

test('a dead connection stops nothing', () => {
  const { source, stop, error } = watch()
  source.emit('uncaughtException', withoutFrames({ code: 'EPIPE', syscall: 'write' }))
  expect(stop).not.toHaveBeenCalled()
  expect(error).not.toHaveBeenCalled()
})
