import { expect, onTestFinished, vi } from 'vitest'
import { defaultConfig } from '../../src/config/parse.js'
import { silentLog } from '../../src/log.js'
import { CaptureClock } from '../../src/rtp/capture-clock.js'
import { RtpFanout } from '../../src/rtp/fanout.js'
import type { VideoCodec } from '../../src/rtp/packet.js'
import { RtpTimeline } from '../../src/rtp/timeline.js'
import { openSrtpBatch } from '../../src/srtp/batch.js'
import { prepareWerift } from '../../src/viewer/werift/prepare.js'
import type { ViewerLimits } from '../../src/viewer/slots.js'
import { ViewerRegistry } from '../../src/viewer/registry.js'
import type { Viewer } from '../../src/viewer/types.js'
import type { ReflexiveAddresses } from '../../src/viewer/session-setup.js'
import { sessionTiming, type SessionTiming } from '../../src/viewer/session.js'
import { openTcpMux, type TcpMux } from '../../src/viewer/transport/tcp-mux.js'
import { openUdpMux, type UdpMux } from '../../src/viewer/transport/udp-mux.js'
import { rtpPacket, vp8Continuation, vp8Delta, vp8Key } from './rtp.js'
import { ViewerClient, type ClientOptions } from './viewer-client.js'

export const CAMERA = 'camera1'
const FRAME_TICKS = 3000
const FRAME_MS = 1000 / 30
const PACKETS_PER_FRAME = 3

/** An SPS of constrained baseline: decoders can start where one comes. */
const h264Key = Buffer.from('6742c01fd9005005bb01', 'hex')
const h264Delta = Buffer.from([0x61, 0xe0, 0x40])

/** A camera without a capture process: synthetic packets on a real timeline into a real fan-out. */
export class FakeCamera {
  readonly codec: VideoCodec
  readonly fanout = new RtpFanout()
  keyframesOnDemand = true
  readonly clock = new CaptureClock()
  /** Undefined unless it has sound. */
  readonly audio: FakeSound | undefined
  readonly #timeline: RtpTimeline
  keyframeRequests = 0
  #sequence: number
  #timestamp = 4_294_960_000
  #nowMs = 0
  #playing: NodeJS.Timeout | undefined

  constructor(codec: VideoCodec, firstSequence = 65_500, hasAudio = false) {
    this.codec = codec
    this.audio = hasAudio ? new FakeSound() : undefined
    this.#timeline = new RtpTimeline(codec)
    this.#sequence = firstSequence
  }

  readonly requestKeyframe = (): void => {
    this.keyframeRequests++
  }

  /** One picture of three packets. */
  frame(isKey: boolean): void {
    const [key, delta, more] =
      this.codec === 'vp8' ? [vp8Key, vp8Delta, vp8Continuation] : [h264Key, h264Delta, h264Delta]
    for (let i = 0; i < PACKETS_PER_FRAME; i++) {
      const payload = Buffer.concat([i > 0 ? more : isKey ? key : delta, Buffer.from(`.${this.#sequence}`)])
      const sequence = this.#sequence++
      const marker = i === PACKETS_PER_FRAME - 1
      const rtp = rtpPacket({ sequence, timestamp: this.#timestamp, marker, payload })
      const packet = this.#timeline.place(rtp, this.#nowMs)
      if (packet === undefined) continue
      this.clock.noteArrival(packet.timestamp, this.#timestamp, performance.now())
      this.fanout.send(packet)
      this.fanout.flush()
    }
    this.#timestamp = (this.#timestamp + FRAME_TICKS) >>> 0
    this.#nowMs += FRAME_MS
  }

  /** Keyframes at a rate, so that whoever joins sees something at once. */
  play(everyMs = 5): void {
    this.#playing = setInterval(() => this.frame(true), everyMs)
  }

  pause(): void {
    clearInterval(this.#playing)
  }

  /** Loses packets between the capture process and us. */
  lose(packets: number): void {
    this.#sequence += packets
  }

  /** The capture process is replaced: other offsets, one frame's pause. */
  restart(): void {
    this.#timeline.expectNewSender()
    this.#sequence = 7
    this.#timestamp = 123
  }
}

/** Packets of sound, of 20 ms each. */
export class FakeSound {
  readonly fanout = new RtpFanout('opus')
  readonly clock = new CaptureClock(undefined, 'opus')
  readonly #timeline = new RtpTimeline('opus')
  #sent = 0

  packet(): void {
    const i = this.#sent++
    const timestamp = i * 960
    const rtp = rtpPacket({ sequence: 100 + i, timestamp, payload: Buffer.from(`sound ${i}`) })
    const packet = this.#timeline.place(rtp, i * 20)!
    this.clock.noteArrival(packet.timestamp, timestamp, performance.now())
    this.fanout.send(packet)
    this.fanout.flush()
  }
}

/** Both ends of one viewer. */
export interface JoinedViewer {
  client: ViewerClient
  viewer: Viewer
}

export interface Viewers {
  registry: ViewerRegistry
  mux: UdpMux
  tcp: TcpMux
  camera: FakeCamera
  errors: Error[]
  /** Admits a client and plays it to the end of the handshake. */
  join: (options?: ClientOptions) => Promise<JoinedViewer>
  /** Admits a client that has not sent anything yet. */
  admit: (options?: ClientOptions) => Promise<JoinedViewer>
}

/** Mux, registry and camera as the server builds them, on the loopback address; closed when the test is over. */
export async function openViewers(
  options: {
    codec?: VideoCodec
    /** Whether the camera has sound; then clients of `admit` and `join` offer to receive it. */
    hasAudio?: boolean
    timing?: Partial<SessionTiming>
    maxClients?: number
    limits?: Partial<ViewerLimits>
    /** What the mux listens on; the loopback address unless told. */
    bindIp?: string
    publicAddress?: ReflexiveAddresses
  } = {},
): Promise<Viewers> {
  const { codec = 'vp8', hasAudio = false, timing = {}, maxClients = 100 } = options
  const camera = new FakeCamera(codec, undefined, hasAudio)
  const errors: Error[] = []
  const mux = await openUdpMux(0, options.bindIp ?? '127.0.0.1', (error) => errors.push(error))
  const tcp = await openTcpMux(0, options.bindIp ?? '127.0.0.1', (error) => errors.push(error))
  const registry = new ViewerRegistry({
    streams: new Map([[CAMERA, camera]]),
    media: { mux, tcp },
    srtp: openSrtpBatch(),
    fingerprint: await prepareWerift(silentLog),
    addresses: () => [{ address: '127.0.0.1' }],
    ...(options.publicAddress && { publicAddress: options.publicAddress }),
    config: { webrtc: { maxClients }, limits: { ...defaultConfig().limits, ...options.limits } },
    log: silentLog,
    timing: { ...sessionTiming, ...timing },
  })
  onTestFinished(async () => {
    camera.pause()
    await registry[Symbol.asyncDispose]()
    await tcp[Symbol.asyncDispose]()
    await mux[Symbol.asyncDispose]()
  })
  const admit: Viewers['admit'] = async (clientOptions) => {
    const client = await ViewerClient.open(clientOptions)
    onTestFinished(async () => await client[Symbol.asyncDispose]())
    const audio = hasAudio ? client.audioSection() : []
    const viewer = registry.admit(CAMERA, client.offer(codec, [], audio), 'whep')
    client.acceptAnswer(viewer.answerSdp)
    return { client, viewer }
  }
  const join: Viewers['join'] = async (clientOptions) => {
    const joined = await admit(clientOptions)
    await joined.client.checkPath()
    await joined.client.handshake()
    return joined
  }
  return { registry, mux, tcp, camera, errors, join, admit }
}

/** Asks every 5 ms. @throws the last failure when `limitMs` is over. */
export const becomes = async (expectation: () => void, limitMs = 20_000): Promise<void> =>
  await vi.waitFor(expectation, { timeout: limitMs, interval: 5 })

/** Resolves when a client has been sent more pictures; fails when its session ended instead. */
export async function goesOn({ client, viewer }: JoinedViewer): Promise<void> {
  const before = client.received.length
  const ended = viewer.ended.then((reason) => {
    throw new Error(`the viewer's session ended: ${reason}`)
  })
  await Promise.race([becomes(() => expect(client.received.length).toBeGreaterThan(before + 10)), ended])
}

/**
 * Resolves when the server has taken everything that was sent to it before, and whatever it answered has arrived: a check of
 * an honest client is queued behind it.
 */
export async function settled(client: ViewerClient): Promise<void> {
  await client.checkPath()
}
