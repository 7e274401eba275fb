import type { AudioFacts, CameraFacts } from './camera-facts.js'
import type { PublicationFacts } from './publisher-facts.js'
import type { PushFacts } from './push-facts.js'

/** Counters since the start, and gauges. The numbers of viewers are sums over all viewers of the camera. */
export interface CameraMetrics extends CameraFacts {
  frames: number
  /** Causes of the warnings about the camera at present. */
  warnings: readonly string[]
  /** From capture to reception of the last frame; undefined if the camera does not report capture times. */
  captureDelayMs: number | undefined
  keyframeRequests: number
  /** Keyframes that followed a request, and the sum of the times from request to keyframe. */
  keyframeAnswers: number
  keyframeAnswerSumMs: number
  /** Where the camera is sent to. */
  pushes: readonly PushFacts[]
  /** What clients publish to it; undefined for a camera with a device of its own. */
  publication: PublicationFacts | undefined
  /** Undefined for a camera without sound. */
  audio: AudioFacts | undefined
  viewersCongested: number
  /** Sent the small size. */
  viewersLow: number
  viewersTcp: number
  viewersHttp: number
  viewersRtsp: number
  sentPackets: number
  sentBytes: number
  nackedPackets: number
  retransmittedPackets: number
  /** PLI and FIR. */
  viewerKeyframeRequests: number
  framesDropped: number
  /** Of live viewers; undefined while none is known. */
  lowestAvailableBitrateBps: number | undefined
  highestRoundTripMs: number | undefined
}

/** The Node.js process. A number that needs a file descriptor is undefined when none is free. */
export interface ProcessMetrics {
  residentBytes: number | undefined
  heapUsedBytes: number
  cpuSeconds: number
  openFileDescriptors: number | undefined
  /** Over the last one to two minutes. */
  eventLoopLag: { medianMs: number; p99Ms: number; maxMs: number }
}

/** The implementations that protect and send packets: a fast one, or a fallback. */
export interface Implementations {
  srtp: 'simd' | 'openssl'
  /** What encrypts with AES, and what is offered first to clients. */
  aes: { by: 'simd' | 'openssl'; profile: 'aes-cm' | 'aes-gcm' }
  /** The first two send and receive several datagrams per system call. */
  udpSend: 'node:ffi' | 'koffi' | 'direct' | 'documented'
}

/** Since the start. `requests` includes repeated ones; `forged` are responses from another address than the server's. */
export interface StunCounts {
  requests: number
  responses: number
  forged: number
}

export interface MetricsFacts {
  version: string
  uptimeS: number
  process: ProcessMetrics | undefined
  implementations: Implementations
  stun: StunCounts
  /** Bytes of incomplete messages and bodies, of all ports. */
  unfinishedBytes: number
  /** Sessions that did not connect, by cause. */
  connectFailures: Readonly<Record<string, number>>
  cameras: Record<string, CameraMetrics>
}
