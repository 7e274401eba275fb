/** What a stream inspector knows of the current sender. Times are monotonic. */
export interface StreamFacts {
  packets: number
  sinceMs: number
  payloadType: number
  format: string | undefined
  keyframeAtMs: number | undefined
  keyframeGapMs: number
  bareKeyframeAtMs: number | undefined
  missing: string
  sps: { profile: number; width: number; height: number } | undefined
  hasBFrames: boolean
  largestPacketBytes: number
  other: OtherSender | undefined
}

export interface OtherSender {
  kind: 'stream' | 'mpeg-ts' | 'not-rtp'
  port: number
  payloadType: number
  isOtherSsrc: boolean
}

export interface Source {
  key: string
  codec: 'vp8' | 'h264'
  /** The UDP port, or undefined for the camera's own H.264. */
  port: number | undefined
  /** Where clients publish, such as `/camera1/whip`; undefined unless they do. The port is 0 then. */
  publishedTo?: string
}
