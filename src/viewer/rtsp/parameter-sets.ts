import { deadline } from '../../lib/deadline.js'
import { UnitReader } from '../../rtp/h264/unit-reader.js'
import type { PacketHistory } from '../../rtp/history.js'
import type { StreamOfCamera } from '../registry-options.js'

/** ITU-T H.264 table 7-1 */
const SPS = 7
const PPS = 8
/** No camera has more, and an SDP is small. */
const MAX_SETS = 8
const MAX_SET_BYTES = 1024

export interface ParameterSets {
  sps: Buffer[]
  pps: Buffer[]
}

/** An on-demand camera starts in 2 to 3 s; ffmpeg, VLC and GStreamer wait for 10 s or longer. */
const WAIT_LIMIT_MS = 5000

/**
 * The parameter sets of the last keyframe. Without one it requests a keyframe, and an on-demand camera starts.
 * @returns none when no keyframe comes in time: the stream itself has them too.
 */
export async function findParameterSets(
  stream: StreamOfCamera,
  limitMs = WAIT_LIMIT_MS,
): Promise<ParameterSets> {
  const known = parameterSetsIn(stream.fanout.history)
  if (known !== undefined) return known
  using _wantsCapture = stream.watch?.()
  using limit = deadline(limitMs, undefined)
  let found: (sets: ParameterSets) => void
  const next = new Promise<ParameterSets>((resolve) => (found = resolve))
  using _listens = stream.fanout.add({
    send: () => {},
    flush: () => {
      const sets = parameterSetsIn(stream.fanout.history)
      if (sets !== undefined) found(sets)
    },
  })
  stream.requestKeyframe()
  return (await Promise.race([next, limit.reached])) ?? { sps: [], pps: [] }
}

/** Undefined without a keyframe, or before its parameter sets are complete. */
function parameterSetsIn(history: PacketHistory): ParameterSets | undefined {
  const first = history.lastKeyframe
  if (first === undefined) return undefined
  const timestamp = history.get(first)?.timestamp
  const reader = new UnitReader()
  for (let index = first; index <= history.last; index++) {
    const packet = history.get(index)
    if (packet === undefined || packet.timestamp !== timestamp || !reader.push(packet.payload)) break
    const ofType = (type: number): Buffer[] =>
      reader.units.filter((unit) => (unit[0]! & 0x1f) === type && unit.length <= MAX_SET_BYTES)
    const [sps, pps] = [ofType(SPS), ofType(PPS)]
    if (sps.length > 0 && pps.length > 0) return { sps: copies(sps), pps: copies(pps) }
  }
  return undefined
}

/** Packets are lent. */
const copies = (sets: readonly Buffer[]): Buffer[] =>
  sets
    .filter((set) => set.length >= 4 || (set[0]! & 0x1f) === PPS)
    .slice(0, MAX_SETS)
    .map((set) => Buffer.from(set))
