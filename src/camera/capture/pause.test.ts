import { expect, test } from 'vitest'
import { Pause } from './pause.js'

const why = { cause: 'full-size-snapshot', message: 'm', hint: 'h' }

function opened() {
  const closing = new AbortController()
  let restarts = 0
  const pause = new Pause(closing.signal, () => restarts++)
  return { closing, pause, restarts: () => restarts }
}

test('a task ends the running process, then runs once, before the next one', async () => {
  const { pause, restarts } = opened()
  let runs = 0
  const asked = pause.request(
    why,
    async () => {
      runs++
      await Promise.resolve()
    },
    new AbortController().signal,
  )
  expect([restarts(), pause.why?.cause, runs]).toEqual([1, 'full-size-snapshot', 0])
  await pause.run()
  expect(await asked).toBe(true)
  await pause.run()
  expect([runs, pause.why]).toEqual([1, undefined])
})

test('a second task, one of a client that has left, and one of a closing camera do not run', async () => {
  const { closing, pause } = opened()
  const task = async () => await Promise.reject(new Error('must not run'))
  const leaving = new AbortController()
  const first = pause.request(why, async () => await Promise.resolve(), leaving.signal)
  expect(await pause.request(why, task, new AbortController().signal)).toBe(false)
  leaving.abort()
  expect(await first).toBe(false)
  closing.abort()
  expect(await pause.request(why, task, new AbortController().signal)).toBe(false)
})

test('a task that fails lets the next one run', async () => {
  const { pause } = opened()
  const failing = pause.request(
    why,
    async () => await Promise.reject(new Error('no picture')),
    new AbortController().signal,
  )
  await expect(pause.run()).rejects.toThrow('no picture')
  expect(await failing).toBe(true)
  expect(pause.why).toBeUndefined()
})
