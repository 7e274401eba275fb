import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { silentLog, type Log } from '../log.js'
import type { MediaProgress } from './stall-check.js'
import { createNotifier, type Variables } from './sd-notify.js'
import { serviceManager } from './service-manager.js'

describe('a notifier', () => {
  test('sends one message at a time and merges variables that arrive meanwhile', async () => {
    const messages: string[][] = []
    const pending: (() => void)[] = []
    const { send } = createNotifier(async (variables) => {
      messages.push(variables)
      await new Promise<void>((resolve) => pending.push(resolve))
    })
    send({ READY: '1', STATUS: 'one' })
    for (const STATUS of ['two', 'three']) send({ STATUS })
    send({ WATCHDOG: '1' })
    expect(messages).toEqual([['READY=1', 'STATUS=one']])
    pending[0]!()
    await vi.waitFor(() => expect(messages).toHaveLength(2))
    expect(messages[1]).toEqual(['STATUS=three', 'WATCHDOG=1'])
    pending[1]!()
    await vi.waitFor(() => (send({ STOPPING: '1' }), expect(messages).toHaveLength(3)))
  })

  test('never sends two opposite states in one message', async () => {
    const messages: string[][] = []
    const { send } = createNotifier(async (variables) => {
      messages.push(variables)
      await Promise.resolve()
    })
    send({ STATUS: 'x' })
    send({ RELOADING: '1', MONOTONIC_USEC: '7' })
    send({ READY: '1' })
    await vi.waitFor(() => expect(messages).toHaveLength(2))
    expect(messages[1]).toEqual(['READY=1'])
  })

  test('keeps sending after a message that could not be sent', async () => {
    const deliver = vi.fn<() => Promise<void>>().mockRejectedValueOnce(new Error('no')).mockResolvedValue()
    const { send } = createNotifier(deliver)
    send({ READY: '1' })
    await vi.waitFor(() => expect(deliver).toHaveBeenCalledOnce())
    await vi.waitFor(() => (send({ STATUS: 'x' }), expect(deliver.mock.calls.length).toBeGreaterThan(1)))
  })
})

describe('a service', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] }))
  afterEach(() => void vi.useRealTimers())

  const env = { NOTIFY_SOCKET: '@x' }
  const facts = { status: () => '1 camera live', progress: async () => await Promise.resolve({}) }

  function managerOf(environment: Record<string, string> = {}, log: Log = silentLog) {
    const sent: Variables[] = []
    const notifier = { send: (variables: Variables): void => void sent.push(variables) }
    const manager = serviceManager({ env: { ...env, ...environment }, pid: 42, log, notifier })!
    return { manager, sent, feeds: () => sent.filter(({ WATCHDOG }) => WATCHDOG === '1').length }
  }

  const ready = ({ manager }: ReturnType<typeof managerOf>, about: Partial<typeof facts> = {}): void => {
    const watching = manager.ready({ ...facts, ...about })
    onTestFinished(() => watching[Symbol.dispose]())
  }

  test('without a manager sends nothing', () => {
    expect(serviceManager({ env: {}, pid: 1, log: silentLog })).toBeUndefined()
    expect(serviceManager({ env: { NOTIFY_SOCKET: '' }, pid: 1, log: silentLog })).toBeUndefined()
  })

  test('reports that it is ready, reloads, is ready again and stops', () => {
    const all = managerOf()
    ready(all)
    all.manager.reloading()
    all.manager.reloaded()
    all.manager.stopping()
    expect(all.sent).toEqual([
      { READY: '1', STATUS: '1 camera live' },
      { RELOADING: '1', MONOTONIC_USEC: expect.stringMatching(/^\d{6,}$/) as string },
      { READY: '1' },
      { STOPPING: '1' },
    ])
  })

  test('reports a changed status, at most every two seconds', () => {
    const all = managerOf()
    let status = 'one'
    ready(all, { status: () => status })
    vi.advanceTimersByTime(10_000)
    expect(all.sent).toHaveLength(1)
    for (status of ['two', 'three']) vi.advanceTimersByTime(900)
    vi.advanceTimersByTime(2000)
    expect(all.sent.slice(1)).toEqual([{ STATUS: 'three' }])
  })

  test.each([
    [{}, 0],
    [{ WATCHDOG_USEC: '0' }, 0],
    [{ WATCHDOG_USEC: '60000', WATCHDOG_PID: '7' }, 0],
    [{ WATCHDOG_USEC: '60000', WATCHDOG_PID: '42' }, 1],
    [{ WATCHDOG_USEC: '60000' }, 1],
  ])('notifies the watchdog that %j announces', async (environment, least) => {
    const all = managerOf(environment)
    ready(all)
    if (least === 0) expect(all.feeds()).toBe(0)
    else await vi.waitFor(() => expect(all.feeds()).toBeGreaterThan(3))
  })

  test('stops notifying the watchdog during a stall, and logs the stall and its end once', async () => {
    const lines: string[] = []
    const note = (line: string): void => void lines.push(line)
    const all = managerOf({ WATCHDOG_USEC: '60000' }, { ...silentLog, info: note, error: note })
    let [packets, samples] = [0, 0]
    let moves = true
    const camera = { minFps: 30, isLive: true, waitingBytes: 0, viewers: [] }
    const sample = async (): Promise<MediaProgress> => {
      samples++
      if (moves) packets++
      return await Promise.resolve({
        camera1: { ...camera, datagrams: packets, packets, fannedOut: packets },
      })
    }
    ready(all, { progress: sample })
    await vi.waitFor(() => expect(all.feeds()).toBeGreaterThan(2))
    moves = false
    await vi.waitFor(() => (vi.advanceTimersByTime(6000), expect(lines).toHaveLength(1)))
    const [fed, sampled] = [all.feeds(), samples]
    await vi.waitFor(() => (vi.advanceTimersByTime(6000), expect(samples).toBeGreaterThan(sampled + 3)))
    expect(all.feeds()).toBe(fed)
    moves = true
    await vi.waitFor(() => (vi.advanceTimersByTime(6000), expect(all.feeds()).toBeGreaterThan(fed)))
    expect(lines).toEqual([
      'media has stalled, no longer notifying the watchdog: camera1: the camera is live but no packet arrived',
      'media flows again, notifying the watchdog again',
    ])
  })
})
