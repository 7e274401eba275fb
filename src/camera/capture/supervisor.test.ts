import { createSocket } from 'node:dgram'
import { setImmediate } from 'node:timers/promises'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { openPacketWatch } from '../../../test/fakes/packet-watch.js'
import type { Log } from '../../log.js'
import { isAlive } from '../../../test/fakes/alive.js'
import type { Command } from '../gstreamer/command.js'
import type { CameraFailure } from '../camera-failure.js'
import { alwaysWanted, createDemand } from './demand.js'
import { createStartQueue } from './start-queue.js'
import type { CameraStatus } from './status.js'
import { superviseCamera, type SuperviseOptions } from './supervisor.js'

// A process that is starved of CPU for a second is not frozen.
const quick = { silenceMs: 1500, sampleMs: 20, graceMs: 2000, frozenGraceMs: 100 }

const fixture = (name: string, ...args: (string | number)[]): Command => ({
  file: process.execPath,
  args: [`test/fixtures/camera-${name}.mjs`, ...args.map(String)],
  env: process.env,
})

const forget = (): void => {}

/** A camera that cannot be captured: an attempt fails without starting a process. */
const failure = { cause: 'missing-plugin', message: 'No x264enc.', hint: 'sudo apt install it' }

/** Enough for everything that waits neither for a timer nor for another process. */
async function turnsOfTheLoop(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await setImmediate()
}

/** Supervises what `command` returns, and records every status and every line of the log. */
async function supervise(
  command: (port: number, attempt: number) => Command | CameraFailure,
  about: Partial<SuperviseOptions> = {},
) {
  const packets = await openPacketWatch()
  const statuses: CameraStatus[] = []
  const logged: string[] = []
  const note = (message: string): void => void logged.push(message)
  const log: Log = { debug: forget, info: note, warn: note, error: note }
  const starts: number[] = [] // the attempt that started each process
  let attempts = 0
  const camera = superviseCamera({
    command: async () => await Promise.resolve(command(packets.port, attempts++)),
    packets,
    startQueue: createStartQueue(),
    demand: alwaysWanted,
    log,
    debug: false,
    onStart: () => void starts.push(attempts),
    fps: 100,
    timing: quick,
    ...about,
  })
  camera.onStatus((status) => void statuses.push(status))
  onTestFinished(async () => await camera[Symbol.asyncDispose]())
  const reach = async (state: CameraStatus['state']) =>
    await vi.waitFor(() => expect(camera.status().state).toBe(state), { interval: 5 })
  return { camera, statuses, logged, starts, reach, attempts: () => attempts }
}

test('a camera is live after its first packet, and its process is gone after disposal', async () => {
  const { camera, reach, starts, statuses } = await supervise((port) => fixture('that-delivers', port))
  expect(camera.status()).toEqual({ state: 'starting', restarts: 0, restartsByCause: {} })
  await reach('live')
  expect(starts).toHaveLength(1)
  const pid = camera.pid!
  await camera[Symbol.asyncDispose]()
  expect(isAlive(pid)).toBe(false)
  expect(camera.pid).toBeUndefined()
  expect(statuses.map(({ state }) => state)).toEqual(['live'])
})

test('a camera that dies is restarted and stays lost in between', async () => {
  const { camera, attempts, statuses, logged } = await supervise(() => fixture('that-dies'))
  await vi.waitFor(() => expect(attempts()).toBe(3))
  expect(camera.status()).toMatchObject({
    state: 'lost',
    cause: 'no-camera',
    hint: expect.stringContaining('ribbon cable') as string,
    restarts: 2,
  })
  expect(statuses).toHaveLength(1)
  expect(logged).toEqual(['libcamera finds no camera.'])
})

test('a failure that is reconsidered starts another process at once, and the camera was never lost', async () => {
  const failures: (CameraFailure | undefined)[] = []
  const { camera, reach, statuses, logged, attempts } = await supervise(
    (port, attempt) => (attempt === 0 ? fixture('that-dies') : fixture('that-delivers', port)),
    {
      reconsider: async (failure) => {
        failures.push(failure)
        return await Promise.resolve('retry')
      },
    },
  )
  await reach('live')
  expect(failures).toMatchObject([{ cause: 'no-camera' }])
  expect(attempts()).toBe(2)
  expect(statuses.map(({ state }) => state)).toEqual(['live'])
  expect(camera.status()).toMatchObject({ restarts: 0, restartsByCause: {} })
  expect(logged).toEqual(['the camera delivers video'])
})

test('a failure that is reconsidered can be explained better', async () => {
  const better = { cause: 'unknown-camera', message: 'It is not there.', hint: 'Write "/base/a".' }
  const { camera, reach } = await supervise(() => fixture('that-dies'), {
    reconsider: async () => await Promise.resolve(better),
  })
  await reach('lost')
  expect(camera.status()).toMatchObject(better)
})

test('a camera is disposed while its device is looked up', async () => {
  const forever = new Promise<never>(() => {})
  const searching = await supervise(() => fixture('that-dies'), { command: async () => await forever })
  await searching.camera[Symbol.asyncDispose]()
  let asked = false
  const reconsidering = await supervise(() => fixture('that-dies'), {
    reconsider: async () => {
      asked = true
      return await forever
    },
  })
  await vi.waitFor(() => expect(asked).toBe(true), { interval: 5 })
  await reconsidering.camera[Symbol.asyncDispose]()
  expect(reconsidering.camera.status().state).toBe('starting')
})

test('a recovery is logged once', async () => {
  const { reach, logged, statuses } = await supervise((port, attempt) =>
    attempt === 0 ? fixture('that-dies') : fixture('that-delivers', port),
  )
  await reach('live')
  expect(statuses.map(({ state }) => state)).toEqual(['lost', 'live'])
  expect(logged).toEqual(['libcamera finds no camera.', 'the camera delivers video again'])
})

test('a camera that cannot be captured here is tried again without a process', async () => {
  const { camera, attempts, starts } = await supervise(() => failure)
  await vi.waitFor(() => expect(attempts()).toBe(2))
  expect(camera.status()).toMatchObject({ state: 'lost', ...failure, restarts: 1 })
  expect(starts).toHaveLength(0)
})

test('a failure is completed by what the machine has, before it is reported', async () => {
  const asked: string[] = []
  const { camera, statuses, reach } = await supervise(() => fixture('that-dies'), {
    addFacts: async (failure) => {
      asked.push(failure.cause)
      await setImmediate()
      return { ...failure, hint: 'It finds: /base/a.' }
    },
  })
  await reach('lost')
  expect(asked[0]).toBe('no-camera')
  expect(camera.status().hint).toBe('It finds: /base/a.')
  expect(statuses[0]).toMatchObject({ state: 'lost', hint: 'It finds: /base/a.' })
})

test('a list that takes too long does not delay the report for ever, nor the end', async () => {
  const never = async () => await new Promise<never>(() => {})
  const { camera, reach } = await supervise(() => fixture('that-dies'), {
    addFacts: never,
    timing: { ...quick, factsMs: 50 },
  })
  await reach('lost')
  expect(camera.status().hint).toContain('ribbon cable')
  const waiting = await supervise(() => fixture('that-dies'), { addFacts: never })
  await vi.waitFor(() => expect(waiting.starts).toHaveLength(1))
  await waiting.camera[Symbol.asyncDispose]()
  expect(waiting.camera.pid).toBeUndefined()
})

test('a camera with few frames per second has time for its first ones', async () => {
  const { camera, reach } = await supervise((port) => fixture('that-delivers', port), {
    fps: 1,
    timing: { ...quick, firstPacketMs: 1 },
  })
  await reach('live')
  expect(camera.status().restarts).toBe(0)
})

test('a camera that sends nothing is lost after the limit', async () => {
  const { camera, reach } = await supervise(() => fixture('that-says-nothing'), {
    timing: { ...quick, firstPacketMs: 300 },
  })
  await reach('lost')
  expect(camera.status().cause).toBe('no-first-packet')
})

test('a missing program is reported', async () => {
  const { camera, reach } = await supervise(() => ({ file: '/nowhere/gst-launch-1.0', args: [], env: {} }))
  await reach('lost')
  expect(camera.status()).toMatchObject({ cause: 'missing-program' })
})

test('a frozen camera that does not obey is killed and started again at once', async () => {
  const { camera, reach, attempts, statuses } = await supervise((port, attempt) =>
    fixture(attempt === 0 ? 'that-freezes' : 'that-delivers', port),
  )
  await reach('live')
  const pid = camera.pid!
  await reach('lost')
  await vi.waitFor(() => expect(attempts()).toBe(2), { interval: 5 })
  await reach('live')
  expect(isAlive(pid)).toBe(false)
  expect(statuses.map(({ cause }) => cause)).toEqual([undefined, 'frozen', undefined])
})

test('a process that starts to send other datagrams is restarted with cause bad-packets', async () => {
  const { camera, reach, statuses } = await supervise((port, attempt) =>
    fixture(attempt === 0 ? 'that-turns-to-noise' : 'that-delivers', port),
  )
  await reach('live')
  await reach('lost')
  await reach('live')
  expect(statuses.map(({ cause }) => cause)).toEqual([undefined, 'bad-packets', undefined])
  expect(camera.status().restartsByCause).toEqual({ 'bad-packets': 1 })
})

test('a process that only sends other datagrams is lost with cause bad-packets', async () => {
  const socket = createSocket('udp4') // sends from here: how soon a process starts depends on the machine
  onTestFinished(() => void socket.close())
  const { camera, reach, statuses } = await supervise(
    (port) => {
      const sending = setInterval(() => socket.send('noise', port, '127.0.0.1'), 20)
      onTestFinished(() => clearInterval(sending))
      return fixture('that-says-nothing')
    },
    { timing: { ...quick, firstPacketMs: 500 } },
  )
  await reach('lost')
  expect(camera.status().cause).toBe('bad-packets')
  expect(statuses.map(({ state }) => state)).not.toContain('live')
})

test('a process stopped by SIGSTOP is detected and restarted', async () => {
  const { camera, reach } = await supervise((port) => fixture('that-delivers', port))
  await reach('live')
  const pid = camera.pid!
  process.kill(pid, 'SIGSTOP')
  await reach('lost')
  await reach('live')
  expect(camera.pid).not.toBe(pid)
  expect(isAlive(pid)).toBe(false)
})

test('a killed process is reported with its signal and restarted', async () => {
  const { camera, reach, statuses } = await supervise((port) => fixture('that-delivers', port))
  await reach('live')
  process.kill(camera.pid!, 'SIGKILL')
  await reach('lost')
  await reach('live')
  expect(statuses[1]).toMatchObject({
    cause: 'crashed',
    message: expect.stringContaining('SIGKILL') as string,
  })
  expect(camera.status()).toMatchObject({ restarts: 1, restartsByCause: { crashed: 1 } })
})

test('restarts are counted by cause', async () => {
  const { camera, reach } = await supervise((port, attempt) =>
    attempt < 2 ? fixture('that-dies') : fixture(attempt === 2 ? 'that-freezes' : 'that-delivers', port),
  )
  await vi.waitFor(() => expect(camera.status().restarts).toBe(3))
  await reach('live')
  expect(camera.status().restartsByCause).toEqual({ 'no-camera': 2, frozen: 1 })
})

describe('a pause', () => {
  const why = { cause: 'full-size-snapshot', message: 'The video pauses.', hint: 'It is back.' }
  const never = new AbortController().signal

  test('runs its task while no process holds the camera, and the camera delivers again', async () => {
    const { camera, reach, statuses, starts } = await supervise((port) => fixture('that-delivers', port))
    await reach('live')
    const pid = camera.pid!
    let seen: unknown
    const ran = camera.pause(
      why,
      async () => {
        seen = { alive: isAlive(pid), pid: camera.pid, ...camera.status() }
        return await Promise.resolve()
      },
      never,
    )
    expect(await ran).toBe(true)
    expect(seen).toMatchObject({ alive: false, pid: undefined, state: 'lost', cause: 'full-size-snapshot' })
    await reach('live')
    expect(starts).toHaveLength(2)
    expect(statuses.map(({ cause }) => cause)).toEqual([undefined, 'full-size-snapshot', undefined])
  })

  test('one at a time', async () => {
    const { camera, reach } = await supervise((port) => fixture('that-delivers', port))
    await reach('live')
    const task = async () => await Promise.resolve()
    const first = camera.pause(why, task, never)
    expect(await camera.pause(why, task, never)).toBe(false)
    expect(await first).toBe(true)
    expect(await camera.pause(why, task, never)).toBe(true)
  })

  test('ends with the camera, whether its task has begun or not', async () => {
    const { camera, reach } = await supervise((port) => fixture('that-delivers', port))
    await reach('live')
    let closing: AbortSignal | undefined
    const begun = new Promise<void>((resolve) => {
      void camera.pause(
        why,
        async (signal) => {
          closing = signal
          resolve()
          await new Promise((end) => signal.addEventListener('abort', end))
        },
        never,
      )
    })
    await begun
    const late = camera.pause(why, async () => await Promise.resolve(), never)
    await camera[Symbol.asyncDispose]()
    expect(closing?.aborted).toBe(true)
    expect(await late).toBe(false)
  })

  test('a task that could not begin in time never runs', async () => {
    const { camera } = await supervise(() => fixture('that-says-nothing'), {
      startQueue: {
        enter: async (signal) => await new Promise((_, end) => signal.addEventListener('abort', end)),
      },
    })
    let runs = 0
    const tooLate = new AbortController()
    const paused = camera.pause(
      why,
      async () => {
        runs++
        return await Promise.resolve()
      },
      tooLate.signal,
    )
    tooLate.abort()
    expect([await paused, runs]).toEqual([false, 0])
  })
})

describe('a requested restart', () => {
  test('stops the process and starts another at once', async () => {
    const { camera, reach, starts, statuses, logged } = await supervise((port) =>
      fixture('that-delivers', port),
    )
    await reach('live')
    const pid = camera.pid!
    expect(camera.restart()).toBe(true)
    await vi.waitFor(() => expect(starts).toHaveLength(2), { interval: 5 })
    expect(isAlive(pid)).toBe(false)
    await reach('live')
    expect(statuses.map(({ cause }) => cause)).toEqual([undefined, 'requested', undefined])
    expect(camera.status()).toMatchObject({ restarts: 1, restartsByCause: { requested: 1 } })
    expect(logged).toContain('Restarting the camera, as requested.')
  })

  test('cuts short the wait for the next attempt', async () => {
    const { camera, attempts } = await supervise(() => failure)
    await vi.waitFor(() => expect(attempts()).toBe(5))
    await turnsOfTheLoop()
    expect(camera.restart()).toBe(true) // the next one would be due in 5 s
    await turnsOfTheLoop()
    expect(attempts()).toBe(6)
  })

  test('works before the first packet too', async () => {
    const { camera, reach, attempts } = await supervise((port, attempt) =>
      attempt === 0 ? fixture('that-says-nothing') : fixture('that-delivers', port),
    )
    await vi.waitFor(() => expect(camera.pid).toBeDefined())
    camera.restart()
    camera.restart()
    await reach('live')
    expect(attempts()).toBe(2)
  })

  test('is rejected by an idle camera', async () => {
    const { camera, attempts } = await supervise((port) => fixture('that-delivers', port), {
      demand: createDemand(100),
    })
    expect(camera.restart()).toBe(false)
    expect(attempts()).toBe(0)
  })
})

test('a listener or a command that throws does not stop the supervisor', async () => {
  const { camera, reach } = await supervise((port, attempt) => {
    if (attempt === 0) throw new Error('no command')
    return fixture('that-delivers', port)
  })
  camera.onStatus(() => {
    throw new Error('no listener')
  })
  await reach('lost')
  expect(camera.status()).toMatchObject({
    cause: 'internal',
    message: expect.stringContaining('no command') as string,
  })
  await reach('live')
})

test('a disposed listener is not called', async () => {
  const { camera, reach } = await supervise((port) => fixture('that-delivers', port))
  const heard = vi.fn()
  camera.onStatus(heard)[Symbol.dispose]()
  await reach('live')
  expect(heard).not.toHaveBeenCalled()
})

test('a camera that is disposed while it waits to be tried again ends at once', async () => {
  const { camera, attempts } = await supervise(() => failure)
  await vi.waitFor(() => expect(attempts()).toBe(5))
  await turnsOfTheLoop()
  const ended = vi.fn()
  void camera[Symbol.asyncDispose]().then(ended)
  await turnsOfTheLoop()
  expect(ended).toHaveBeenCalled() // the next attempt is due in 5 s
})

test('cameras that share a start queue start one after the other', async () => {
  const startQueue = createStartQueue()
  const first = await supervise((port) => fixture('that-delivers', port), { startQueue })
  let firstState = ''
  const second = await supervise((port) => fixture('that-delivers', port), {
    startQueue,
    onStart: () => (firstState = first.camera.status().state),
  })
  await second.reach('live')
  expect(firstState).toBe('live')
})

describe('a camera on demand', () => {
  const quickDemand = () => createDemand(100)

  test('starts with the first watcher and stops some time after the last', async () => {
    const demand = quickDemand()
    const { camera, reach, attempts, logged, statuses } = await supervise(
      (port) => fixture('that-delivers', port),
      { demand },
    )
    expect(camera.status()).toEqual({ state: 'idle', restarts: 0, restartsByCause: {} })
    for (let i = 0; i < 2; i++) {
      const watching = demand.watch()
      expect(attempts()).toBe(i)
      await reach('live')
      const pid = camera.pid!
      watching[Symbol.dispose]()
      await reach('idle')
      expect(camera.pid).toBeUndefined()
      expect(isAlive(pid)).toBe(false)
    }
    expect(attempts()).toBe(2)
    expect(statuses.map(({ state }) => state)).toEqual([
      'starting',
      'live',
      'idle',
      'starting',
      'live',
      'idle',
    ])
    expect(camera.status().restarts).toBe(0)
    expect(logged.filter((line) => line.startsWith('no viewers'))).toHaveLength(3)
  })

  test('is retried while it has a watcher, and not without one', async () => {
    const demand = quickDemand()
    const { camera, reach, attempts, statuses } = await supervise(() => fixture('that-dies'), { demand })
    const watching = demand.watch()
    await vi.waitFor(() => expect(attempts()).toBe(3))
    expect(camera.status()).toMatchObject({ state: 'lost', cause: 'no-camera', restarts: 2 })
    watching[Symbol.dispose]()
    await reach('idle')
    expect(camera.status()).toEqual({ state: 'idle', restarts: 2, restartsByCause: { 'no-camera': 2 } })
    expect(statuses.map(({ state }) => state)).toEqual(['starting', 'lost', 'idle'])
    const again = attempts()
    demand.watch()
    await vi.waitFor(() => expect(attempts()).toBe(again + 1), { interval: 5 })
  })

  test('stops if its watcher leaves before the first packet', async () => {
    const demand = quickDemand()
    const { reach, attempts } = await supervise(() => fixture('that-says-nothing'), { demand })
    const watching = demand.watch()
    await vi.waitFor(() => expect(attempts()).toBe(1))
    watching[Symbol.dispose]()
    await reach('idle')
  })

  test('closes at once if disposed while idle', async () => {
    const { camera, attempts } = await supervise((port) => fixture('that-delivers', port), {
      demand: quickDemand(),
    })
    await camera[Symbol.asyncDispose]()
    expect(attempts()).toBe(0)
  })
})
