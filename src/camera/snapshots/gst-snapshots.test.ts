import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { MODULE, prepareCapture, rarelyKeyed, standInMachine } from '../../../test/fakes/capture.js'
import { areClose, barsOf, decodeJpeg, SMPTE_BARS } from '../../../test/fakes/jpeg.js'
import type { CameraConfig } from '../../config/types.js'
import { silentLog } from '../../log.js'
import type { Env } from '../../lib/env.js'
import { alwaysWanted, createDemand, type Demand } from '../capture/demand.js'
import { createStartQueue } from '../capture/start-queue.js'
import { createSnapshotReader, type Snapshot } from './reader.js'
import { createSnapshots } from './snapshots.js'
import { spawnChild } from '../capture/spawn.js'
import { superviseCamera } from '../capture/supervisor.js'
import type { SupervisorTiming } from '../capture/supervisor-timing.js'

const { machine, env: standIns, has } = await standInMachine()
const hasSnapshots = has('tee', 'videoconvert', 'jpegenc', 'funnel', 'gdppay', 'fdsink', 'fdsrc')

/** A supervised camera with its snapshots, as the server wires it. */
async function capture(
  camera: CameraConfig,
  {
    env = standIns,
    demand = alwaysWanted,
    limitMs = 20_000,
    timing = {},
  }: { env?: Env; demand?: Demand; limitMs?: number; timing?: Partial<SupervisorTiming> } = {},
) {
  const { rtp, command } = await prepareCapture(camera, machine!, env)
  const reader = createSnapshotReader(silentLog)
  const supervised = superviseCamera({
    command: async () => await Promise.resolve(command),
    packets: rtp,
    startQueue: createStartQueue(),
    demand,
    snapshots: reader,
    log: silentLog,
    debug: false,
    onStart: () => {},
    fps: camera.fps.min,
    timing,
  })
  onTestFinished(async () => await supervised[Symbol.asyncDispose]())
  const snapshots = createSnapshots({
    key: camera.key,
    camera: supervised,
    reader,
    demand,
    obstacle: undefined,
    limitMs,
  })
  const live = async () =>
    await vi.waitFor(() => expect(supervised.status().state).toBe('live'), { interval: 5 })
  const requestSnapshot = async (maxDelayMs = 0): Promise<Snapshot> => {
    const taken = await snapshots.capture(performance.now() - maxDelayMs)
    if ('cause' in taken) throw new Error(`${taken.cause}: ${taken.message}`)
    return taken
  }
  return { rtp, supervised, snapshots, live, requestSnapshot }
}

const flipped = [...SMPTE_BARS].reverse()
const lines: [name: string, camera: CameraConfig, bars: typeof SMPTE_BARS, y?: number][] = [
  ['x264enc, test pattern', rarelyKeyed('x264enc'), SMPTE_BARS],
  ['x264enc, large test pattern', rarelyKeyed('x264enc', { width: 1280, height: 720 }), SMPTE_BARS],
  ['openh264enc, test pattern', rarelyKeyed('openh264enc'), SMPTE_BARS],
  ['vp8enc, test pattern mirrored', rarelyKeyed('vp8enc', { flipMethod: 'horizontal-flip' }), flipped],
  ['v4l2h264enc, camera module', rarelyKeyed('v4l2h264enc', { device: MODULE }), SMPTE_BARS],
  [
    'v4l2h264enc, camera module flipped',
    rarelyKeyed('v4l2h264enc', { device: MODULE, flipMethod: 'rotate-180' }),
    flipped,
    0.5,
  ],
  ['vp8enc, camera module', rarelyKeyed('vp8enc', { device: MODULE }), SMPTE_BARS],
]

describe.each(lines)('%s', (_, camera, bars, y) => {
  const source = camera.device.kind === 'libcamera' ? 'libcamerasrc' : 'videotestsrc'
  test.runIf(hasSnapshots && has(camera.encoder, source))(
    'a snapshot has the size and the colours of the video',
    async () => {
      const { requestSnapshot } = await capture(camera)
      const image = decodeJpeg((await requestSnapshot()).jpeg)
      expect([image.width, image.height]).toEqual([camera.width, camera.height])
      const seen = barsOf(image, y)
      expect(areClose(seen, bars), JSON.stringify(seen)).toBe(true)
    },
  )
})

describe('overlay', () => {
  const black = { device: { kind: 'test', pattern: 'black' }, encoder: 'vp8enc' } as const
  const snapshotOf = async (about: Partial<CameraConfig>, env: Env = standIns) => {
    const { requestSnapshot, supervised } = await capture(rarelyKeyed('vp8enc', { ...black, ...about }), {
      env,
    })
    const picture = decodeJpeg((await requestSnapshot()).jpeg)
    await supervised[Symbol.asyncDispose]()
    return picture
  }
  const drawn = hasSnapshots && has('clockoverlay', 'textoverlay', 'vp8enc')

  test.runIf(drawn).each(['none', 'rotate-180', 'horizontal-flip'] as const)(
    'the text is at the top left after flip-method = "%s", white on black',
    async (flipMethod) => {
      const picture = await snapshotOf({ overlay: 'MMMM %Y', flipMethod })
      const [text] = picture.mean(0.02, 0.02, 0.1, 0.06)
      expect(text).toBeGreaterThan(60)
      const [opposite] = picture.mean(0.85, 0.9, 0.14, 0.09)
      expect(opposite).toBeLessThan(10)
    },
  )

  test.runIf(drawn)('the text is readable on white', async () => {
    const onWhite = await snapshotOf({ overlay: 'MMMM', device: { kind: 'test', pattern: 'white' } })
    const [text] = onWhite.mean(0.02, 0.02, 0.1, 0.06)
    expect(text).toBeLessThan(235)
  })

  test.runIf(drawn)('the time is in the time zone of the machine', async () => {
    const zone = await snapshotOf({ overlay: '%z' }, { ...standIns, TZ: 'XXX-3' })
    const plain = await snapshotOf({ overlay: '+0300' })
    const other = await snapshotOf({ overlay: '+0888' })
    const differenceTo = (picture: typeof zone): number => {
      let sum = 0
      for (let x = 0.01; x < 0.2; x += 0.01)
        sum += Math.abs(zone.mean(x, 0.02, 0.01, 0.06)[0] - picture.mean(x, 0.02, 0.01, 0.06)[0])
      return sum
    }
    expect(differenceTo(plain)).toBeLessThan(20)
    expect(differenceTo(other)).toBeGreaterThan(50)
  })

  test.runIf(drawn)('markup, quotes and a lone % are drawn as they are', async () => {
    const picture = await snapshotOf({ overlay: `<b>&amp; "50%" \\ %d %` })
    expect(picture.mean(0.02, 0.02, 0.3, 0.06)[0]).toBeGreaterThan(20)
  })
})

test.runIf(hasSnapshots && has('libcamerasrc', 'v4l2h264enc'))(
  'a fresh snapshot shows a moment after the request, however long the socket was not read',
  async () => {
    const { live, requestSnapshot, rtp } = await capture(rarelyKeyed('v4l2h264enc', { device: MODULE }), {
      env: { ...standIns, STANDIN_GREY_CLOCK: '1' },
    })
    await live()
    for (const idlePackets of [30, 150, 60]) {
      const packets = rtp.packets
      await vi.waitFor(() => expect(rtp.packets).toBeGreaterThan(packets + idlePackets))
      const askedMs = Number(process.hrtime.bigint()) / 1e6
      const [red] = decodeJpeg((await requestSnapshot(0)).jpeg).mean(0.1, 0.1, 0.8, 0.8)
      // The stand-in colours a picture when it delivers the one before.
      const laterMs = ((red - 32) / 3) * 100 - (askedMs % 6400)
      expect(Math.min(Math.abs(laterMs), Math.abs(laterMs + 6400), Math.abs(laterMs - 6400))).toBeLessThan(
        250,
      )
    }
  },
)

test.runIf(hasSnapshots && has('vp8enc'))(
  'an old snapshot from the socket only answers a request that accepts its age',
  async () => {
    const { supervised, live, requestSnapshot, snapshots, rtp } = await capture(rarelyKeyed('vp8enc'))
    await live()
    const before = await requestSnapshot()
    const packets = rtp.packets
    await vi.waitFor(() => expect(rtp.packets).toBeGreaterThan(packets + 60))
    process.kill(supervised.pid!, 'SIGSTOP')
    let answered = false
    const fresh = snapshots.capture(performance.now()).finally(() => (answered = true))
    const old = await requestSnapshot(60_000)
    expect(old.capturedAtMs).toBeGreaterThanOrEqual(before.capturedAtMs)
    await vi.waitFor(() => expect(supervised.status().cause).toBe('frozen'), { interval: 5 })
    expect(await fresh).toMatchObject({ cause: 'frozen', hint: expect.any(String) as string })
    expect(answered).toBe(true)
  },
)

test.runIf(hasSnapshots && has('vp8enc'))(
  'pictures are dated at their capture, one frame after the other',
  async () => {
    const { live, snapshots } = await capture(rarelyKeyed('vp8enc'))
    await live()
    using _following = snapshots.follow()
    const controller = new AbortController()
    let previous = await snapshots.next(performance.now(), controller.signal)
    for (let i = 0; i < 30; i++) {
      const picture = await snapshots.next(previous.capturedAtMs + 0.001, controller.signal)
      expect(picture.capturedAtMs).toBeLessThan(performance.now())
      expect(picture.capturedAtMs - previous.capturedAtMs).toBeGreaterThan(25)
      previous = picture
    }
  },
)

test.runIf(hasSnapshots && has('vp8enc'))(
  'a camera that dies while a picture is awaited reports the crash, not the time limit',
  async () => {
    const { supervised, live, snapshots } = await capture(rarelyKeyed('vp8enc'))
    await live()
    process.kill(supervised.pid!, 'SIGSTOP')
    const request = snapshots.capture(performance.now())
    process.kill(supervised.pid!, 'SIGKILL')
    expect(await request).toMatchObject({ cause: 'crashed' })
  },
)

test.runIf(hasSnapshots && has('vp8enc'))('a request to a stopped camera ends after the limit', async () => {
  const { supervised, live, snapshots } = await capture(rarelyKeyed('vp8enc'), { limitMs: 100 })
  await live()
  process.kill(supervised.pid!, 'SIGSTOP')
  expect(await snapshots.capture(performance.now())).toMatchObject({ cause: 'no-picture' })
})

test.runIf(hasSnapshots && has('vp8enc'))(
  'a process obeys SIGINT whether its pictures are read or not',
  async () => {
    for (const read of [false, true]) {
      const { supervised, live, requestSnapshot, snapshots } = await capture(
        rarelyKeyed('vp8enc', { width: 1280, height: 720 }),
        { timing: { graceMs: 3_600_000 } }, // no SIGKILL: a process that does not obey hangs the test
      )
      await live()
      await requestSnapshot()
      if (read) snapshots.follow()
      await supervised[Symbol.asyncDispose]()
    }
  },
)

test.runIf(hasSnapshots && has('vp8enc'))(
  'a snapshot request starts an idle camera, which then goes idle again',
  async () => {
    const demand = createDemand(300)
    const { supervised, requestSnapshot } = await capture(rarelyKeyed('vp8enc'), { demand })
    expect(supervised.status().state).toBe('idle')
    expect(supervised.pid).toBeUndefined()
    const picture = decodeJpeg((await requestSnapshot()).jpeg)
    expect(areClose(barsOf(picture), SMPTE_BARS)).toBe(true)
    await vi.waitFor(() => expect(supervised.status().state).toBe('idle'), { interval: 10 })
    expect(supervised.pid).toBeUndefined()
    expect(supervised.status().restarts).toBe(0)
  },
)

test.runIf(hasSnapshots && has('vp8enc'))(
  'a token sent before the first frame does not stop the pipeline',
  async () => {
    for (let i = 0; i < 5; i++) {
      const { command, rtp } = await prepareCapture(rarelyKeyed('vp8enc'), machine!, standIns)
      const child = spawnChild(command)
      onTestFinished(() => child.kill('SIGKILL'))
      const reader = createSnapshotReader(silentLog)
      reader.attach(child.snapshots!)
      reader.delivering()
      const controller = new AbortController()
      const snapshot = await Promise.race([reader.next(performance.now(), controller.signal), child.ended])
      expect(snapshot).toHaveProperty('jpeg')
      await rtp.nextPacket(controller.signal)
      controller.abort()
      child.kill('SIGKILL')
    }
  },
)
