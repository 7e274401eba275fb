import { packetsOf } from '../../src/rtp/rtcp/compound.js'
import { parseFeedback } from '../../src/rtp/rtcp/feedback.js'
import type { VideoCodec } from '../../src/rtp/packet.js'
import { rtpPacket, vp8Continuation, vp8Delta, vp8Key } from './rtp.js'
import { ViewerClient, type ClientOptions } from './viewer-client.js'

const MEDIA = { ssrc: 0x5eed, payloadType: 102 }
const RTX = { ssrc: 0x5eee, payloadType: 103 }
const TICKS_PER_FRAME = 3000
const PACKETS_PER_FRAME = 3
const h264Key = Buffer.from('6742c01fd9005005bb01', 'hex')
const h264Pps = Buffer.from('68cb83cb20', 'hex')
const h264Idr = Buffer.from([0x65, 0x88, 0x84])
const h264Delta = Buffer.from([0x61, 0xe0, 0x40])

/**
 * Plays a program that publishes: the transport of ViewerClient, and a stream of its own that loses, reorders and repeats packets
 * as the test wants.
 */
export class PublisherClient implements AsyncDisposable {
  readonly client: ViewerClient
  readonly #codec: VideoCodec
  readonly #sent = new Map<number, Buffer>()
  #sequence: number
  #timestamp = 4_294_000_000
  #rtxSequence = 7
  #repairs = true
  /** Of each packet, whether it gets lost on its way. */
  loses: (sequence: number) => boolean = () => false
  pli = 0
  nacked: number[] = []
  rembBps: number | undefined
  reports: Buffer[] = []

  private constructor(client: ViewerClient, codec: VideoCodec, firstSequence: number) {
    this.client = client
    this.#codec = codec
    this.#sequence = firstSequence
    client.onRtcp = (compound) => this.#receive(compound)
  }

  static async open(
    codec: VideoCodec = 'vp8',
    { firstSequence = 65_530, ...options }: ClientOptions & { firstSequence?: number } = {},
  ): Promise<PublisherClient> {
    return new PublisherClient(await ViewerClient.open(options), codec, firstSequence)
  }

  /** With sound, as most publishers offer it. */
  offer({ audio = false, setup = 'actpass' }: { audio?: boolean; setup?: string } = {}): string {
    const video = this.client
      .offer(this.#codec)
      .replace('a=recvonly', 'a=sendonly')
      .replace('a=setup:actpass', `a=setup:${setup}`)
      .replace('SAVPF 102', 'SAVPF 102 103')
      .replace(
        'a=rtcp-fb:102 nack pli',
        'a=rtpmap:103 rtx/90000\r\na=fmtp:103 apt=102\r\na=rtcp-fb:102 nack\r\na=rtcp-fb:102 goog-remb\r\na=rtcp-fb:102 nack pli',
      )
    if (!audio) return video
    const sound = [
      'm=audio 9 UDP/TLS/RTP/SAVPF 111',
      'c=IN IP4 0.0.0.0',
      'a=mid:1',
      'a=sendonly',
      'a=rtcp-mux',
      'a=rtpmap:111 opus/48000/2',
      '',
    ]
    return video.replace('BUNDLE 0', 'BUNDLE 0 1') + sound.join('\r\n')
  }

  async connect(answerSdp: string): Promise<void> {
    await this.client.connect(answerSdp)
  }

  /** From now on lost packets stay lost. */
  stopsRepairing(): void {
    this.#repairs = false
  }

  get nextSequence(): number {
    return this.#sequence & 0xffff
  }

  /** One frame of three packets, each with a payload of its own. @returns the payloads. */
  frame(isKey: boolean, order: readonly number[] = [0, 1, 2]): Buffer[] {
    const payloads: Buffer[] = []
    const packets: Buffer[] = []
    for (let i = 0; i < PACKETS_PER_FRAME; i++) {
      const sequence = this.#sequence++ & 0xffff
      const payload = Buffer.concat([
        this.#start(isKey, i),
        Buffer.from(`.${sequence}.`),
        Buffer.alloc(200, i),
      ])
      const marker = i === PACKETS_PER_FRAME - 1
      const rtp = rtpPacket({ ...MEDIA, sequence, timestamp: this.#timestamp, marker, payload })
      this.#sent.set(sequence, rtp)
      payloads.push(payload)
      packets.push(rtp)
    }
    this.#timestamp = (this.#timestamp + TICKS_PER_FRAME) >>> 0
    for (const i of order) this.#send(packets[i]!)
    return payloads
  }

  #start(isKey: boolean, i: number): Buffer {
    if (this.#codec === 'vp8') return i > 0 ? vp8Continuation : isKey ? vp8Key : vp8Delta
    return isKey ? [h264Key, h264Pps, h264Idr][i]! : h264Delta
  }

  #send(rtp: Buffer): void {
    if (!this.loses(rtp.readUInt16BE(2))) this.client.sendRaw(this.protect(rtp))
  }

  /** Any RTP packet, encrypted with the keys of the session. */
  protect(rtp: Buffer): Buffer {
    const header = {
      ssrc: rtp.readUInt32BE(8),
      sequenceNumber: rtp.readUInt16BE(2),
      serializeSize: 12,
      serialize: () => rtp.subarray(0, 12),
    }
    return this.client.srtp!.encrypt(rtp.subarray(12), header as never)
  }

  #receive(compound: Buffer): void {
    const feedback = parseFeedback(compound, MEDIA.ssrc, { lastCommandSequence: undefined })
    this.pli += feedback.pli
    this.rembBps = feedback.rembBps ?? this.rembBps
    for (const packet of packetsOf(compound))
      if (packet[1] === 201 && packet.length >= 32) this.reports.push(packet)
    for (const sequence of feedback.lost) {
      this.nacked.push(sequence)
      const rtp = this.#sent.get(sequence)
      if (this.#repairs && rtp !== undefined) this.client.sendRaw(this.protect(this.#rtxOf(rtp)))
    }
  }

  /** RFC 4588 section 4. */
  #rtxOf(rtp: Buffer): Buffer {
    const payload = Buffer.concat([rtp.subarray(2, 4), rtp.subarray(12)])
    const rtx = rtpPacket({ ...RTX, sequence: this.#rtxSequence++, timestamp: rtp.readUInt32BE(4), payload })
    rtx[1] = (rtp[1]! & 0x80) | RTX.payloadType
    return rtx
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.client[Symbol.asyncDispose]()
  }
}
