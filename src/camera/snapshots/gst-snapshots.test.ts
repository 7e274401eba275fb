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

const { machine, env: standIns, has } = await standInMachine()
const hasPictures = has('tee', 'videoconvert', 'jpegenc', 'funnel', 'gdppay', 'fdsink', 'fdsrc')

/** A camera as the server has it, with its pictures. */
async function capture(
  camera: CameraConfig,
  {
    env = standIns,
    demand = alwaysWanted,
    limitMs = 5000,
  }: { env?: Env; demand?: Demand; limitMs?: number } = {},
) {
  const { rtp, command } = await prepareCapture(camera, machine!, env)
  const feed = createSnapshotReader(silentLog)
  const supervised = superviseCamera({
    command: async () => await Promise.resolve(command),
    packets: rtp,
    startQueue: createStartQueue(),
    demand,
    snapshots: feed,
    log: silentLog,
    debug: false,
    onStart: () => {},
    fps: camera.fps,
  })
  onTestFinished(async () => await supervised[Symbol.asyncDispose]())
  const pictures = createSnapshots({
    key: camera.key,
    camera: supervised,
    feed,
    demand,
    obstacle: undefined,
    limitMs,
  })
  const live = async () =>
    await vi.waitFor(() => expect(supervised.status().state).toBe('live'), { timeout: 8000, interval: 5 })
  const take = async (maxDelayMs = 0): Promise<Snapshot> => {
    const taken = await pictures.capture(performance.now() - maxDelayMs)
    if ('cause' in taken) throw new Error(`${taken.cause}: ${taken.message}`)
    return taken
  }
  return { rtp, supervised, pictures, live, take }
}

const turned = [...SMPTE_BARS].reverse()
const lines: [name: string, camera: CameraConfig, bars: typeof SMPTE_BARS, y?: number][] = [
  ['x264enc, test picture', rarelyKeyed('x264enc'), SMPTE_BARS],
  ['x264enc, large test picture', rarelyKeyed('x264enc', { width: 1280, height: 720 }), SMPTE_BARS],
  ['openh264enc, test picture', rarelyKeyed('openh264enc'), SMPTE_BARS],
  ['vp8enc, test picture mirrored', rarelyKeyed('vp8enc', { flipMethod: 'horizontal-flip' }), turned],
  ['v4l2h264enc, camera module', rarelyKeyed('v4l2h264enc', { device: MODULE }), SMPTE_BARS],
  [
    'v4l2h264enc, camera module turned',
    rarelyKeyed('v4l2h264enc', { device: MODULE, flipMethod: 'rotate-180' }),
    turned,
    0.5,
  ],
  ['vp8enc, camera module', rarelyKeyed('vp8enc', { device: MODULE }), SMPTE_BARS],
]

describe.each(lines)('%s', (_, camera, bars, y) => {
  const source = camera.device.kind === 'libcamera' ? 'libcamerasrc' : 'videotestsrc'
  test.runIf(hasPictures && has(camera.encoder, source))(
    'a picture has the size and the colours of what is seen, each in its place',
    async () => {
      const { take } = await capture(camera)
      const picture = decodeJpeg((await take()).jpeg)
      expect([picture.width, picture.height]).toEqual([camera.width, camera.height])
      const seen = barsOf(picture, y)
      expect(areClose(seen, bars), JSON.stringify(seen)).toBe(true)
    },
  )
})

test.runIf(hasPictures && has('libcamerasrc', 'v4l2h264enc'))(
  'what is seen in a fresh picture was so after the request, however long nobody asked',
  async () => {
    const { live, take, rtp } = await capture(rarelyKeyed('v4l2h264enc', { device: MODULE }), {
      env: { ...standIns, STANDIN_GREY_CLOCK: '1' },
    })
    await live()
    for (const idlePackets of [30, 150, 60]) {
      const packets = rtp.packets
      await vi.waitFor(() => expect(rtp.packets).toBeGreaterThan(packets + idlePackets), { timeout: 8000 })
      const askedMs = Number(process.hrtime.bigint()) / 1e6
      const [red] = decodeJpeg((await take(0)).jpeg).mean(0.1, 0.1, 0.8, 0.8)
      // The stand-in colours a picture when it delivers the one before.
      const laterMs = ((red - 32) / 3) * 100 - (askedMs % 6400)
      expect(Math.min(Math.abs(laterMs), Math.abs(laterMs + 6400), Math.abs(laterMs - 6400))).toBeLessThan(
        250,
      )
    }
  },
)

test.runIf(hasPictures && has('vp8enc'))(
  'a picture that waited in the socket is not taken for a fresh one, and one that is allowed to be old is',
  async () => {
    const { supervised, live, take, pictures, rtp } = await capture(rarelyKeyed('vp8enc'))
    await live()
    const before = await take()
    const packets = rtp.packets
    await vi.waitFor(() => expect(rtp.packets).toBeGreaterThan(packets + 60), { timeout: 8000 })
    process.kill(supervised.pid!, 'SIGSTOP')
    let answered = false
    const fresh = pictures.capture(performance.now()).finally(() => (answered = true))
    const old = await take(60_000)
    expect(old.capturedAtMs).toBeGreaterThanOrEqual(before.capturedAtMs)
    await vi.waitFor(() => expect(supervised.status().cause).toBe('frozen'), { timeout: 8000, interval: 5 })
    expect(await fresh).toMatchObject({ cause: 'frozen', hint: expect.any(String) as string })
    expect(answered).toBe(true)
  },
)

test.runIf(hasPictures && has('vp8enc'))(
  'pictures are dated as they come, within some milliseconds',
  async () => {
    const { live, pictures } = await capture(rarelyKeyed('vp8enc'))
    await live()
    using _following = pictures.follow()
    const over = new AbortController()
    let previous = await pictures.next(performance.now(), over.signal)
    for (let i = 0; i < 30; i++) {
      const picture = await pictures.next(previous.capturedAtMs + 0.001, over.signal)
      const ageMs = performance.now() - picture.capturedAtMs
      expect(ageMs).toBeGreaterThan(0)
      expect(ageMs).toBeLessThan(150)
      expect(picture.capturedAtMs - previous.capturedAtMs).toBeGreaterThan(25)
      previous = picture
    }
  },
)

test.runIf(hasPictures && has('vp8enc'))(
  'a camera that dies while a picture is awaited says so at once',
  async () => {
    const { supervised, live, pictures } = await capture(rarelyKeyed('vp8enc'))
    await live()
    process.kill(supervised.pid!, 'SIGSTOP')
    const asking = pictures.capture(performance.now())
    process.kill(supervised.pid!, 'SIGKILL')
    const askedMs = performance.now()
    expect(await asking).toMatchObject({ cause: 'crashed' })
    expect(performance.now() - askedMs).toBeLessThan(1000)
  },
)

test.runIf(hasPictures && has('vp8enc'))(
  'a camera that delivers no picture is not waited for for ever',
  async () => {
    const { supervised, live, pictures } = await capture(rarelyKeyed('vp8enc'), { limitMs: 100 })
    await live()
    process.kill(supervised.pid!, 'SIGSTOP')
    expect(await pictures.capture(performance.now())).toMatchObject({ cause: 'no-picture' })
  },
)

test.runIf(hasPictures && has('vp8enc'))(
  'a process whose pictures nobody reads ends within its grace, and so does one whose pictures are read',
  async () => {
    for (const read of [false, true]) {
      const { supervised, live, take, pictures } = await capture(
        rarelyKeyed('vp8enc', { width: 1280, height: 720 }),
      )
      await live()
      await take()
      if (read) pictures.follow()
      const beganMs = performance.now()
      await supervised[Symbol.asyncDispose]()
      expect(performance.now() - beganMs).toBeLessThan(1000)
    }
  },
)

test.runIf(hasPictures && has('vp8enc'))(
  'a picture wakes a camera that nobody watches, and it sleeps again afterwards',
  async () => {
    const demand = createDemand(300)
    const { supervised, take } = await capture(rarelyKeyed('vp8enc'), { demand })
    expect(supervised.status().state).toBe('idle')
    expect(supervised.pid).toBeUndefined()
    const askedMs = performance.now()
    const picture = decodeJpeg((await take()).jpeg)
    expect(performance.now() - askedMs).toBeLessThan(2000)
    expect(areClose(barsOf(picture), SMPTE_BARS)).toBe(true)
    await vi.waitFor(() => expect(supervised.status().state).toBe('idle'), { timeout: 5000, interval: 10 })
    expect(supervised.pid).toBeUndefined()
    expect(supervised.status().restarts).toBe(0)
  },
)

test.runIf(hasPictures && has('vp8enc'))(
  'a pipeline whose time is asked for before it has made a picture makes them all the same',
  async () => {
    for (let i = 0; i < 5; i++) {
      const { command, rtp } = await prepareCapture(rarelyKeyed('vp8enc'), machine!, standIns)
      const child = spawnChild(command)
      onTestFinished(() => child.kill('SIGKILL'))
      const feed = createSnapshotReader(silentLog)
      feed.attach(child.snapshots!)
      feed.delivering()
      const over = new AbortController()
      const picture = await Promise.race([feed.next(performance.now(), over.signal), child.ended])
      expect(picture).toHaveProperty('jpeg')
      await rtp.nextPacket(over.signal)
      over.abort()
      child.kill('SIGKILL')
    }
  },
)
