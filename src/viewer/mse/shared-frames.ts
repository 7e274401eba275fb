import { avcConfiguration, sampleOf, type AvcConfiguration } from '../../mp4/avc-configuration.js'
import { AccessUnits, type AccessUnit } from '../../rtp/h264/access-units.js'
import type { MediaPacket } from '../../rtp/packet.js'
import { needsKeyframe } from '../media/delivery.js'
import type { CameraStream } from '../media/source.js'

/** A frame that a decoder with this configuration can decode, shared by all viewers: read only. */
export interface VideoFrame {
  /** Of RTP, 90 kHz, modulo 2^32. */
  readonly timestamp: number
  readonly isKeyframe: boolean
  /** A new object when the parameter sets change. */
  readonly configuration: AvcConfiguration
  readonly sample: Buffer
}

type OnFrame = (frame: VideoFrame) => void

/** One camera's frames, put together once for all viewers over HTTP, and only while there are any. */
export class SharedFrames {
  readonly #stream: CameraStream
  readonly #listeners = new Set<OnFrame>()
  readonly #configurations = new ConfigurationCache()
  #live: Disposable | undefined

  constructor(stream: CameraStream) {
    this.#stream = stream
  }

  get isRunning(): boolean {
    return this.#live !== undefined
  }

  /** Starts with the last keyframe and what followed it, or requests a new one if that is too old. */
  join(listener: OnFrame): Disposable {
    if (needsKeyframe(this.#stream)) this.#stream.requestKeyframe()
    else for (const frame of this.#recent()) listener(frame)
    this.#live ??= this.#start()
    this.#listeners.add(listener)
    return {
      [Symbol.dispose]: () => {
        if (!this.#listeners.delete(listener) || this.#listeners.size > 0) return
        this.#live?.[Symbol.dispose]()
        this.#live = undefined
      },
    }
  }

  /** The packets since the last keyframe also begin the frame that is not complete yet. */
  #start(): Disposable {
    const frames = new FrameReader(this.#configurations, (frame) => {
      for (const listener of this.#listeners) listener(frame)
    })
    for (const packet of this.#packetsSinceKeyframe()) frames.push(packet)
    return this.#stream.fanout.add({ send: (packet) => frames.push(packet), flush: () => {} })
  }

  #recent(): VideoFrame[] {
    const recent: VideoFrame[] = []
    const frames = new FrameReader(this.#configurations, (frame) => void recent.push(frame))
    for (const packet of this.#packetsSinceKeyframe()) frames.push(packet)
    return recent
  }

  #packetsSinceKeyframe(): MediaPacket[] {
    const { history } = this.#stream.fanout
    const first = history.lastKeyframe
    const packets: MediaPacket[] = []
    for (let index = first ?? Infinity; index <= history.last; index++) {
      const packet = history.get(index)
      if (packet !== undefined) packets.push(packet)
    }
    return packets
  }
}

/** Adds the configuration in force to every access unit. */
class FrameReader {
  readonly #units: AccessUnits
  #configuration: AvcConfiguration | undefined

  constructor(configurations: ConfigurationCache, onFrame: OnFrame) {
    this.#units = new AccessUnits(({ timestamp, isKeyframe, units, sps, pps }: AccessUnit) => {
      if (sps.length > 0) this.#configuration = configurations.get(sps, pps)
      const configuration = this.#configuration
      if (configuration === undefined) return
      onFrame({ timestamp, isKeyframe, configuration, sample: sampleOf(units) })
    })
  }

  push(packet: MediaPacket): void {
    this.#units.push(packet)
  }
}

/** Encoders repeat their parameter sets with every keyframe: the same sets are the same object. */
class ConfigurationCache {
  #sets: Buffer[] = []
  #configuration: AvcConfiguration | undefined

  get(sps: Buffer[], pps: Buffer[]): AvcConfiguration | undefined {
    const sets = [...sps, ...pps]
    const isSame = sets.length === this.#sets.length && sets.every((set, i) => set.equals(this.#sets[i]!))
    if (isSame) return this.#configuration
    this.#sets = sets.map((set) => Buffer.from(set)) // the packet is not kept
    return (this.#configuration = avcConfiguration(sps, pps))
  }
}
