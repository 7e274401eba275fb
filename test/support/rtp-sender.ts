import { randomBytes } from 'node:crypto'
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'

/** The streams that people send to rtp:// cameras, made without an encoder. */
export type StreamKind = keyof typeof KINDS

/** One RTP packet of a frame. */
interface Part {
  payload: Buffer
  marker?: boolean
  payloadType?: number
  ssrc?: number
  timestamp?: number
}

/** A frame as its packets, or as a datagram that is no RTP. */
type MakeFrame = (frame: { n: number; isKey: boolean; timestamp: number }) => Part[] | Buffer

/** Baseline, 640x480. */
const SPS = Buffer.from('6742c01fd9005005bb011000000300100000030300f162e480', 'hex')
const PPS = Buffer.from('68cb83cb20', 'hex')
const body = (bytes: number): Buffer => randomBytes(bytes)
const bytes = (...head: (number | Buffer)[]): Buffer =>
  Buffer.concat(head.map((part) => (typeof part === 'number' ? Buffer.of(part) : part)))
const one = (payload: Buffer): Part[] => [{ payload, marker: true }]
const sets = (...units: Buffer[]): Part[] => units.map((payload) => ({ payload }))
const slice = (isKey: boolean): Part[] => one(bytes(isKey ? 0x65 : 0x41, 0x88, 0x84, body(600)))

/** A unit in fragments (FU-A) of at most `size` bytes. */
function fragments(isKey: boolean, total: number, size: number): Part[] {
  const type = isKey ? 5 : 1
  const unit = bytes(0x88, 0x84, body(total - 2))
  return Array.from({ length: Math.ceil(total / size) }, (_, i) => {
    const isLast = (i + 1) * size >= total
    const header = (i === 0 ? 0x80 : 0) | (isLast ? 0x40 : 0) | type
    return {
      payload: bytes(isKey ? 0x7c : 0x5c, header, unit.subarray(i * size, (i + 1) * size)),
      marker: isLast,
    }
  })
}

const h264: MakeFrame = ({ isKey }) => [...(isKey ? sets(SPS, PPS) : []), ...slice(isKey)]

const KINDS = {
  h264,
  'h264-aggregated': ({ isKey }) => [
    ...(isKey ? sets(bytes(0x78, 0, SPS.length, SPS, 0, PPS.length, PPS)) : []),
    ...fragments(isKey, 3000, 1100),
  ],
  'h264-no-sps': ({ isKey }) => slice(isKey),
  'h264-no-pps': ({ isKey }) => [...(isKey ? sets(SPS) : []), ...slice(isKey)],
  'h264-sps-once': ({ n, isKey }) => [...(n === 0 ? sets(SPS, PPS) : []), ...slice(isKey)],
  'h264-big': ({ isKey }) => [...(isKey ? sets(SPS, PPS) : []), ...fragments(isKey, 4380, 1458)],
  'h264-b-frames': ({ n, isKey, timestamp }) => {
    // I P B P B: a B-frame is sent after the frame that it precedes.
    const shown = isKey ? 0 : n % 2 === 1 ? 3000 : -3000
    const unit = isKey ? bytes(0x65, 0x88) : n % 2 === 1 ? bytes(0x41, 0x9a) : bytes(0x01, 0x9e)
    const frame = one(bytes(unit, body(600)))
    return [...(isKey ? sets(SPS, PPS) : []), ...frame].map((part) => ({
      ...part,
      timestamp: timestamp + shown,
    }))
  },
  'h264-high-10': ({ isKey }) => [
    ...(isKey
      ? sets(Buffer.from('676e001eaed940a02ff961000003000100000300 3c8f162d96'.replace(' ', ''), 'hex'), PPS)
      : []),
    ...slice(isKey),
  ],
  'no-idr': () => slice(false),
  'two-ssrc': (frame) => [
    ...(h264(frame) as Part[]),
    { payload: body(80), timestamp: frame.n * 1600, payloadType: 111, ssrc: 0x77777777 },
  ],
  'two-types': (frame) => [
    ...(h264(frame) as Part[]),
    { payload: body(80), timestamp: frame.n * 1600, payloadType: 111 },
  ],
  h265: ({ isKey }) => one(bytes(isKey ? 0x26 : 0x02, 0x01, body(600))),
  vp8: ({ isKey }) => one(bytes(0x10, isKey ? 0 : 1, body(600))),
  vp9: ({ n, isKey }) => one(bytes(isKey ? 0x8c : 0xcc, 0x80, n & 0x7f, body(600))),
  av1: ({ isKey }) => one(bytes(isKey ? 0x18 : 0x10, 0x30, body(600))),
  mpeg4: ({ isKey }) => one(bytes(0, 0, 1, isKey ? 0xb0 : 0xb6, body(600))),
  'byte-stream': ({ isKey }) => one(bytes(0, 0, 0, 1, isKey ? SPS : 0x41, body(600))),
  jpeg: () => [{ payload: bytes(0, 0, 0, 0, 1, 75, 80, 60, body(600)), marker: true, payloadType: 26 }],
  mpegts: () => [
    { payload: Buffer.concat(Array.from({ length: 7 }, () => bytes(0x47, body(187)))), payloadType: 33 },
  ],
  'mpegts-dynamic': () => [
    // The second byte is that of an SPS of the baseline profile.
    { payload: Buffer.concat(Array.from({ length: 7 }, () => bytes(0x47, 0x42, 0xc0, 0x1f, body(184)))) },
  ],
  'mpegts-udp': () => Buffer.concat(Array.from({ length: 7 }, () => bytes(0x47, 0x40, body(186)))),
  'byte-stream-udp': () => bytes(0, 0, 0, 1, 0x67, body(600)),
  opus: ({ n }) => [{ payload: bytes(0xfc, body(80)), timestamp: n * 1600, payloadType: 111 }],
  // The first byte is that of a PPS.
  'opus-hybrid': ({ n }) => [{ payload: bytes(0x68, body(80)), timestamp: n * 1600, payloadType: 96 }],
  pcmu: ({ n }) => [{ payload: Buffer.alloc(266, 0xff), timestamp: n * 266, payloadType: 0 }],
  noise: () => one(body(600)),
} satisfies Record<string, MakeFrame>

const FPS = 30

/** Sends one kind to a port of 127.0.0.1, thirty frames a second, a keyframe every second. */
export class RtpSender implements AsyncDisposable {
  readonly #socket: Socket
  readonly #port: number
  readonly #ssrc: number
  #make: MakeFrame
  #sequence = 1000
  #sent = 0
  readonly #startedMs = performance.now()
  readonly #timer: NodeJS.Timeout
  /** Keyframe requests received. */
  requests = 0

  private constructor(socket: Socket, port: number, kind: StreamKind, ssrc: number) {
    this.#socket = socket
    this.#port = port
    this.#ssrc = ssrc
    this.#make = KINDS[kind]
    socket.on('message', (datagram) => {
      if (datagram[1] === 206) this.requests++
    })
    this.#timer = setInterval(() => this.#sendDue(), 5)
  }

  static async start(port: number, kind: StreamKind, ssrc = 0x1234abcd): Promise<RtpSender> {
    const socket = createSocket('udp4')
    socket.bind(0, '127.0.0.1')
    await once(socket, 'listening')
    return new RtpSender(socket, port, kind, ssrc)
  }

  /** The same sender is given other options. */
  become(kind: StreamKind): void {
    this.#make = KINDS[kind]
  }

  #sendDue(): void {
    const due = ((performance.now() - this.#startedMs) * FPS) / 1000
    for (; this.#sent < due; this.#sent++) {
      const timestamp = this.#sent * (90_000 / FPS)
      const made = this.#make({ n: this.#sent, isKey: this.#sent % FPS === 0, timestamp })
      if (Buffer.isBuffer(made)) this.#socket.send(made, this.#port, '127.0.0.1')
      else for (const part of made) this.#send({ timestamp, ...part })
    }
  }

  #send({ payload, timestamp = 0, marker = false, payloadType = 96, ssrc = this.#ssrc }: Part): void {
    const header = Buffer.alloc(12)
    header[0] = 0x80
    header[1] = (marker ? 0x80 : 0) | payloadType
    header.writeUInt16BE((this.#sequence = (this.#sequence + 1) & 0xffff), 2)
    header.writeUInt32BE(timestamp >>> 0, 4)
    header.writeUInt32BE(ssrc, 8)
    this.#socket.send(Buffer.concat([header, payload]), this.#port, '127.0.0.1')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer)
    const closed = once(this.#socket, 'close')
    this.#socket.close()
    await closed
  }
}
