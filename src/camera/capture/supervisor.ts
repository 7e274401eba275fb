import type { Duplex } from 'node:stream'
import { messageOf } from '../../lib/error-message.js'
import { nextWait } from '../../lib/backoff.js'
import { exhaustionIn } from '../../lib/exhausted.js'
import type { Log } from '../../log.js'
import type { Command } from '../gstreamer/command.js'
import type { Demand } from './demand.js'
import { explainFailure, type CaptureExit } from './explain-failure.js'
import { type CameraFailure } from '../camera-failure.js'
import type { StartQueue } from './start-queue.js'
import { detectStall, type PacketCounter } from './stall-detector.js'
import { after, as, firstOf, whenAborted, type Racer } from '../../lib/race.js'
import { spawnChild, type Child } from './spawn.js'
import { StatusBoard, type Camera } from './status.js'
import { stopChild } from './stop-child.js'

/** All in milliseconds. */
export interface SupervisorTiming {
  /** From the start of the process to its first packet. */
  firstPacketMs: number
  /** Without a packet, before a picture counts as frozen; at least five frames in any case. */
  silenceMs: number
  sampleMs: number
  /** From SIGINT to SIGKILL, where the process has no reason not to obey. */
  graceMs: number
  frozenGraceMs: number
  /** From SIGKILL until a process counts as stuck in a driver. */
  killMs: number
}

const TIMING: SupervisorTiming = {
  firstPacketMs: 10_000,
  silenceMs: 2000,
  sampleMs: 250,
  graceMs: 2000,
  frozenGraceMs: 500,
  killMs: 3000,
}

/** Reads the snapshots of each capture process. */
export interface SnapshotPipe {
  /** A process was started; `pipe` is its socket for snapshots. */
  attach(pipe: Duplex): void
  /** The process that was attached last delivers packets: its clock runs. */
  delivering(): void
}

export interface SuperviseOptions {
  /** Asked before each attempt: what a machine has can change while the program runs. */
  command: () => Promise<Command | CameraFailure>
  packets: PacketCounter
  gate: StartQueue
  /** The camera's own: its lines begin with the camera's name. */
  log: Log
  /** Logs every line the process writes to stderr. */
  debug: boolean
  /** Called just before a process is started: its packets will be a new stream. */
  onStart: () => void
  /** Looked at for each process anew, as `command` is asked. */
  readonly fps: number
  /** Captures while it is wanted. */
  demand: Demand
  snapshots?: SnapshotPipe
  /** Named in the hint when the configured one is not among them. */
  knownCameras?: readonly string[]
  timing?: Partial<SupervisorTiming>
}

type Unforced = 'asked' | 'unwanted'

/**
 * How an attempt ended: asked to, because nobody watches any more, because a new start was requested, or lost after packets
 * had come for `heldMs`.
 */
type Outcome = Unforced | 'requested' | { heldMs: number; atOnce: boolean }

/** Keeps one capture process running until disposed: starts it, watches its packets, explains, waits, starts again. */
export function superviseCamera(options: SuperviseOptions): Camera {
  const { packets, demand, log } = options
  const timing = { ...TIMING, ...options.timing }
  const silenceMs = (): number => Math.max(timing.silenceMs, (5 * 1000) / options.fps)
  const board = new StatusBoard(log)
  const closing = new AbortController()
  const asked: Racer<'asked'> = as('asked', whenAborted(closing.signal))
  const unwanted: Racer<'unwanted'> = as('unwanted', demand.unwanted)
  /** Aborted by a request for a new start, which the next attempt answers whenever it begins. */
  let request = new AbortController()
  const requested: Racer<'requested'> = as(
    'requested',
    async (over) => await whenAborted(request.signal)(over),
  )
  let child: Child | undefined

  async function keepRunning(): Promise<void> {
    if (demand.isWanted) await keepTrying()
    while (!closing.signal.aborted) {
      board.idle()
      if ((await firstOf<string>(as('wanted', demand.wanted), asked)) === 'asked') return
      board.woken()
      await keepTrying()
    }
  }

  /** One attempt after the other, until asked to end or nobody watches. */
  async function keepTrying(): Promise<void> {
    let failures = 0
    for (let first = true; ; first = false) {
      if (!first) board.restarted()
      const outcome = await attempt().catch(unexpected)
      if (outcome === 'asked' || outcome === 'unwanted') return
      if (outcome === 'requested') {
        failures = 0
        continue
      }
      const next = nextWait(failures, outcome.heldMs)
      failures = next.failures
      const waitMs = outcome.atOnce ? 0 : next.waitMs
      const waited = await firstOf<string>(asked, unwanted, requested, as('waited', after(waitMs)))
      if (waited === 'asked' || waited === 'unwanted') return
      if (waited === 'requested') failures = 0
    }
  }

  async function attempt(): Promise<Outcome> {
    using turn = await options.gate.enter(closing.signal)
    if (request.signal.aborted) request = new AbortController()
    const command = await options.command()
    if (closing.signal.aborted) return 'asked'
    if ('cause' in command) return lost(command, 0)
    options.onStart()
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
    const first = await firstOf<CaptureExit | 'packet' | 'no-first-packet' | 'requested' | Unforced>(
      as('packet', async (over) => await packets.nextPacket(over)),
      died,
      as('no-first-packet', after(timing.firstPacketMs)),
      asked,
      unwanted,
      requested,
    )
    if (first !== 'packet') {
      const isBad = first === 'no-first-packet' && packets.ignored > ignoredBefore
      return await finish(started, isBad ? 'bad-packets' : first, 0)
    }
    onLive()
    board.live()
    options.snapshots?.delivering()
    const liveSince = performance.now()
    const end = await firstOf<CaptureExit | 'frozen' | 'bad-packets' | 'requested' | Unforced>(
      died,
      detectStall(packets, silenceMs(), timing.sampleMs),
      asked,
      unwanted,
      requested,
    )
    return await finish(started, end, performance.now() - liveSince)
  }

  /** Makes sure that the process is gone before anything else is started in its place. */
  async function finish(
    started: Child,
    end: CaptureExit | 'no-first-packet' | 'frozen' | 'bad-packets' | 'requested' | Unforced,
    heldMs: number,
  ): Promise<Outcome> {
    if (end === 'requested') board.requested()
    if (end === 'asked' || end === 'unwanted' || end === 'requested') {
      await endOrWait(started, timing.graceMs)
      return end
    }
    if (typeof end === 'object') return lost(explainFailure(end, options.knownCameras), heldMs)
    // What it said while it still ran is the reason; what it says when it is ended is not.
    const failure = explainFailure({ how: end, stderr: started.stderr() }, options.knownCameras)
    const outcome = lost(failure, heldMs)
    await endOrWait(started, timing.frozenGraceMs)
    return { ...outcome, atOnce: end !== 'no-first-packet' && heldMs > 0 }
  }

  function lost(failure: CameraFailure, heldMs: number) {
    board.lost(failure, heldMs)
    return { heldMs, atOnce: false }
  }

  async function endOrWait(started: Child, graceMs: number): Promise<void> {
    if ((await stopChild(started, { graceMs, killMs: timing.killMs })) === 'gone') return
    board.lost(stuck(started.pid), 0)
    await firstOf<unknown>(async () => await started.ended, asked)
    started.abandon()
  }

  const unexpected = (error: unknown): Outcome => {
    const exhaustion = exhaustionIn(error) // of a socket to find a port with
    if (exhaustion !== undefined) return lost(exhaustion, 0)
    log.error('looking after the camera failed', {
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
  message: `The capture process ${pid ?? ''} hangs in a driver and cannot be ended.`,
  hint: 'Reboot needed: nothing else frees the camera.',
})

const internal = (error: unknown): CameraFailure => ({
  cause: 'internal',
  message: `Looking after the camera failed: ${messageOf(error)}.`,
  hint: 'Please report it, with the log.',
})
