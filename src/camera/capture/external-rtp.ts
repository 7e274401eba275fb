import type { Log } from '../../log.js'
import type { CameraFailure } from '../camera-failure.js'
import { detectStall, type PacketCounter } from './stall-detector.js'
import { after, as, firstOf, whenAborted } from '../../lib/race.js'
import { StatusBoard, type Camera } from './status.js'

/** All in milliseconds. */
export interface ExternalTiming {
  firstPacketMs: number
  silenceMs: number
  sampleMs: number
}

const TIMING: ExternalTiming = { firstPacketMs: 10_000, silenceMs: 2000, sampleMs: 250 }

/** Watches a camera whose packets another program sends: there is no process to start, only silence to notice. */
export function watchExternal(options: {
  /** Where its packets are expected, for the hint. */
  port: number
  packets: PacketCounter
  log: Log
  timing?: Partial<ExternalTiming>
}): Camera {
  const { packets } = options
  const timing = { ...TIMING, ...options.timing }
  const board = new StatusBoard(options.log)
  const closing = new AbortController()
  const asked = as('asked' as const, whenAborted(closing.signal))
  const packet = as('packet' as const, async (over) => await packets.nextPacket(over))

  async function keepWatching(): Promise<void> {
    let first = await firstOf<string>(packet, as('late', after(timing.firstPacketMs)), asked)
    if (first === 'late') {
      board.lost(noPackets(options.port), 0)
      first = await firstOf<string>(packet, asked)
    }
    while (first !== 'asked') {
      board.live()
      const liveSince = performance.now()
      const quiet = as('quiet', detectStall(packets, timing.silenceMs, timing.sampleMs))
      if ((await firstOf<string>(quiet, asked)) === 'asked') return
      board.lost(noPackets(options.port), performance.now() - liveSince)
      first = await firstOf<string>(packet, asked)
    }
  }

  const done = keepWatching()
  return {
    status: () => board.status(),
    onStatus: (listener) => board.onStatus(listener),
    restart: () => false,
    pid: undefined,
    async [Symbol.asyncDispose]() {
      closing.abort()
      await done
    },
  }
}

const noPackets = (port: number): CameraFailure => ({
  cause: 'no-packets',
  message: `No RTP comes on port ${port}.`,
  hint: `Start the program that sends this camera to 127.0.0.1:${port}, and see that payload type and codec agree.`,
})
