import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { silentLog, type Log } from '../log.js'
import type { MediaProgress } from './stall-check.js'
import { createNotifier, type Variables } from './sd-notify.js'
import { serviceManager } from './service-manager.js'

describe('what is told', () => {
  test('is sent one message after the other, and what comes meanwhile goes along with the next', async () => {
    const messages: string[][] = []
    const pending: (() => void)[] = []
    const { send: tell } = createNotifier(async (variables) => {
      messages.push(variables)
      await new Promise<void>((resolve) => pending.push(resolve))
    })
    tell({ READY: '1', STATUS: 'one' })
    for (const STATUS of ['two', 'three']) tell({ STATUS })
    tell({ WATCHDOG: '1' })
    expect(messages).toEqual([['READY=1', 'STATUS=one']])
    pending[0]!()
    await vi.waitFor(() => expect(messages).toHaveLength(2))
    expect(messages[1]).toEqual(['STATUS=three', 'WATCHDOG=1'])
    pending[1]!()
    await vi.waitFor(() => (tell({ STOPPING: '1' }), expect(messages).toHaveLength(3)))
  })

  test('is never that something begins and ends at once', async () => {
    const messages: string[][] = []
    const { send: tell } = createNotifier(async (variables) => {
      messages.push(variables)
      await Promise.resolve()
    })
    tell({ STATUS: 'x' })
    tell({ RELOADING: '1', MONOTONIC_USEC: '7' })
    tell({ READY: '1' })
    await vi.waitFor(() => expect(messages).toHaveLength(2))
    expect(messages[1]).toEqual(['READY=1'])
  })

  test('is told on after a message that could not be sent', async () => {
    const send = vi.fn<() => Promise<void>>().mockRejectedValueOnce(new Error('no')).mockResolvedValue()
    const { send: tell } = createNotifier(send)
    tell({ READY: '1' })
    await vi.waitFor(() => expect(send).toHaveBeenCalledOnce())
    await vi.waitFor(() => (tell({ STATUS: 'x' }), expect(send.mock.calls.length).toBeGreaterThan(1)))
  })
})

describe('a service', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] }))
  afterEach(() => void vi.useRealTimers())

  const env = { NOTIFY_SOCKET: '@x' }
  const facts = { status: () => '1 camera live', progress: async () => await Promise.resolve({}) }

  /** A manager that keeps what it is told. */
  function managerOf(environment: Record<string, string> = {}, log: Log = silentLog) {
    const told: Variables[] = []
    const notifier = { send: (variables: Variables): void => void told.push(variables) }
    const manager = serviceManager({ env: { ...env, ...environment }, pid: 42, log, notifier })!
    return { manager, told, feeds: () => told.filter(({ WATCHDOG }) => WATCHDOG === '1').length }
  }

  const ready = ({ manager }: ReturnType<typeof managerOf>, about: Partial<typeof facts> = {}): void => {
    const watching = manager.ready({ ...facts, ...about })
    onTestFinished(() => watching[Symbol.dispose]())
  }

  test('without a manager tells nobody anything', () => {
    expect(serviceManager({ env: {}, pid: 1, log: silentLog })).toBeUndefined()
    expect(serviceManager({ env: { NOTIFY_SOCKET: '' }, pid: 1, log: silentLog })).toBeUndefined()
  })

  test('tells that it is ready, reloads, is ready again and stops', () => {
    const all = managerOf()
    ready(all)
    all.manager.reloading()
    all.manager.reloaded()
    all.manager.stopping()
    expect(all.told).toEqual([
      { READY: '1', STATUS: '1 camera live' },
      { RELOADING: '1', MONOTONIC_USEC: expect.stringMatching(/^\d{6,}$/) as string },
      { READY: '1' },
      { STOPPING: '1' },
    ])
  })

  test('tells its status when it is another one, and not more often than every two seconds', () => {
    const all = managerOf()
    let status = 'one'
    ready(all, { status: () => status })
    vi.advanceTimersByTime(10_000)
    expect(all.told).toHaveLength(1)
    for (status of ['two', 'three']) vi.advanceTimersByTime(900)
    vi.advanceTimersByTime(2000)
    expect(all.told.slice(1)).toEqual([{ STATUS: 'three' }])
  })

  test.each([
    [{}, 0],
    [{ WATCHDOG_USEC: '0' }, 0],
    [{ WATCHDOG_USEC: '60000', WATCHDOG_PID: '7' }, 0],
    [{ WATCHDOG_USEC: '60000', WATCHDOG_PID: '42' }, 1],
    [{ WATCHDOG_USEC: '60000' }, 1],
  ])('feeds a watchdog where %j says that there is one for it', async (environment, least) => {
    const all = managerOf(environment)
    ready(all)
    if (least === 0) expect(all.feeds()).toBe(0)
    else await vi.waitFor(() => expect(all.feeds()).toBeGreaterThan(3))
  })

  test('feeds no watchdog while packets stand still, says so once, and feeds it when they move', async () => {
    const lines: string[] = []
    const note = (line: string): void => void lines.push(line)
    const all = managerOf({ WATCHDOG_USEC: '60000' }, { ...silentLog, info: note, error: note })
    let [packets, looks] = [0, 0]
    let moves = true
    const camera = { isLive: true, waitingBytes: 0, viewers: [] }
    const look = async (): Promise<MediaProgress> => {
      looks++
      if (moves) packets++
      return await Promise.resolve({
        camera1: { ...camera, datagrams: packets, packets, fannedOut: packets },
      })
    }
    ready(all, { progress: look })
    await vi.waitFor(() => expect(all.feeds()).toBeGreaterThan(2))
    moves = false
    await vi.waitFor(() => (vi.advanceTimersByTime(6000), expect(lines).toHaveLength(1)))
    const [fed, looked] = [all.feeds(), looks]
    await vi.waitFor(() => (vi.advanceTimersByTime(6000), expect(looks).toBeGreaterThan(looked + 3)))
    expect(all.feeds()).toBe(fed)
    moves = true
    await vi.waitFor(() => (vi.advanceTimersByTime(6000), expect(all.feeds()).toBeGreaterThan(fed)))
    expect(lines).toEqual([
      'packets stand still, the watchdog is not fed: camera1: it is called live, and no packet came',
      'packets move again, the watchdog is fed',
    ])
  })
})
