import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { keepKeyframesComing } from './keyframe-interval.js'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

function openSource() {
  const source = {
    lastKeyframe: undefined as number | undefined,
    age: 0,
    requests: 0,
    requestKeyframe: () => {
      source.requests++
    },
    fanout: {
      history: {
        get lastKeyframe() {
          return source.lastKeyframe
        },
        get: () => (source.lastKeyframe === undefined ? undefined : ({} as never)),
        ageMs: () => source.age,
      },
    },
  }
  return source
}

test('a keyframe is requested when there is none, or the last one is nearly two seconds old', () => {
  const source = openSource()
  using keyframes = keepKeyframesComing(source)
  vi.advanceTimersByTime(1000)
  expect(source.requests).toBe(0)
  keyframes.start()
  vi.advanceTimersByTime(250)
  expect(source.requests).toBe(1)
  source.lastKeyframe = 1
  source.age = 1700
  vi.advanceTimersByTime(1000)
  expect(source.requests).toBe(1)
  source.age = 1800
  vi.advanceTimersByTime(250)
  expect(source.requests).toBe(2)
})

test('nothing is requested after the end', () => {
  const source = openSource()
  const keyframes = keepKeyframesComing(source)
  keyframes.start()
  keyframes[Symbol.dispose]()
  vi.advanceTimersByTime(5000)
  expect(source.requests).toBe(0)
  expect(vi.getTimerCount()).toBe(0)
})
