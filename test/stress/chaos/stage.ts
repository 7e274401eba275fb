import { randomUUID } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { startProgram, until, type Program, type ProgramOptions } from '../../support/program.js'
import { watch, type Seen, type Watcher } from '../../support/watcher.js'

export const FPS = 30

/** One way for things to go wrong, played with the built program and a viewer who is connected all the while. */
export interface Case {
  title: string
  /** Quick, and in need of nothing (root, namespaces): part of the run of all tests. */
  isQuick?: boolean
  play: (seed: number) => Promise<Outcome>
}

/** A row of the table. */
export interface Outcome {
  viewer: string
  health: string
  restarts: string
  /** Empty when everything went as it should. */
  problems: string[]
}

export interface Stage {
  program: Program
  viewer: Watcher
  /** What is not true goes into the table as a problem. */
  expect: (what: string, isTrue: boolean) => void
  /** Waits until the camera was started again at least so often and the viewer gets pictures for a second. */
  playsAgain: (restarts: number, limitMs: number) => Promise<void>
  /** Adds to what the viewer saw. */
  note: (text: string) => void
}

export const testCamera = (more = '', pattern = 'ball', number = 1): string =>
  `[camera${number}]\ndevice = "test:${pattern}"\nwidth = 320\nheight = 240\nfps = ${FPS}\n` +
  `webrtc-port = $PORT${number}\ncodec = "vp8"\nbitrate = 600000\n${more}\n`

/** Starts the program, waits for picture and viewer, plays, and sees that nothing is left of it. */
export async function onStage(
  about: Partial<ProgramOptions>,
  act: (stage: Stage) => Promise<void>,
): Promise<Outcome> {
  const mark = randomUUID()
  const problems: string[] = []
  const notes: string[] = []
  const outcome = await (async (): Promise<Omit<Outcome, 'problems'>> => {
    const { tables = testCamera(), env = {} } = about
    const media = tables.includes('[webrtc]') ? '' : '[webrtc]\nudp-port = $UDP\n'
    await using program = await startProgram({
      ...about,
      tables: `${tables}${media}`,
      env: { ...env, CHAOS_MARK: mark },
    })
    await until(async () => (await program.health()).status === 'ok', 30_000)
    const health = followHealth(program)
    await using viewer = await watch(program.url, 'camera1')
    await until(() => viewer.seen().frames >= 5, 10_000)
    viewer.restart()
    const expect = (what: string, isTrue: boolean): void => {
      if (!isTrue) problems.push(`not so: ${what}`)
    }
    try {
      await act({
        program,
        viewer,
        expect,
        playsAgain: playsAgain(program, viewer),
        note: (text) => void notes.push(text),
      })
    } catch (error) {
      problems.push(error instanceof Error ? error.message : String(error))
    }
    const seen = viewer.seen()
    expect('the session survived, and the picture moves', seen.longestGapMs < 60_000 && (await moves(viewer)))
    expect('no timestamp goes back', seen.backward === 0)
    expect('nothing was logged as an error', !/ ERROR /.test(program.output()))
    await health.stop()
    const { restarts_by_cause: restartsByCause } = (await program.health()).cameras['camera1']!
    return {
      viewer: [describeSeen(seen), ...notes].join('; '),
      health: health.text(),
      restarts:
        Object.entries(restartsByCause)
          .map(([cause, count]) => `${cause} ${count}`)
          .join(', ') || 'none',
    }
  })()
  await until(async () => (await processesMarked(mark)).length === 0, 3000).catch(() => {})
  const orphans = await processesMarked(mark)
  if (orphans.length > 0) problems.push(`processes are left: ${orphans.join(' ')}`)
  return { ...outcome, problems }
}

const playsAgain =
  (program: Program, viewer: Watcher) =>
  async (restarts: number, limitMs: number): Promise<void> => {
    await until(async () => {
      const camera = (await program.health()).cameras['camera1']!
      return camera.restarts >= restarts && camera.state === 'live'
    }, limitMs)
    const { frames } = viewer.seen()
    await until(() => viewer.seen().frames >= frames + FPS, limitMs)
  }

async function moves(viewer: Watcher): Promise<boolean> {
  const { frames } = viewer.seen()
  return await until(() => viewer.seen().frames >= frames + 3, 2000).then(
    () => true,
    () => false,
  )
}

export const describeSeen = (seen: Seen): string => {
  const { longestGapMs, missing, resumed, stoodStillMs, fps } = seen
  const frozen =
    longestGapMs < 300
      ? 'no standstill'
      : `stood still ${Math.max(1, resumed)} x, longest ${(longestGapMs / 1000).toFixed(1)} s, some ${Math.round((Math.max(stoodStillMs, longestGapMs) * FPS) / 1000)} frames missed`
  return `${frozen}, ${missing} packets missing, ${fps.toFixed(0)} fps else`
}

/** Every state and cause that /health told, in order. */
function followHealth(program: Program): { text: () => string; stop: () => Promise<void> } {
  const states: string[] = []
  const stopped = new AbortController()
  const sample = async (): Promise<void> => {
    while (!stopped.signal.aborted) {
      const camera = (await program.health().catch(() => undefined))?.cameras['camera1']
      const state =
        camera === undefined ? 'no answer' : [camera.state, camera.cause].filter(Boolean).join(' ')
      if (states.at(-1) !== state) states.push(state)
      await pause(50)
    }
  }
  const done = sample()
  return {
    text: () => shorten(states),
    stop: async () => {
      stopped.abort()
      await done
    },
  }
}

const shorten = (states: string[]): string =>
  states.length <= 5
    ? states.join(' → ')
    : `${states.slice(0, 3).join(' → ')} → … (${states.length} changes) → ${states.at(-1)}`

/** By their environment, which the program's children inherit. */
export async function processesMarked(mark: string): Promise<number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number)
  const environments = await Promise.all(
    pids.map(async (pid) => await readFile(`/proc/${pid}/environ`, 'latin1').catch(() => '')),
  )
  return pids.filter((_, i) => environments[i]!.includes(`CHAOS_MARK=${mark}`))
}

export const pause = async (ms: number): Promise<void> =>
  await new Promise((resolve) => setTimeout(resolve, ms))
