import { randomBytes } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { setImmediate as othersFirst } from 'node:timers/promises'
import { RTP_HEADER_BYTES } from '../../rtp/packet.js'
import { openRtpStream, type RtpStream } from '../../rtp/stream.js'
import { openSrtpBatch } from '../../srtp/batch.js'
import { AES128_CM_HMAC_SHA1_80 } from '../../srtp/profile.js'
import { SrtpSender } from '../../srtp/sender.js'
import type { SendDatagram, SrtpBatch } from '../../srtp/stream.js'
import { fastUdpSend } from '../transport/fast-send.js'
import { ABS_CAPTURE_TIME, describeFrames, PLAYOUT_DELAY } from '../../rtp/header-extension.js'
import { OutgoingStream } from './outgoing-stream.js'

/** V8 compiles a function for good when it was called some thousand times. */
const CROWDS = 20
const PACKETS_PER_CROWD = 200
/**
 * So many of them find room in the socket's buffer, also where the kernel gives no more than it does by default; and whoever
 * comes meanwhile waits for no more than these.
 */
const PACKETS_PER_BURST = 40
/** They come at once, unless a firewall keeps them: then there is nothing to warm up with. */
const LOST_AFTER_MS = 1000
/** Protected together are four: one more, who waits for the flush. */
const VIEWERS = 5
const LOOPBACK = '127.0.0.1'
const FRAME_PACKETS = 10
const PAYLOAD_BYTES = 1158

// What V8 has not seen it has made no code for, and what it has made is thrown away when something else comes: so the numbers
// have their 32 bits, sequence numbers wrap, each crowd has a sender that begins anew, and from the history go first those packets
// that are too old, then those that are too many. And they come from a real socket, for what that gives has hidden classes of its
// own.
const SSRC = 0x9abcdef0
const FIRST_TIMESTAMP = 0xf0000000
const TICKS_PER_FRAME = 3000
const TICKS_PER_SLOW_FRAME = 150_000
const FIRST_SEQUENCE = 0xff80

/** Several, as there are several ways: or the code is made for the one alone, and anew for the first real viewer. */
const extensions = [
  new Map<string, number>(),
  new Map([PLAYOUT_DELAY, ABS_CAPTURE_TIME].map((uri, i) => [uri, i + 1])),
]

/**
 * Runs packets of nobody through the path from datagram to protected datagram, to nowhere: the first viewers' packets would
 * otherwise cost many times as much, and wait for the compiler, just when they want a picture.
 * @param crowds of packets and viewers; after one of them V8 has seen what everything is made of.
 * @returns how many datagrams came out.
 * @throws Error when this machine has no UDP port left.
 */
export async function warmUpMediaPath(crowds = CROWDS): Promise<number> {
  let datagrams = 0
  const count: SendDatagram = () => ++datagrams > 0
  const ways: SendDatagram[] = [count, (datagram) => count(datagram)]
  await using stream = await openRtpStream({
    codec: 'vp8',
    expected: { ssrc: SSRC, payloadType: 96 },
    preferred: { rtpPort: 0, rtcpPort: 0, feedbackPort: 0 },
    onError: () => {},
  })
  await using sender = await openSender(stream.rtpPort)
  const [slow, quick] = [TICKS_PER_SLOW_FRAME, TICKS_PER_FRAME].map((ticks) =>
    Array.from({ length: PACKETS_PER_CROWD }, (_, i) => syntheticRtp(i, ticks)),
  ) as [Buffer[], Buffer[]]
  const batch = openSrtpBatch()
  for (let crowd = 0; crowd < crowds; crowd++) {
    stream.expectNewSender()
    const joined = openViewers(stream, batch, ways)
    const packets = crowd === 0 ? slow : quick
    for (let sent = 0; sent < packets.length; sent += PACKETS_PER_BURST) {
      const expected = stream.datagrams + PACKETS_PER_BURST
      for (const rtp of packets.slice(sent, sent + PACKETS_PER_BURST)) sender.send(rtp)
      if (!(await haveCome(stream, expected))) return datagrams
    }
    for (const viewer of joined) viewer[Symbol.dispose]()
  }
  return datagrams
}

async function haveCome(stream: RtpStream, datagrams: number): Promise<boolean> {
  const lost = AbortSignal.timeout(LOST_AFTER_MS)
  while (stream.datagrams < datagrams && !lost.aborted) await stream.nextPacket(lost).catch(() => {})
  await othersFirst()
  return stream.datagrams >= datagrams
}

/** Sends to a port of ours on the way that all packets are sent. */
async function openSender(port: number): Promise<AsyncDisposable & { send: (datagram: Buffer) => void }> {
  const socket = createSocket({ type: 'udp4', lookup: (host, _options, answer) => answer(null, host, 4) })
  const listening = once(socket, 'listening') // asked for first: with our lookup the event comes before bind returns
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

function openViewers({ fanout, clock }: RtpStream, batch: SrtpBatch, ways: SendDatagram[]): Disposable[] {
  return Array.from({ length: VIEWERS }, (_, i) => {
    const keys = { masterKey: randomBytes(16), masterSalt: randomBytes(14) }
    const sender = new SrtpSender({ profile: AES128_CM_HMAC_SHA1_80, ...keys }, batch, ways[i % ways.length]!)
    const describe = describeFrames(extensions[i % extensions.length]!, clock)
    return fanout.add(new OutgoingStream(sender, { payloadType: 96, ssrc: SSRC + i }, describe))
  })
}

/** VP8 in frames of some packets, the last of each shorter (RFC 7741); the first frame is a keyframe. */
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
