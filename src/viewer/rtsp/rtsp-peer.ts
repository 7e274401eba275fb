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

/** The transport of a reader over RTSP, as sessions use that of a browser: there is nothing to connect and to encrypt. */
export class RtspPeer implements SessionPeer, RtpSender {
  readonly checked = Promise.resolve()
  readonly reachable = Promise.resolve()
  readonly connected: Promise<RtpSender>
  readonly ended: Promise<PeerEnd>
  readonly #output: RtspOutput
  readonly #numbers: RtspNumbers
  readonly #header = Buffer.alloc(RTP_HEADER_BYTES)

  /** @param ready resolves when packets may be sent. @param lost resolves when the connection is closed. */
  constructor(output: RtspOutput, numbers: RtspNumbers, ready: Promise<unknown>, lost: Promise<unknown>) {
    this.#output = output
    this.#numbers = numbers
    this.connected = ready.then(() => this)
    this.ended = lost.then(() => 'connection-lost')
  }

  get transport(): 'udp' | 'tcp' {
    return this.#output.transport
  }

  hasRoom(): boolean {
    return this.#output.hasRoom()
  }

  get lastHeardAtMs(): number {
    return this.#output.lastHeardAtMs
  }

  /** Readers over TCP need not send any RTCP. */
  get lastRtcpAtMs(): number {
    return this.#output.lastHeardAtMs
  }

  set onRtcp(handle: (compound: Buffer) => void) {
    this.#output.onRtcp = handle
  }

  get onRtcp(): (compound: Buffer) => void {
    return this.#output.onRtcp
  }

  sendRtcp(compound: Buffer): void {
    this.#output.sendRtcp(compound)
  }

  /** HOT: once per packet and reader. */
  sendRtp(fields: RtpFields, payload: Buffer): void {
    writeHeader(this.#header, 0, fields)
    const next = (fields.sequence + 1) & 0xffff
    // A packet that is sent again does not turn the numbers back.
    if (((next - this.#numbers.sequence) & 0xffff) < 0x8000) this.#numbers.sequence = next
    this.#output.sendRtp(this.#header, payload)
  }

  /** HOT */
  flush(): void {
    this.#output.flush()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#output.onRtcp = () => {}
    this.#output.sendRtcp(writeBye(this.#numbers.ssrc))
    await Promise.resolve()
  }
}
