import type { Duplex } from 'node:stream'
import { messageOf } from '../../lib/error-message.js'
import { nextWait } from '../../lib/backoff.js'
import { exhaustionIn } from '../../lib/exhausted.js'
import type { Log } from '../../log.js'
import type { Command } from '../gstreamer/command.js'
import type { Demand } from './demand.js'
import type { AttemptObserver } from './fallback.js'
import { pipelineFacts, UNKNOWN_PIPELINE } from '../failures/pipeline-facts.js'
import { explainFailure, type CaptureExit } from './explain-failure.js'
import { type CameraFailure } from '../camera-failure.js'
import { Pause } from './pause.js'
import type { StartQueue } from './start-queue.js'
import { detectStall, type PacketCounter } from './stall-detector.js'
import { after, as, firstOf, whenAborted, type Racer } from '../../lib/race.js'
import { spawnChild, type Child } from './spawn.js'
import { StatusBoard, type Camera, type StatusWords } from './status.js'
import type { Verdict } from './judge-stream.js'
import { stopChild } from './stop-child.js'
import { STARTUP_FRAMES, TIMING, type SupervisorTiming } from './supervisor-timing.js'

export interface SnapshotPipe {
  /** Called with the snapshot socket of each process that starts. */
  attach(pipe: Duplex): void
  /** Called when that process delivers packets, so its clock runs. */
  delivering(): void
}

export interface SuperviseOptions {
  /** Called before each attempt: configuration and hardware can change. */
  command: () => Promise<Command | CameraFailure>
  packets: PacketCounter
  startQueue: StartQueue
  log: Log
  debug: boolean
  /** Called before each start: its packets will be a new stream. */
  onStart: () => void
  readonly fps: number
  demand: Demand
  /** Of a stream that the camera encodes; undefined for ours. The camera is live when it is fine. */
  verdict?: () => Verdict | undefined
  snapshots?: SnapshotPipe
  /** Gets the result of every attempt that started a process. */
  attempts?: AttemptObserver
  /** Adds to a failure what this machine has: sizes and names of cameras. */
  addFacts?: (failure: CameraFailure) => Promise<CameraFailure>
  /** Called when a process ended by itself. `retry` starts another at once; a failure replaces the one that stderr explains. */
  reconsider?: (failure: CameraFailure) => Promise<CameraFailure | 'retry' | undefined>
  timing?: Partial<SupervisorTiming>
  /** Of a process that captures something else than video. */
  explain?: typeof explainFailure
  words?: StatusWords
}

type Stopped = 'closed' | 'unwanted'

/** How an attempt ended; `retry` if the next one uses another name of the camera, an object if it failed after packets had arrived for `heldMs`. */
type Outcome = Stopped | 'requested' | 'retry' | { heldMs: number; immediate: boolean }

/** Keeps one capture process running until disposed: starts it, watches its packets, explains failures, backs off, retries. */
export function superviseCamera(options: SuperviseOptions): Camera {
  const { packets, demand, log, explain = explainFailure } = options
  const timing = { ...TIMING, ...options.timing }
  const silenceMs = (): number => Math.max(timing.silenceMs, (5 * 1000) / options.fps)
  const firstPacketMs = (): number => Math.max(timing.firstPacketMs, (STARTUP_FRAMES * 1000) / options.fps)
  const board = new StatusBoard(log, options.words)
  const closing = new AbortController()
  const closed: Racer<'closed'> = as('closed', whenAborted(closing.signal))
  const unwanted: Racer<'unwanted'> = as('unwanted', demand.unwanted)
  /** Aborted by restart(); replaced when the next attempt begins. */
  let request = new AbortController()
  const requested: Racer<'requested'> = as(
    'requested',
    async (signal) => await whenAborted(request.signal)(signal),
  )
  let child: Child | undefined
  const paused = new Pause(closing.signal, () => request.abort())
  let pipeline = UNKNOWN_PIPELINE

  async function keepRunning(): Promise<void> {
    if (demand.isWanted) await keepTrying()
    while (!closing.signal.aborted) {
      board.idle()
      if ((await firstOf<string>(as('wanted', demand.wanted), closed)) === 'closed') return
      board.woken()
      await keepTrying()
    }
  }

  async function keepTrying(): Promise<void> {
    let failures = 0
    for (let isRestart = false; ;) {
      if (isRestart) board.restarted()
      const outcome = await attempt().catch(unexpected)
      if (outcome === 'closed' || outcome === 'unwanted') return
      isRestart = outcome !== 'retry'
      if (outcome === 'retry') continue
      if (outcome === 'requested') {
        failures = 0
        continue
      }
      const next = nextWait(failures, outcome.heldMs)
      failures = next.failures
      const waitMs = outcome.immediate ? 0 : next.waitMs
      const wakeup = await firstOf<string>(closed, unwanted, requested, as('elapsed', after(waitMs)))
      if (wakeup === 'closed' || wakeup === 'unwanted') return
      if (wakeup === 'requested') failures = 0
    }
  }

  async function attempt(): Promise<Outcome> {
    using turn = await options.startQueue.enter(closing.signal)
    if (request.signal.aborted) request = new AbortController()
    await paused.run()
    const command = await firstOf<Command | CameraFailure | 'closed'>(options.command, closed)
    if (command === 'closed' || closing.signal.aborted) return 'closed'
    if ('cause' in command) return lost(command, 0)
    options.onStart()
    pipeline = pipelineFacts(command.args)
    const started = spawnChild(command, options.debug ? (line) => log.debug(line) : undefined)
    child = started
    if (started.snapshots !== undefined) options.snapshots?.attach(started.snapshots)
    try {
      return await watch(started, () => turn[Symbol.dispose]())
    } finally {
      child = undefined
    }
  }

  async function watch(started: Child, onLive: () => void): Promise<Outcome> {
    const ignoredBefore = packets.ignored
    const died = async (): Promise<CaptureExit> => await started.ended
    const first = await firstOf<CaptureExit | 'packet' | 'no-first-packet' | 'requested' | Stopped>(
      as('packet', async (signal) => await packets.nextPacket(signal)),
      died,
      as('no-first-packet', after(firstPacketMs())),
      closed,
      unwanted,
      requested,
    )
    if (first !== 'packet') {
      const isBad = first === 'no-first-packet' && packets.ignored > ignoredBefore
      return await finish(started, isBad ? 'bad-packets' : first, 0)
    }
    onLive()
    if (options.verdict?.() === undefined) board.live()
    options.attempts?.delivered()
    options.snapshots?.delivering()
    const liveSince = performance.now()
    const end = await firstOf<CaptureExit | CameraFailure | 'frozen' | 'bad-packets' | 'requested' | Stopped>(
      died,
      turnsBad,
      detectStall(packets, silenceMs(), timing.sampleMs),
      closed,
      unwanted,
      requested,
    )
    return await finish(started, end, performance.now() - liveSince)
  }

  /** Follows the verdict; resolves when no viewer gets a picture. */
  const turnsBad: Racer<CameraFailure> = async (signal) =>
    await new Promise((resolve) => {
      const judge = (): void => {
        const verdict = options.verdict?.()
        if (verdict?.state === 'fine') board.live(verdict.warnings)
        if (verdict?.state === 'bad') resolve(verdict.failure)
      }
      const timer = setInterval(judge, timing.sampleMs)
      signal.addEventListener('abort', () => clearInterval(timer), { once: true })
    })

  /** Resolves when the process is gone, so that the next one can open the camera. */
  async function finish(
    started: Child,
    end: CaptureExit | CameraFailure | 'no-first-packet' | 'frozen' | 'bad-packets' | 'requested' | Stopped,
    heldMs: number,
  ): Promise<Outcome> {
    if (end === 'requested') board.requested(paused.why)
    if (end === 'closed' || end === 'unwanted' || end === 'requested') {
      await stopOrWait(started, timing.graceMs)
      return end
    }
    if (typeof end === 'object' && 'cause' in end) {
      const outcome = lost(end, 0)
      await stopOrWait(started, timing.graceMs)
      return outcome
    }
    if (typeof end === 'object') return await explained(end, heldMs)
    // Explained before the process is stopped: what it logs while stopping is not the cause.
    const failure = explain({ how: end, stderr: started.stderr() }, pipeline)
    const outcome = failed(failure, heldMs, started.stderr())
    await stopOrWait(started, timing.frozenGraceMs)
    return { ...outcome, immediate: outcome.immediate || (end !== 'no-first-packet' && heldMs > 0) }
  }

  function failed(failure: CameraFailure, heldMs: number, stderr: readonly string[]) {
    const outcome = lost(failure, heldMs)
    const isOther = heldMs === 0 && options.attempts?.failed(failure, stderr) === true
    return { ...outcome, immediate: isOther }
  }

  /** The facts are of no use to a camera that is no longer wanted, and other cameras wait for this one's turn to start. */
  async function withFacts(failure: CameraFailure): Promise<CameraFailure> {
    const { addFacts } = options
    if (addFacts === undefined) return failure
    const known: Racer<CameraFailure> = async () => await addFacts(failure)
    return await firstOf(
      known,
      as(failure, after(timing.factsMs)),
      as(failure, closed),
      as(failure, unwanted),
    )
  }

  async function explained(end: CaptureExit, heldMs: number): Promise<Outcome> {
    const failure = explain(end, pipeline)
    const other = await firstOf<CameraFailure | 'retry' | 'closed' | undefined>(
      async () => await options.reconsider?.(failure),
      closed,
    )
    if (other === 'closed' || other === 'retry') return other
    return failed(other ?? (await withFacts(failure)), heldMs, end.stderr)
  }

  function lost(failure: CameraFailure, heldMs: number) {
    board.lost(failure, heldMs)
    return { heldMs, immediate: false }
  }

  async function stopOrWait(started: Child, graceMs: number): Promise<void> {
    if ((await stopChild(started, { graceMs, killMs: timing.killMs })) === 'gone') return
    board.lost(stuck(started.pid), 0)
    await firstOf<unknown>(async () => await started.ended, closed)
    started.abandon()
  }

  const unexpected = (error: unknown): Outcome => {
    const exhaustion = exhaustionIn(error) // such as no free descriptor for a socket
    if (exhaustion !== undefined) return lost(exhaustion, 0)
    log.error('the camera supervisor failed', {
      error: error instanceof Error ? error.stack : String(error),
    })
    return lost(internal(error), 0)
  }

  const done = keepRunning()
  return {
    status: () => board.status(),
    onStatus: (listener) => board.onStatus(listener),
    restart() {
      if (closing.signal.aborted || board.status().state === 'idle') return false
      request.abort()
      return true
    },
    pause: async (why, task, signal) => await paused.request(why, task, signal),
    get pid() {
      return child?.pid
    },
    async [Symbol.asyncDispose]() {
      closing.abort()
      await done
    },
  }
}

const stuck = (pid: number | undefined): CameraFailure => ({
  cause: 'stuck',
  message: `The capture process ${pid ?? ''} hangs in a driver and cannot be stopped.`,
  hint: 'Reboot the machine: nothing else releases the camera.',
})

const internal = (error: unknown): CameraFailure => ({
  cause: 'internal',
  message: `The camera supervisor failed: ${messageOf(error)}.`,
  hint: 'Please report it, with the log.',
})
