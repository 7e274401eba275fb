import { randomBytes } from 'node:crypto'
import type { Log } from '../log.js'
import type { Session } from './session.js'
import type { Claim, Slots, ViewerLimits } from './slots.js'
import type { ViewerCounters } from './stats/counters.js'
import type { Transport } from './stats/stats.js'
import type { EndReason, LeaveReason, Via, ViewerSession } from './types.js'
import type { ViewerList } from './viewer-list.js'

/** What viewers without WebRTC share with the others. */
export interface SharedWithWebRtc {
  slots: Slots
  list: ViewerList
  counters: ViewerCounters
  /** Read for every viewer. */
  config: { readonly webrtc: { readonly maxClients: number }; readonly limits: ViewerLimits }
  log: Log
}

/** A viewer that gets the frames of a camera on a connection of its own: over HTTP or RTSP. */
export interface PlainSession extends Pick<Claim, 'camera' | 'address' | 'tab' | 'client'> {
  via: Via
  transport: Transport
  stream: { watch?(): Disposable }
  /** @param leave aborted with a `LeaveReason`. @param onLive to be called before the first frame. */
  run(leave: AbortSignal, onLive: Session['onLive']): Promise<EndReason>
}

/**
 * Starts a session without WebRTC. It claims a slot, counts and is listed as any other.
 * @throws AppError `camera-full` or `server-full`.
 */
export function startPlainSession(shared: SharedWithWebRtc, session: PlainSession): ViewerSession {
  const { camera, address, tab, client } = session
  const { limits, webrtc } = shared.config
  shared.slots.makeRoom(camera, address, { ...limits, maxClients: webrtc.maxClients }, { tab, client })
  const id = randomBytes(16).toString('base64url')
  const leave = new AbortController()
  const end = (reason: LeaveReason): void => leave.abort(reason)
  const ended = run(shared, session, id, leave.signal, end)
  return {
    id,
    clientUfrag: undefined,
    applyAnswer: () => {},
    addCandidate: () => {},
    dismiss: async (reason = 'asked-to-leave') => {
      end(reason)
      await ended
    },
    ended,
    failure: undefined,
    explain: () => undefined,
    setQuality: () => {},
    setSound: () => {},
    onStatus: () => ({ [Symbol.dispose]: () => {} }),
  }
}

async function run(
  { slots, list, counters, config, log }: SharedWithWebRtc,
  session: PlainSession,
  id: string,
  leave: AbortSignal,
  end: (reason: LeaveReason) => void,
): Promise<EndReason> {
  const { camera, via, transport, stream, address, tab, client } = session
  using slot = slots.claim({
    camera,
    address,
    tab,
    client,
    maxClients: () => config.webrtc.maxClients,
    evict: (reason) => end(reason),
  })
  using _wantsCapture = stream.watch?.()
  using _listed = list.enter({
    camera,
    via,
    path: () => ({ address, transport }),
    stats: () => counters.of(camera, id),
    remove: () => end('removed'),
  })
  const startedMs = performance.now()
  let reason: EndReason = 'connection-lost'
  try {
    reason = await session.run(leave, (stats, absentMs) => {
      const refusal = slot.tryGoLive(absentMs)
      if (refusal !== undefined) return refusal
      counters.begin(camera, id, stats)
      log.info('viewer joined', { camera, via })
      return undefined
    })
  } catch (error) {
    log.error('viewer failed', { camera, via, error: String(error) })
  } finally {
    counters.end(camera, id)
  }
  if (reason === 'page-left') slot.keep()
  const afterS = Math.round((performance.now() - startedMs) / 100) / 10
  log.info('viewer left', { camera, via, reason, afterS })
  return reason
}
