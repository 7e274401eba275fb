import type { Log } from '../../log.js'
import type { CameraFailure } from '../camera-failure.js'
import { detectStall, type PacketCounter } from './stall-detector.js'
import { after, as, firstOf, whenAborted } from '../../lib/race.js'
import { StatusBoard, type Camera } from './status.js'

export interface ExternalTiming {
  firstPacketMs: number
  silenceMs: number
  sampleMs: number
}

const TIMING: ExternalTiming = { firstPacketMs: 10_000, silenceMs: 2000, sampleMs: 250 }

/** Tracks the status of a camera whose packets another program sends: there is no process to start. */
export function watchExternal(options: {
  port: number
  packets: PacketCounter
  log: Log
  timing?: Partial<ExternalTiming>
}): Camera {
  const { packets } = options
  const timing = { ...TIMING, ...options.timing }
  const board = new StatusBoard(options.log)
  const closing = new AbortController()
  const closed = as('closed' as const, whenAborted(closing.signal))
  const packet = as('packet' as const, async (signal) => await packets.nextPacket(signal))

  async function keepWatching(): Promise<void> {
    let first = await firstOf<string>(packet, as('late', after(timing.firstPacketMs)), closed)
    if (first === 'late') {
      board.lost(noPackets(options.port), 0)
      first = await firstOf<string>(packet, closed)
    }
    while (first !== 'closed') {
      board.live()
      const liveSince = performance.now()
      const stalled = as('stalled', detectStall(packets, timing.silenceMs, timing.sampleMs))
      if ((await firstOf<string>(stalled, closed)) === 'closed') return
      board.lost(noPackets(options.port), performance.now() - liveSince)
      first = await firstOf<string>(packet, closed)
    }
  }

  const done = keepWatching()
  return {
    status: () => board.status(),
    onStatus: (listener) => board.onStatus(listener),
    restart: () => false,
    pause: async () => await Promise.resolve(false),
    pid: undefined,
    async [Symbol.asyncDispose]() {
      closing.abort()
      await done
    },
  }
}

const noPackets = (port: number): CameraFailure => ({
  cause: 'no-packets',
  message: `No RTP packets arrive on port ${port}.`,
  hint: `Start the program that sends this camera to 127.0.0.1:${port}, and check that payload type and codec agree.`,
})
