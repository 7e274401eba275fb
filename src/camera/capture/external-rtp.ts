import type { Log } from '../../log.js'
import type { CameraFailure } from '../camera-failure.js'
import { judgeStream, needsKeyframe } from './judge-stream.js'
import { noPublisher, silentPublisher } from './publisher-texts.js'
import type { Source, StreamFacts } from './stream-facts.js'
import { wrongFormat } from './stream-texts.js'
import { StatusBoard, type Camera } from './status.js'

export interface ExternalTiming {
  firstPacketMs: number
  silenceMs: number
  sampleMs: number
}

const TIMING: ExternalTiming = { firstPacketMs: 10_000, silenceMs: 2000, sampleMs: 250 }
/** Whether somebody publishes is known at once. */
const PUBLISHED_TIMING: ExternalTiming = { ...TIMING, firstPacketMs: 2000 }

/** All that this file needs of the ingest. */
export interface ExternalStream {
  readonly packets: number
  readonly facts: StreamFacts | undefined
  /** Undefined unless clients publish to it. */
  readonly published?: { readonly isPublished: boolean }
  requestKeyframe(): void
}

/** Tracks the status of a camera whose packets another program or machine sends: there is no process to start. */
export function watchExternal(options: {
  source: Source & { port: number }
  stream: ExternalStream
  log: Log
  timing?: Partial<ExternalTiming>
}): Camera {
  const { stream, source } = options
  const timing = {
    ...(source.publishedTo === undefined ? TIMING : PUBLISHED_TIMING),
    ...options.timing,
  }
  const board = new StatusBoard(options.log)
  let seen = stream.packets
  let silentMs = 0
  let sampledAtMs = performance.now()
  let requestedAtMs = -Infinity
  let liveSinceMs: number | undefined
  let wasPublished = false

  const lost = (failure: CameraFailure, nowMs: number): void => {
    board.lost(failure, liveSinceMs === undefined ? 0 : nowMs - liveSinceMs)
    liveSinceMs = undefined
  }

  /** A sample counts as at most twice its interval: while this process itself is blocked, packets wait in the socket. */
  const isSilent = (nowMs: number): boolean => {
    const passedMs = Math.min(nowMs - sampledAtMs, 2 * timing.sampleMs)
    sampledAtMs = nowMs
    silentMs = stream.packets === seen ? silentMs + passedMs : 0
    seen = stream.packets
    return silentMs >= (seen === 0 ? timing.firstPacketMs : timing.silenceMs)
  }

  /** A publisher that has just connected has time for its first packet. */
  const notePublisher = (): void => {
    const isPublished = stream.published?.isPublished === true
    if (isPublished && !wasPublished) {
      silentMs = 0
      if (board.status().cause === NO_PUBLISHER) board.checking()
    }
    wasPublished = isPublished
  }

  const silence = (): CameraFailure => {
    const { publishedTo, port } = source
    if (publishedTo === undefined) return noPackets(port)
    return stream.published?.isPublished === true ? silentPublisher(publishedTo) : noPublisher(publishedTo)
  }

  const judge = (facts: StreamFacts, nowMs: number): void => {
    const verdict = judgeStream(facts, source, nowMs)
    if (verdict.state === 'bad') lost(verdict.failure, nowMs)
    else if (verdict.state === 'fine') {
      liveSinceMs ??= nowMs
      board.live(verdict.warnings)
    } else if (SILENT.includes(board.status().cause ?? '')) board.checking()
  }

  const sample = (): void => {
    const nowMs = performance.now()
    const facts = stream.facts
    if (facts === undefined) return
    notePublisher()
    const { other, packets } = facts
    if (isSilent(nowMs)) {
      const isRubbish = other !== undefined && other.kind !== 'stream'
      return lost(isRubbish ? wrongFormat(other.kind, 0, source) : silence(), nowMs)
    }
    if (packets === 0 && other === undefined) return
    if (needsKeyframe(facts, requestedAtMs, nowMs)) {
      requestedAtMs = nowMs
      stream.requestKeyframe()
    }
    judge(facts, nowMs)
  }

  const timer = setInterval(sample, timing.sampleMs)
  return {
    status: () => board.status(),
    onStatus: (listener) => board.onStatus(listener),
    restart: () => false,
    pause: async () => await Promise.resolve(false),
    pid: undefined,
    async [Symbol.asyncDispose]() {
      clearInterval(timer)
      await Promise.resolve()
    },
  }
}

const NO_PUBLISHER = 'no-publisher'
const SILENT: readonly string[] = ['no-packets', NO_PUBLISHER, 'silent-publisher']

const noPackets = (port: number): CameraFailure => ({
  cause: 'no-packets',
  message: `No RTP packets arrive on port ${port}.`,
  hint: `Start the program that sends this camera to 127.0.0.1:${port}, and check that payload type and codec agree.`,
})
