import { randomBytes, randomInt } from 'node:crypto'
import { stackOf } from '../lib/error-message.js'
import { runWithErrorHandler } from '../lib/error-context.js'
import type { Log } from '../log.js'
import type { SrtpBatch } from '../srtp/stream.js'
import type { LocalDescription } from './sdp/answer.js'
import { candidateLines } from './sdp/candidate.js'
import type { ViewerStatus } from './stats/stats.js'
import { firstCandidates, acceptCandidates } from './admission.js'
import type { AcceptedOffer, RemoteTransport } from './sdp/client-offer.js'
import { Peer } from './werift/peer.js'
import type { Session } from './session.js'
import type { CameraStream } from './media/source.js'
import type { EndReason } from './types.js'
import type { LeaveReason } from './types.js'
import type { StreamFormat } from './media/outgoing-stream.js'
import type { UdpMux } from './transport/udp-mux.js'
import type { UnprovenChecks } from './transport/unproven-checks.js'
import type { Via, ViewerSession } from './types.js'

export interface SeatOptions {
  camera: string
  via: Via
  stream: CameraStream
  /** The other side of the transport; promised where the client answers an offer of ours. */
  remote: RemoteTransport | Promise<RemoteTransport>
  agreed: Pick<AcceptedOffer, 'payloadType' | 'rtxPayloadType' | 'extensions'>
  mux: UdpMux
  /** Protects the packets of all viewers. */
  srtp: SrtpBatch
  /** SHA-256 of our certificate, as the answer shows it. */
  fingerprint: string
  /** The addresses to offer, the preferred one first. */
  addresses: string[]
  maxCandidates: number
  /** Told what the client sends, which limits what we send to the addresses that it names. */
  unprovenChecks: UnprovenChecks
  log: Log
}

/** A session that can be run, and two things that are known of it from outside. */
export type SeatedSession = Omit<Session, 'onLive' | 'reservedMs' | 'timing'> & {
  peer: Peer
  /** Ends it because somebody does not want this viewer. */
  remove: () => void
  /** Ends it because another session gets its place. */
  supersede: () => void
}

/** What a viewer is given when it has a slot. */
export interface Seat {
  session: Omit<ViewerSession, 'clientUfrag' | 'applyAnswer'>
  local: LocalDescription
  format: StreamFormat
}

/**
 * Everything that one viewer needs: its end of the transport, its stream's numbers, and what its client is told of them.
 * @param run runs the session to its end. What werift throws outside of every call meanwhile ends this viewer alone.
 */
export function openSeat(
  {
    camera,
    via,
    stream,
    remote,
    agreed,
    mux,
    srtp,
    fingerprint,
    addresses,
    maxCandidates,
    unprovenChecks,
    log,
  }: SeatOptions,
  run: (id: string, session: SeatedSession) => Promise<EndReason>,
): Seat {
  const controller = new AbortController()
  const leave = controller.signal
  const leaveFor = (reason: LeaveReason): void => controller.abort(reason)
  const fail = (error: unknown): void => {
    if (leave.aborted) return
    log.warn('the WebRTC library failed, which ends one viewer', { camera, via, error: stackOf(error) })
    leaveFor('failed')
  }
  const known = remote instanceof Promise ? 0 : remote.candidates.length
  const described = firstCandidates(remote, maxCandidates)
  const peer = runWithErrorHandler(fail, () => new Peer(described, mux, srtp, addresses, unprovenChecks))
  const ssrc = randomInt(1, 2 ** 32 - 1)
  const rtxSsrc = otherThan(ssrc)
  const rtx = agreed.rtxPayloadType
  const format: StreamFormat = {
    payloadType: agreed.payloadType,
    ssrc,
    rtx: rtx === undefined ? undefined : { payloadType: rtx, ssrc: rtxSsrc },
    extensions: new Map(agreed.extensions.map(({ id, uri }) => [uri, id])),
  }
  const id = randomBytes(16).toString('base64url')
  const listeners = new Set<(status: ViewerStatus) => void>()
  const onStatus = (status: ViewerStatus): void => {
    for (const listener of listeners) listener(status)
  }
  const remove = (): void => leaveFor('removed')
  const supersede = (): void => leaveFor('superseded')
  const running = { peer, stream, format, cname: camera, leave, onStatus, remove, supersede }
  const ended = runWithErrorHandler(fail, async () => await run(id, running))
  void ended.then(() => leaveFor('asked-to-leave')) // what stumbles after its viewer has gone is nobody's loss
  const local: LocalDescription = {
    sessionId: String(randomInt(1, 2 ** 47)),
    iceUfrag: peer.ufrag,
    icePwd: peer.password,
    fingerprint,
    ssrc,
    rtxSsrc,
    streamId: camera,
    candidates: candidateLines(addresses, mux.port),
  }
  const addCandidate = acceptCandidates(maxCandidates, known, (candidate) =>
    runWithErrorHandler(fail, () => peer.addCandidate(candidate)),
  )
  const session: Seat['session'] = {
    id,
    addCandidate: (line) => {
      addCandidate(line)
      unprovenChecks.received(line.length)
    },
    dismiss: async (reason = 'asked-to-leave') => {
      leaveFor(reason)
      await ended
    },
    ended,
    onStatus: (listener) => {
      listeners.add(listener)
      return { [Symbol.dispose]: () => void listeners.delete(listener) }
    },
  }
  return { session, local, format }
}

function otherThan(taken: number): number {
  const ssrc = randomInt(1, 2 ** 32 - 1)
  return ssrc === taken ? ssrc + 1 : ssrc
}
