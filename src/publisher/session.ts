import { abortReasonOf } from '../lib/abort-reason.js'
import { deadline, poll } from '../lib/deadline.js'
import type { VideoCodec } from '../rtp/packet.js'
import type { PublishedSource } from '../rtp/published-source.js'
import type { SrtpKeys } from '../srtp/profile.js'
import { SrtpReceiver } from '../srtp/receiver.js'
import type { PeerEnd } from '../viewer/werift/peer.js'
import { IncomingStream, type IncomingOptions } from './incoming-stream.js'
import { ReceiverFeedback } from './receiver-feedback.js'

export interface PublishTiming {
  /** From the accepted offer to a proven transport, in milliseconds. */
  connectLimitMs: number
  /** Without any authenticated datagram, in milliseconds. */
  silenceLimitMs: number
  watchIntervalMs: number
}

export const publishTiming: PublishTiming = {
  connectLimitMs: 12_000,
  silenceLimitMs: 15_000,
  watchIntervalMs: 1000,
}

/** Why we end a publication. `removed`: by the owner. `superseded`: it was silent, and another publisher has its place. */
export type PublishLeaveReason =
  | 'asked-to-leave'
  | 'failed'
  | 'superseded'
  | 'removed'
  | 'camera-removed'
  | 'camera-changed'
  | 'port-changed'
  | 'credentials-changed'

export type PublishEnd = PeerEnd | 'never-connected' | 'silent' | PublishLeaveReason

/** What a publication needs of its `Peer`. */
export interface PublishingPeer extends AsyncDisposable {
  readonly connected: Promise<unknown>
  readonly ended: Promise<PeerEnd>
  readonly remoteKeys: SrtpKeys | undefined
  readonly lastHeardAtMs: number
  onRtp: ((packet: Buffer) => boolean) | undefined
  onRtcp: (compound: Buffer) => void
  sendRtcp(compound: Buffer): void
}

export interface PublicationRun {
  peer: PublishingPeer
  codec: VideoCodec
  source: PublishedSource
  format: Pick<IncomingOptions, 'payloadType' | 'rtxPayloadType' | 'parameterSets'> & {
    feedback: readonly string[]
  }
  /** The canonical name of our reports (RFC 3550 section 6.5.1). */
  cname: string
  /** Viewers of the camera need a keyframe; limited by the camera. */
  requestKeyframe: () => void
  /** Aborted to end the publication from our side, with a `PublishLeaveReason`. */
  leave: AbortSignal
  /** Called when packets can arrive. */
  onLive: (incoming: IncomingStream) => void
  timing: PublishTiming
}

/** One publisher, from the accepted offer to the end; every resource is followed by its release. */
export async function runPublication({
  peer,
  codec,
  source,
  format,
  cname,
  requestKeyframe,
  leave,
  onLive,
  timing,
}: PublicationRun): Promise<PublishEnd> {
  await using _closesPeer = peer
  const left = abortReasonOf<PublishLeaveReason>(leave)
  using connectLimit = deadline(timing.connectLimitMs, 'never-connected' as const)
  const connected = peer.connected.then(() => undefined)
  const failure = await Promise.race([connected, peer.ended, left, connectLimit.reached])
  if (failure !== undefined) return failure
  // `connected` resolves after the keys are known.
  const decryption = new SrtpReceiver(peer.remoteKeys!)
  using publishing = source.publish(() => feedback.requestKeyframe())
  const incoming = new IncomingStream({ ...format, codec, decryption, publishing, requestKeyframe })
  let onBye: (reason: 'left') => void
  const bye = new Promise<'left'>((resolve) => (onBye = resolve))
  using feedback = new ReceiverFeedback({
    incoming,
    sendRtcp: (compound) => peer.sendRtcp(compound),
    feedback: format.feedback,
    cname,
    onBye: () => onBye('left'),
  })
  peer.onRtcp = (compound) => feedback.receive(compound)
  peer.onRtp = (packet) => {
    const isAuthentic = incoming.receive(packet)
    if (isAuthentic) feedback.packetArrived()
    return isAuthentic
  }
  onLive(incoming)
  using silent = poll(timing.watchIntervalMs, () =>
    performance.now() - peer.lastHeardAtMs > timing.silenceLimitMs ? ('silent' as const) : undefined,
  )
  return await Promise.race([peer.ended, left, bye, silent.answered])
}
