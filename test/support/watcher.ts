import { carriesKeyframe } from '../../src/rtp/keyframe.js'
import type { VideoCodec } from '../../src/rtp/packet.js'
import { ViewerClient, type ReceivedPacket } from './viewer-client.js'

const CHECK_INTERVAL_MS = 2000
const REPORT_INTERVAL_MS = 1000
/** Longer than a frame of any camera here: the picture stood still. */
const STALL_MS = 300
const TICKS_PER_MS = 90

/** What a viewer saw since it began, or since it was asked to begin anew. */
export interface Seen {
  packets: number
  frames: number
  /** Sequence numbers that never came. */
  missing: number
  /** Packets whose timestamp is before that of the one before them. */
  backward: number
  /** The longest time without a packet, the present one included. */
  longestGapMs: number
  /** How often the picture went on after it had stood still, and how often of these with a keyframe. */
  resumed: number
  resumedWithKeyframe: number
  /** All the time for which it stood still. */
  stoodStillMs: number
  /** By how much the timestamps went on more than the time did. */
  timestampErrorMs: number
  /** Frames a second while the picture did not stand still. */
  fps: number
}

/** A viewer who looks closely: connected as a browser is, reporting and checking its path until it is disposed. */
export interface Watcher extends AsyncDisposable {
  readonly client: ViewerClient
  /** The address of its WHEP session. */
  readonly session: string
  seen: () => Seen
  restart: () => void
}

/** @throws Error with status and body when the offer is refused. */
export async function watch(
  origin: string,
  camera: string,
  { codec = 'vp8', bindIp }: { codec?: VideoCodec; bindIp?: string } = {},
): Promise<Watcher> {
  const client = await ViewerClient.open(bindIp === undefined ? {} : { bindIp })
  const inspected = inspectPackets(codec)
  client.onPacket = inspected.onPacket
  const response = await fetch(`${origin}/${camera}/whep`, {
    method: 'POST',
    headers: { 'content-type': 'application/sdp' },
    body: client.offer(codec),
  })
  const text = await response.text()
  if (!response.ok) {
    client.vanish()
    throw new Error(`${response.status} ${text}`)
  }
  await client.connect(text)
  const checks = setInterval(() => client.sendRaw(client.check()), CHECK_INTERVAL_MS)
  const reports = setInterval(() => client.report(), REPORT_INTERVAL_MS)
  return {
    client,
    session: new URL(response.headers.get('location')!, response.url).href,
    seen: inspected.seen,
    restart: inspected.restart,
    async [Symbol.asyncDispose]() {
      clearInterval(checks)
      clearInterval(reports)
      await client[Symbol.asyncDispose]()
    },
  }
}

/** Looks at the packets of one stream as a decoder depends on them. */
export function inspectPackets(
  codec: VideoCodec,
  nowMs: () => number = () => performance.now(),
): { onPacket: (packet: ReceivedPacket) => void; seen: () => Seen; restart: () => void } {
  let last: { sequence: number; timestamp: number; atMs: number } | undefined
  let totals = nothing(nowMs())
  const gapMs = (): number => nowMs() - (last?.atMs ?? totals.sinceMs)

  return {
    onPacket: ({ sequence, timestamp, marker, payload }) => {
      const stallMs = gapMs()
      totals.packets++
      if (marker) totals.frames++
      totals.longestGapMs = Math.max(totals.longestGapMs, stallMs)
      if (last !== undefined) {
        const step = (((sequence - last.sequence) & 0xffff) ^ 0x8000) - 0x8000
        if (step > 1) totals.missing += step - 1
        else if (step < 1) totals.missing-- // it comes late
        const ticks = (timestamp - last.timestamp) | 0
        if (ticks < 0) totals.backward++
        totals.ticks += ticks
        if (stallMs > STALL_MS) {
          totals.stoodStillMs += stallMs
          totals.resumed++
          if (carriesKeyframe[codec](payload)) totals.resumedWithKeyframe++
        }
      } else {
        totals.firstAtMs = nowMs()
      }
      last = { sequence, timestamp, atMs: nowMs() }
    },
    seen: () => {
      const { packets, frames, missing, backward, resumed, resumedWithKeyframe, stoodStillMs } = totals
      const lookedMs = (last?.atMs ?? totals.firstAtMs) - totals.firstAtMs
      return {
        packets,
        frames,
        missing,
        backward,
        resumed,
        resumedWithKeyframe,
        stoodStillMs,
        longestGapMs: Math.max(totals.longestGapMs, gapMs()),
        timestampErrorMs: totals.ticks / TICKS_PER_MS - lookedMs,
        fps: lookedMs === 0 ? 0 : (frames * 1000) / (lookedMs - stoodStillMs),
      }
    },
    restart: () => {
      totals = nothing(nowMs())
      totals.firstAtMs = last?.atMs ?? totals.sinceMs
    },
  }
}

const nothing = (sinceMs: number) => ({
  sinceMs,
  firstAtMs: sinceMs,
  packets: 0,
  frames: 0,
  missing: 0,
  backward: 0,
  longestGapMs: 0,
  resumed: 0,
  resumedWithKeyframe: 0,
  stoodStillMs: 0,
  ticks: 0,
})
