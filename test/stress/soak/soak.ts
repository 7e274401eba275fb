import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { startLoad } from '../../../bench/load/child.js'
import { startProgram, until, type Program } from '../../support/program.js'
import { seededRandom } from '../../support/viewer-random.js'
import type { Counted } from './crowd.js'
import { fit, type Fit } from './fit.js'
import { cpuSeconds, metric, sample, type Sample } from './samples.js'

const CAMERAS = ['camera1', 'camera2', 'camera3'] as const
const MAX_CLIENTS = 6
const CRASH_MS = 15_000
/** Of the whole time; what fills once fills in it. */
const WARM_UP = 0.25
/** Of the packets that were sent, as many may be lost on the way through a kernel that is busy. */
const TOLERATED_LOSS = 0.001

/** Growth in the time looked at that is none yet. */
const NOISE = {
  rssMb: 8,
  heapMb: 2,
  externalMb: 2,
  fileDescriptors: 4,
  timers: 8,
  handles: 4,
} satisfies Partial<Record<keyof Sample, number>>

export interface Soaked {
  /** What does not reconcile; empty when all does. */
  problems: string[]
  fits: Record<string, Fit & { first: number; last: number }>
  figures: Record<string, string>
}

const tables = `
[camera1]\ndevice = "test:ball"\nwebrtc-port = $PORT1
[camera2]\ndevice = "test:smpte"\nwebrtc-port = $PORT2
[camera3]\ndevice = "test:ball"\nwebrtc-port = $PORT3
[video]\ncodec = "vp8"\nbitrate = 150000
[webrtc]\nudp-port = $UDP\nmax-clients = ${MAX_CLIENTS}
[limits]
offers-per-second = 1000
offer-burst = 1000
`.replaceAll('webrtc-port', 'width = 160\nheight = 120\nfps = 10\nwebrtc-port')

/** Lets viewers come and go and cameras crash for some time, and sees whether everything adds up and nothing grows. */
export async function soak(seconds: number, seed: number): Promise<Soaked> {
  const folder = await mkdtemp(join(tmpdir(), 'soak-'))
  const inside = join(folder, 'inside.sock')
  const script = fileURLToPath(new URL('inside.mjs', import.meta.url))
  await using program = await startProgram({
    tables,
    env: { SOAK_INSIDE: inside, NODE_OPTIONS: `--import=${script}` },
  })
  try {
    await until(async () => (await program.health()).status === 'ok', 30_000)
    return await soakProgram(program, inside, seconds, seed)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function soakProgram(program: Program, inside: string, seconds: number, seed: number): Promise<Soaked> {
  const random = seededRandom(seed)
  const over = new AbortController()
  const samples: Sample[] = []
  const crashes = { crashed: 0, frozen: 0 }
  let failing = 0

  const keepSampling = async (): Promise<void> => {
    const everyMs = Math.min(10_000, (seconds * 1000) / 60)
    for (; !over.signal.aborted; await rest(everyMs)) samples.push(await sample(program, inside))
  }
  /** One after the other: a camera that has not come back cannot crash again. */
  const keepCrashing = async (): Promise<void> => {
    for (;;) {
      await rest(2 * CRASH_MS * random())
      if (over.signal.aborted) return
      const number = 1 + Math.floor(random() * CAMERAS.length)
      const before = (await program.health()).cameras[`camera${number}`]!.restarts
      const pid = await program.capturePid(number)
      const isStopped = random() < 0.3
      process.kill(pid, isStopped ? 'SIGSTOP' : 'SIGKILL')
      crashes[isStopped ? 'frozen' : 'crashed']++
      await until(async () => {
        const camera = (await program.health()).cameras[`camera${number}`]!
        return camera.restarts > before && camera.state === 'live'
      }, 30_000)
    }
  }
  const keepKilling = async (): Promise<void> => {
    while (!over.signal.aborted) {
      await using viewers = startLoad<number>(
        '../../test/stress/soak/failing-viewers.ts',
        program.url,
        program.udpPort,
      )
      failing += await viewers.ask()
      await rest(15_000 + 20_000 * random())
    }
  }
  const rest = async (ms: number): Promise<void> =>
    await sleep(ms, undefined, { signal: over.signal }).catch(() => {})

  const cpuBefore = await cpuSeconds(program.pid)
  const startedMs = performance.now()
  const duties = Promise.all([keepSampling(), keepCrashing(), keepKilling()])
  await using crowd = startLoad<Counted>(
    '../../test/stress/soak/crowd.ts',
    program.url,
    program.udpPort,
    seed,
    seconds,
  )
  const counted = await Promise.race([
    crowd.ask(),
    duties.then(() => Promise.reject(new Error('over too early'))),
  ])
  const cpu = (await cpuSeconds(program.pid)) - cpuBefore
  const tookS = (performance.now() - startedMs) / 1000
  over.abort()
  await duties
  await until(
    async () => Object.values((await program.health()).cameras).every(({ viewers }) => viewers === 0),
    40_000,
  ).catch(() => {})

  const problems = await reconcile(program, counted, failing, crashes)
  const isWarm = (atS: number): boolean => atS > WARM_UP * seconds && atS < seconds // then they only go
  const warm = samples.filter(({ atMs }) => isWarm((atMs - startedMs) / 1000))
  const fits: Soaked['fits'] = {}
  for (const [key, noise] of Object.entries(NOISE)) {
    const values = warm.map(({ atMs, ...of }) => ({ atMs, value: of[key as keyof typeof NOISE] }))
    fits[key] = { ...fit(values, noise), first: values[0]!.value, last: values.at(-1)!.value }
    if (fits[key].verdict === 'grows') problems.push(`${key} grows`)
  }
  const all = Object.values(counted.admitted).reduce((total, each) => total + each, 0)
  return {
    problems,
    fits,
    figures: {
      'viewers admitted': `${all} who went as they liked (${list(counted.leavings)}), ${failing} of killed processes`,
      refused: list(counted.refusals) || 'none',
      'packets received': list(counted.received),
      'crashes made': list(crashes),
      pictures: list(counted.pictures),
      'wrong requests': list(counted.nonsense),
      'processor of the program': `${((100 * cpu) / tookS).toFixed(1)} % of a core over ${tookS.toFixed(0)} s`,
      seed: String(seed),
    },
  }
}

/** What clients counted, what the program counted, and what the log says. */
async function reconcile(
  program: Program,
  counted: Counted,
  failing: number,
  crashes: Record<string, number>,
): Promise<string[]> {
  const problems: string[] = []
  const same = (what: string, ours: unknown, theirs: unknown): void => {
    if (String(ours) !== String(theirs))
      problems.push(`${what}: the program says ${String(ours)}, the clients ${String(theirs)}`)
  }
  const lines = program.output().split('\n')
  const left = lines.filter((line) => line.includes('viewer left'))
  const admitted: Record<string, number> = { ...counted.admitted, camera3: failing }
  for (const camera of CAMERAS)
    same(
      `viewers of ${camera} that ended`,
      left.filter((line) => line.includes(`camera=${camera} `)).length,
      admitted[camera] ?? 0,
    )
  same('viewers now', Object.values(await metric(program, 'camera_viewers')).join(), '0,0,0')
  const sent = await metric(program, 'viewer_sent_packets_total')
  for (const camera of ['camera1', 'camera2']) {
    const lost = 1 - (counted.received[camera] ?? 0) / sent[camera]!
    if (Math.abs(lost) > TOLERATED_LOSS)
      problems.push(`${camera}: ${sent[camera]} packets were sent, ${counted.received[camera]} came`)
  }
  if (counted.missing > 0)
    problems.push(`${counted.missing} packets of a camera did not reach a viewer that was there`)
  const { cameras } = await program.health()
  const restarts: Record<string, number> = {}
  for (const { restarts_by_cause: restartsByCause } of Object.values(cameras))
    for (const [cause, count] of Object.entries(restartsByCause))
      restarts[cause] = (restarts[cause] ?? 0) + count
  for (const cause of new Set([...Object.keys(restarts), ...Object.keys(crashes)]))
    same(`restarts because ${cause}`, restarts[cause] ?? 0, crashes[cause] ?? 0)
  if (counted.neverLeft > 0)
    problems.push(`${counted.neverLeft} viewers were sent packets half a minute after they went`)
  problems.push(...counted.failures)
  const odd = [...Object.keys(counted.pictures), ...Object.keys(counted.nonsense)].filter(
    (status) => status === '500',
  )
  if (odd.length > 0) problems.push('a request was answered with 500')
  problems.push(...lines.filter((line) => / ERROR /.test(line)).slice(0, 5))
  return problems
}

const list = (counts: Record<string, number>): string =>
  Object.entries(counts)
    .map(([name, count]) => `${name} ${count}`)
    .join(', ')
