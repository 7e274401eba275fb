import { randomBytes } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { setImmediate as yieldToOthers } from 'node:timers/promises'
import { RTP_HEADER_BYTES } from '../../rtp/packet.js'
import { openRtpStream, type RtpStream } from '../../rtp/stream.js'
import { openSrtpBatch } from '../../srtp/batch.js'
import { AES128_CM_HMAC_SHA1_80 } from '../../srtp/profile.js'
import { SrtpSender } from '../../srtp/sender.js'
import type { SendDatagram, SrtpBatch, SrtpChoice } from '../../srtp/stream.js'
import { UdpBatches } from '../../udp/udp-batches.js'
import { fastUdpSend } from '../transport/fast-send.js'
import { bindUdpSocket, UdpSocket, type Address, type UdpEvents } from '../transport/udp-socket.js'
import { ABS_CAPTURE_TIME, describeFrames, PLAYOUT_DELAY } from '../../rtp/header-extension.js'
import { OutgoingStream } from './outgoing-stream.js'

/** V8 optimises a function after some thousand calls. */
const ROUNDS = 20
const PACKETS_PER_ROUND = 200
/** Fits into the kernel's default socket buffer, and bounds how long other work waits. */
const PACKETS_PER_BURST = 40
/** A firewall may block the packets. */
const LOST_AFTER_MS = 1000
/** Four packets are protected together; the fifth waits for the flush. */
const VIEWERS = 5
const LOOPBACK = '127.0.0.1'
const FRAME_PACKETS = 10
const PAYLOAD_BYTES = 1158

// V8 discards optimised code when it meets a new case. So the numbers have 32 bits, sequence numbers wrap, each round has a new
// sender, the history drops by age, then by count, and datagrams come from a real socket, whose objects have their own hidden classes.
const SSRC = 0x9abcdef0
const FIRST_TIMESTAMP = 0xf0000000
const TICKS_PER_FRAME = 3000
const TICKS_PER_SLOW_FRAME = 150_000
const FIRST_SEQUENCE = 0xff80

const IGNORE: UdpEvents = { onDatagram: () => {}, onError: () => {}, onNoRoom: () => {} }

/** Several, or V8 optimises for one only. */
const extensions = [
  new Map<string, number>(),
  new Map([PLAYOUT_DELAY, ABS_CAPTURE_TIME].map((uri, i) => [uri, i + 1])),
]

/**
 * Runs synthetic packets through the media path without sending them. Otherwise the packets of the first viewers cost many times as
 * much until V8 has compiled the code.
 * @param rounds after one V8 has seen all hidden classes. @returns the number of protected datagrams.
 */
export async function warmUpMediaPath(
  batches = new UdpBatches(),
  rounds = ROUNDS,
  choice?: SrtpChoice,
): Promise<number> {
  let datagrams = 0
  const unsent = batches.withoutSending()
  await using socket = new UdpSocket(
    bindUdpSocket({ port: 0, address: LOOPBACK, isShared: false }),
    IGNORE,
    unsent,
  )
  const sendTo = (to: Address, datagram: Buffer): void => {
    datagrams++
    if (unsent.via !== undefined) socket.sendBatched(datagram, to)
  }
  const senders = Array.from({ length: VIEWERS }, (_, i): SendDatagram => {
    const to: Address = { address: LOOPBACK, port: 1 + i, via: socket }
    return i % 2 === 0 ? (datagram) => sendTo(to, datagram) : (datagram) => sendTo(to, datagram)
  })
  await using stream = await openRtpStream({
    codec: 'vp8',
    expected: { ssrc: SSRC, payloadType: 96 },
    preferred: { rtpPort: 0, rtcpPort: 0, feedbackPort: 0 },
    waiting: batches,
    onError: () => {},
  })
  await using sender = await openSender(stream.rtpPort)
  const [slow, quick] = [TICKS_PER_SLOW_FRAME, TICKS_PER_FRAME].map((ticks) =>
    Array.from({ length: PACKETS_PER_ROUND }, (_, i) => syntheticRtp(i, ticks)),
  ) as [Buffer[], Buffer[]]
  const batch = openSrtpBatch(() => unsent.flush(), choice)
  for (let round = 0; round < rounds; round++) {
    stream.expectNewSender()
    const joined = openViewers(stream, batch, senders)
    const packets = round === 0 ? slow : quick
    for (let sent = 0; sent < packets.length; sent += PACKETS_PER_BURST) {
      const expected = stream.datagrams + PACKETS_PER_BURST
      for (const rtp of packets.slice(sent, sent + PACKETS_PER_BURST)) sender.send(rtp)
      if (!(await haveArrived(stream, expected))) return datagrams
    }
    for (const viewer of joined) viewer[Symbol.dispose]()
  }
  return datagrams
}

async function haveArrived(stream: RtpStream, datagrams: number): Promise<boolean> {
  const lost = AbortSignal.timeout(LOST_AFTER_MS)
  while (stream.datagrams < datagrams && !lost.aborted) await stream.nextPacket(lost).catch(() => {})
  await yieldToOthers()
  return stream.datagrams >= datagrams
}

async function openSender(port: number): Promise<AsyncDisposable & { send: (datagram: Buffer) => void }> {
  const socket = createSocket({ type: 'udp4', lookup: (host, _options, answer) => answer(null, host, 4) })
  const listening = once(socket, 'listening') // before bind: with our lookup the event fires synchronously
  socket.bind(0, LOOPBACK)
  await listening
  const sendNow = fastUdpSend(socket)
  return {
    send: (datagram) => void sendNow(datagram, port, LOOPBACK),
    [Symbol.asyncDispose]: async () => {
      const closed = once(socket, 'close')
      socket.close()
      await closed
    },
  }
}

function openViewers({ fanout, clock }: RtpStream, batch: SrtpBatch, senders: SendDatagram[]): Disposable[] {
  return Array.from({ length: VIEWERS }, (_, i) => {
    const keys = { masterKey: randomBytes(16), masterSalt: randomBytes(14) }
    const sender = new SrtpSender({ profile: AES128_CM_HMAC_SHA1_80, ...keys }, batch, senders[i]!)
    const describe = describeFrames(extensions[i % extensions.length]!, clock)
    return fanout.add(new OutgoingStream(sender, { payloadType: 96, ssrc: SSRC + i }, describe))
  })
}

/** VP8 (RFC 7741): the last packet of a frame is shorter, the first frame is a keyframe. */
function syntheticRtp(i: number, ticksPerFrame: number): Buffer {
  const last = i % FRAME_PACKETS === FRAME_PACKETS - 1
  const rtp = Buffer.alloc(RTP_HEADER_BYTES + (last ? PAYLOAD_BYTES - (i % 500) : PAYLOAD_BYTES))
  rtp[0] = 0x80
  rtp[1] = last ? 0xe0 : 0x60
  rtp.writeUInt16BE((FIRST_SEQUENCE + i) & 0xffff, 2)
  rtp.writeUInt32BE((FIRST_TIMESTAMP + Math.floor(i / FRAME_PACKETS) * ticksPerFrame) >>> 0, 4)
  rtp.writeUInt32BE(SSRC, 8)
  rtp[RTP_HEADER_BYTES] = i % FRAME_PACKETS === 0 ? 0x10 : 0
  rtp[RTP_HEADER_BYTES + 1] = i < FRAME_PACKETS ? 0 : 1
  return rtp
}
