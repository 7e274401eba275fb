import { TokenBucket } from '../lib/rate-limit.js'
import { RTCP_RATE, type MediaOutput } from './media-output.js'
import { openUdpPair, type UdpPair, type UdpPeer } from './udp-pair.js'

/** The kernel reads a packet before it is sent, so one block serves for many. */
const BLOCK_BYTES = 64 * 1024

/** Packets as datagrams to the address of the connection. */
export class UdpOutput implements MediaOutput {
  readonly transport = 'udp'
  readonly header: string
  readonly #pair: UdpPair
  readonly #rtcp = new TokenBucket(RTCP_RATE, performance.now())
  #block = Buffer.alloc(0)
  #used = 0
  #isClosed = false
  lastHeardAtMs = performance.now()
  onRtcp: (compound: Buffer) => void = () => {}

  /** @throws Error of the system when no sockets can be opened. */
  static async open(peer: UdpPeer): Promise<UdpOutput> {
    return new UdpOutput(await openUdpPair(peer), peer.remotePorts)
  }

  private constructor(pair: UdpPair, remotePorts: readonly [rtp: number, rtcp: number]) {
    this.#pair = pair
    this.header = `RTP/AVP;unicast;client_port=${remotePorts.join('-')};server_port=${pair.ports.join('-')}`
    pair.rtcp.on('message', (compound) => {
      this.lastHeardAtMs = performance.now()
      if (this.#rtcp.consume(1, RTCP_RATE, this.lastHeardAtMs) === 0) this.onRtcp(compound)
    })
  }

  hasRoom(): boolean {
    return true
  }

  noteRequest(): void {
    this.lastHeardAtMs = performance.now()
  }

  /** HOT: once per packet and reader. A datagram that the kernel does not accept is lost. */
  sendRtp(header: Buffer, payload: Buffer): void {
    if (this.#isClosed) return
    const length = header.length + payload.length
    if (this.#used + length > this.#block.length) {
      this.#block = Buffer.allocUnsafeSlow(Math.max(BLOCK_BYTES, length))
      this.#used = 0
    }
    const at = this.#used
    header.copy(this.#block, at)
    payload.copy(this.#block, at + header.length)
    this.#used += length
    this.#pair.rtp.send(this.#block, at, length, ignoreError)
  }

  flush(): void {}

  sendRtcp(compound: Buffer): void {
    if (!this.#isClosed) this.#pair.rtcp.send(compound, ignoreError)
  }

  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.onRtcp = () => {}
    this.#pair.close()
  }
}

const ignoreError = (): void => {}
