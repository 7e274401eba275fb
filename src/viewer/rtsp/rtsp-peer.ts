import { RTP_HEADER_BYTES } from '../../rtp/packet.js'
import { writeBye } from '../../rtp/rtcp/bye.js'
import { writeHeader, type RtpFields } from '../../srtp/rtp-header.js'
import type { RtpSender } from '../media/outgoing-stream.js'
import type { SessionPeer } from '../session.js'
import type { PeerEnd } from '../types.js'

/** How the packets of one reader leave. */
export interface RtspOutput {
  readonly transport: 'udp' | 'tcp'
  /** False while earlier packets wait on the way. */
  hasRoom(): boolean
  /** Copies both. The packet may wait until `flush`. */
  sendRtp(header: Buffer, payload: Buffer): void
  flush(): void
  sendRtcp(compound: Buffer): void
  /** Given each compound that the reader sends. */
  onRtcp: (compound: Buffer) => void
  /** Of performance.now(): when the reader last proved that it is there, by RTCP or a request, or by reading what was sent. */
  readonly lastHeardAtMs: number
}

/** The numbers of a reader's packets, which a pause does not reset. */
export interface RtspNumbers {
  readonly ssrc: number
  /** Of the next packet. */
  sequence: number
}

/** One stream of a reader. */
export interface RtspTrack {
  output: RtspOutput
  numbers: RtspNumbers
}

/** The transport of a reader over RTSP, as sessions use that of a browser: there is nothing to connect and to encrypt. */
export class RtspPeer implements SessionPeer, RtpSender {
  readonly checked = Promise.resolve()
  readonly reachable = Promise.resolve()
  readonly connected: Promise<RtpSender>
  readonly ended: Promise<PeerEnd>
  readonly #video: RtspTrack
  readonly #audio: RtspTrack | undefined
  readonly #header = Buffer.alloc(RTP_HEADER_BYTES)

  /** @param ready resolves when packets may be sent. @param lost resolves when the connection is closed. */
  constructor(
    video: RtspTrack,
    audio: RtspTrack | undefined,
    ready: Promise<unknown>,
    lost: Promise<unknown>,
  ) {
    this.#video = video
    this.#audio = audio
    this.connected = ready.then(() => this)
    this.ended = lost.then(() => 'connection-lost')
  }

  get transport(): 'udp' | 'tcp' {
    return this.#video.output.transport
  }

  hasRoom(): boolean {
    return this.#video.output.hasRoom()
  }

  get lastHeardAtMs(): number {
    return Math.max(this.#video.output.lastHeardAtMs, this.#audio?.output.lastHeardAtMs ?? -Infinity)
  }

  /** Readers over TCP need not send any RTCP. */
  get lastRtcpAtMs(): number {
    return this.lastHeardAtMs
  }

  set onRtcp(handle: (compound: Buffer) => void) {
    this.#video.output.onRtcp = handle
    if (this.#audio !== undefined) this.#audio.output.onRtcp = handle
  }

  get onRtcp(): (compound: Buffer) => void {
    return this.#video.output.onRtcp
  }

  /** To the stream whose SSRC is that of its first packet (RFC 3550 section 6.1). */
  sendRtcp(compound: Buffer): void {
    this.#trackOf(compound.readUInt32BE(4)).output.sendRtcp(compound)
  }

  /** HOT */
  #trackOf(ssrc: number): RtspTrack {
    return this.#audio !== undefined && ssrc === this.#audio.numbers.ssrc ? this.#audio : this.#video
  }

  /** HOT: once per packet and reader. */
  sendRtp(fields: RtpFields, payload: Buffer): void {
    writeHeader(this.#header, 0, fields)
    const { output, numbers } = this.#trackOf(fields.ssrc)
    const next = (fields.sequence + 1) & 0xffff
    // A packet that is sent again does not turn the numbers back.
    if (((next - numbers.sequence) & 0xffff) < 0x8000) numbers.sequence = next
    output.sendRtp(this.#header, payload)
  }

  /** HOT */
  flush(): void {
    this.#video.output.flush()
    this.#audio?.output.flush()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.onRtcp = () => {}
    for (const track of [this.#video, this.#audio]) track?.output.sendRtcp(writeBye(track.numbers.ssrc))
    await Promise.resolve()
  }
}
