import { mainThreadMs } from './main-thread.js'

/** More of the event loop than this for one input is a finding. */
export const MOST_INPUT_MS = 50
/** What was slow is tried alone so often, and is slow only if it is so each time. */
const TRIES = 3
/** The event loop rests when it did no more than this from one look to the next: what the cameras of the target need, and a timer. */
const REST_MS = 3
const SAMPLE_INTERVAL_MS = 25
const REST_LIMIT_MS = 20_000
const PRESENT_MS = 4000
/** Batches that are looked into at the end of a entry point for the slowest input. */
const LOOKED_INTO = 2

/** What is sent together and can be sent again: one input, or some that need each other. */
export interface Unit {
  /** By which way in. */
  entry: string
  inputs: number
  bytes: number
  /** What of its cost is honest work that goes with it, as a handshake. */
  honestMs?: number
  about: () => string
  send: () => Promise<void>
}

export interface Metered {
  /** Inputs by entry point. */
  entries: Record<string, number>
  bytesSent: number
  slowestMs: number
}

/** Sends the inputs of one entry point, and finds those that keep the event loop of the program for too long. */
export interface Meter {
  /** Sends them at once. */
  send(units: Unit[]): Promise<void>
  /** The same for code that runs in this process and waits for nothing. */
  here(entry: string, bytes: number, about: () => string, work: () => void): void
  /** Until it is disposed, what the event loop does now, for viewers that an attack needs, is not counted for its inputs. */
  excludePresent(): Promise<Disposable>
  /** What something costs the event loop in milliseconds, at the least of some tries. */
  costOf(work: () => Promise<void>): Promise<number>
  /** Looks for the slowest input of all. */
  findSlowest(): Promise<void>
  /** So far. */
  metered(): Metered
}

export async function openMeter(pid: number, find: (finding: string) => void): Promise<Meter> {
  let idlePerMs = await idleShare(pid)
  const metered: Metered = { entries: {}, bytesSent: 0, slowestMs: 0 }
  const perUnitMs: number[] = []
  const slowest: { units: Unit[]; excessMs: number }[] = []

  const note = ({ entry, inputs, bytes }: Pick<Unit, 'entry' | 'inputs' | 'bytes'>): void => {
    metered.entries[entry] = (metered.entries[entry] ?? 0) + inputs
    metered.bytesSent += bytes
  }
  const typicalMs = (): number => median(perUnitMs.slice(-50))

  /** Until everything is sent, and the event loop rests afterwards. */
  const spentOn = async (
    units: Unit[],
  ): Promise<{ spentMs: number; results: PromiseSettledResult<void>[] }> => {
    const [fromMs, startedMs] = [mainThreadMs(pid), performance.now()]
    const results = await Promise.allSettled(units.map(async (unit) => await unit.send()))
    const sentMs = performance.now()
    for (let lastMs = -Infinity; performance.now() - sentMs < REST_LIMIT_MS;) {
      const nowMs = mainThreadMs(pid)
      if (!(nowMs - lastMs > REST_MS)) break
      lastMs = nowMs
      await new Promise((resolve) => setTimeout(resolve, SAMPLE_INTERVAL_MS))
    }
    const idleMs = idlePerMs * (performance.now() - startedMs)
    const honestMs = units.reduce((sum, unit) => sum + (unit.honestMs ?? 0), 0)
    const spentMs = mainThreadMs(pid) - fromMs - idleMs - honestMs
    return { spentMs: spentMs > 0 ? spentMs : 0, results }
  }
  const spentAgain = async (units: Unit[]): Promise<number> => (await spentOn(units)).spentMs

  /** Halves what was slow until it is one. */
  const inspect = async (units: Unit[]): Promise<void> => {
    if (units.length === 1) return await tryAlone(units[0]!)
    const middle = Math.ceil(units.length / 2)
    for (const half of [units.slice(0, middle), units.slice(middle)]) {
      const spentMs = await spentAgain(half)
      if (spentMs - (half.length - 1) * typicalMs() > MOST_INPUT_MS) await inspect(half)
    }
  }
  const tryAlone = async (unit: Unit): Promise<void> => {
    let leastMs = Infinity
    for (let i = 0; i < TRIES && leastMs > MOST_INPUT_MS; i++)
      leastMs = Math.min(leastMs, await spentAgain([unit]))
    metered.slowestMs = Math.max(metered.slowestMs, leastMs)
    if (leastMs > MOST_INPUT_MS)
      find(
        `${Math.round(leastMs)} ms of the event loop for ${unit.bytes} bytes: ${unit.about().slice(0, 1000)}`,
      )
  }
  /** The way down to the costlier half finds the slowest of a batch, or one that is not much quicker. */
  const slowestOf = async (units: Unit[]): Promise<Unit> => {
    if (units.length === 1) return units[0]!
    const middle = Math.ceil(units.length / 2)
    const [first, second] = [units.slice(0, middle), units.slice(middle)]
    return await slowestOf((await spentAgain(first)) > (await spentAgain(second)) ? first : second)
  }

  return {
    send: async (units) => {
      const { spentMs, results } = await spentOn(units)
      const failed = results.find((result) => result.status === 'rejected')
      if (failed !== undefined) throw failed.reason
      units.forEach(note)
      const excessMs = spentMs - (units.length - 1) * typicalMs()
      perUnitMs.push(spentMs / units.length)
      slowest.push({ units, excessMs })
      slowest.sort((a, b) => b.excessMs - a.excessMs).splice(LOOKED_INTO)
      if (excessMs > MOST_INPUT_MS) await inspect(units)
    },
    here: (entry, bytes, about, work) => {
      note({ entry, inputs: 1, bytes })
      let leastMs = timeOf(work)
      if (leastMs <= metered.slowestMs) return
      for (let i = 1; i < TRIES; i++) leastMs = Math.min(leastMs, timeOf(work))
      metered.slowestMs = Math.max(metered.slowestMs, leastMs)
      if (leastMs > MOST_INPUT_MS)
        find(`${Math.round(leastMs)} ms for ${bytes} bytes: ${about().slice(0, 2000)}`)
    },
    excludePresent: async () => {
      const before = idlePerMs
      idlePerMs = Math.max(before, await averageShare(pid))
      return { [Symbol.dispose]: () => void (idlePerMs = before) }
    },
    costOf: async (work) => {
      const unit: Unit = { entry: '', inputs: 1, bytes: 0, about: () => '', send: work }
      let leastMs = Infinity
      for (let i = 0; i < TRIES; i++) {
        const { spentMs, results } = await spentOn([unit])
        if (results[0]!.status === 'rejected') throw results[0]!.reason
        leastMs = Math.min(leastMs, spentMs)
      }
      return leastMs
    },
    findSlowest: async () => {
      for (const { units } of slowest) await tryAlone(await slowestOf(units))
    },
    metered: () => ({ ...metered, slowestMs: Math.round(metered.slowestMs * 10) / 10 }),
  }
}

/** What share of the time the event loop is busy with the target's cameras and nothing else: of some looks a quiet one. */
async function idleShare(pid: number): Promise<number> {
  const shares: number[] = []
  for (let i = 0; i < 12; i++) {
    const [fromMs, startedMs] = [mainThreadMs(pid), performance.now()]
    await new Promise((resolve) => setTimeout(resolve, 50))
    shares.push((mainThreadMs(pid) - fromMs) / (performance.now() - startedMs))
  }
  return shares.sort((a, b) => a - b)[2]!
}

/** The same over seconds: inputs that wait for a time limit take as long, and a viewer's packets and checks come in bursts. */
async function averageShare(pid: number): Promise<number> {
  const [fromMs, startedMs] = [mainThreadMs(pid), performance.now()]
  await new Promise((resolve) => setTimeout(resolve, PRESENT_MS))
  return (mainThreadMs(pid) - fromMs) / (performance.now() - startedMs)
}

const median = (values: number[]): number =>
  values.length === 0 ? 0 : [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!

function timeOf(work: () => void): number {
  const before = process.cpuUsage()
  work()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000
}
