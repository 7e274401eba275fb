import { beforeEach, afterEach, expect, test, vi } from 'vitest'
import { KeyframeRequester } from './keyframe-requester.js'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

test('the first request goes out at once', () => {
  const ask = vi.fn()
  using keyframes = new KeyframeRequester(ask)
  keyframes.request()
  expect(ask).toHaveBeenCalledTimes(1)
})

test('a hundred requests in a burst become two: one now and one after the interval', () => {
  const ask = vi.fn()
  using keyframes = new KeyframeRequester(ask)
  for (let i = 0; i < 100; i++) keyframes.request()
  vi.advanceTimersByTime(5000)
  expect(ask).toHaveBeenCalledTimes(2)
})

test('unanswered requests every 10 ms are sent twice a second', () => {
  const ask = vi.fn()
  using keyframes = new KeyframeRequester(ask)
  for (let i = 0; i < 500; i++) {
    keyframes.request()
    vi.advanceTimersByTime(10)
  }
  expect(ask.mock.calls.length).toBeLessThanOrEqual(11)
  expect(ask.mock.calls.length).toBeGreaterThanOrEqual(9)
})

test('answered requests every 10 ms are sent once a second', () => {
  const ask = vi.fn(() => void setTimeout(() => keyframes.answered(), 50))
  const keyframes = new KeyframeRequester(ask)
  for (let i = 0; i < 500; i++) {
    keyframes.request()
    vi.advanceTimersByTime(10)
  }
  keyframes[Symbol.dispose]()
  expect(ask).toHaveBeenCalledTimes(6) // the last one at the very end
})

test('the time to a keyframe is counted from the first request, also if that was lost', () => {
  using keyframes = new KeyframeRequester(() => {})
  keyframes.answered() // a keyframe that nobody asked for
  keyframes.request()
  vi.advanceTimersByTime(40)
  keyframes.answered()
  keyframes.answered()
  vi.advanceTimersByTime(2000)
  keyframes.request()
  vi.advanceTimersByTime(400)
  keyframes.request()
  vi.advanceTimersByTime(200)
  keyframes.answered()
  expect(keyframes).toMatchObject({ requested: 3, answers: 2, answerSumMs: 640, lastAnswerMs: 600 })
})

test('a keyframe within the interval cancels the waiting request', () => {
  const ask = vi.fn()
  using keyframes = new KeyframeRequester(ask)
  keyframes.request()
  keyframes.request()
  keyframes.answered()
  vi.advanceTimersByTime(5000)
  expect(ask).toHaveBeenCalledTimes(1)
})

test('a lost request does not block the next one', () => {
  const ask = vi.fn()
  using keyframes = new KeyframeRequester(ask)
  keyframes.request()
  vi.advanceTimersByTime(600)
  keyframes.request()
  expect(ask).toHaveBeenCalledTimes(2)
})

test('after it is closed nothing is requested, and no timer starts', () => {
  const send = vi.fn()
  const requester = new KeyframeRequester(send)
  requester.request()
  requester[Symbol.dispose]()
  requester.request()
  requester.request()
  vi.advanceTimersByTime(5000)
  expect(send).toHaveBeenCalledTimes(1)
  expect(vi.getTimerCount()).toBe(0)
})
