import { createCipheriv, randomBytes } from 'node:crypto'
import { EventEmitter } from 'node:events'
import { setImmediate as othersFirst } from 'node:timers/promises'
import { Ingest, type IngestSocket } from '../rtp/ingest.js'
import { openRtpStream, type RtpStream } from '../rtp/stream.js'
import { SrtpLanes } from '../srtp/lanes.js'
import { AES128_CM_HMAC_SHA1_80 } from '../srtp/profile.js'
import { SrtpSender, type SendDatagram } from '../srtp/sender.js'
import { ABS_CAPTURE_TIME, describePictures, PLAYOUT_DELAY } from './header-extension.js'
import { ViewerSink } from './sink.js'

/** V8 compiles a function for good when it was called some thousand times. */
const CROWDS = 30
/** One crowd's worth takes 5 ms on a laptop, some 30 ms on a Raspberry Pi: nobody who comes meanwhile waits longer. */
const PACKETS_PER_CROWD = 200
/** Protected together are four: one more, who waits for the flush. */
const VIEWERS = 5
const FRAME_PACKETS = 10
const PAYLOAD_BYTES = 1158

// What V8 has not seen it has made no code for, and what it has made is thrown away when something else comes: so the numbers
// have their 32 bits, sequence numbers wrap, each crowd has another sender, and from the history go first those packets that
// are too many, then those that are too old.
const SSRC = 0x9abcdef0
const FIRST_TIMESTAMP = 0xf0000000
const TICKS_PER_FRAME = [3000, 9000]
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
 */
export async function warmUpMediaPath(crowds = CROWDS): Promise<number> {
  let datagrams = 0
  const count: SendDatagram = () => ++datagrams > 0
  const ways: SendDatagram[] = [count, (datagram) => count(datagram)]
  const socket = new NoSocket()
  await using stream = await openRtpStream(
    {
      codec: 'vp8',
      expected: { ssrc: SSRC, payloadType: 96 },
      preferred: { rtpPort: 0, rtcpPort: 0, feedbackPort: 0 },
      onError: () => {},
    },
    async (options) =>
      await Promise.resolve(new Ingest(options, options.preferred, socket.asSocket(), undefined)),
  )
  const streams = TICKS_PER_FRAME.map((ticks) =>
    Array.from({ length: PACKETS_PER_CROWD }, (_, i) => syntheticRtp(i, ticks)),
  )
  const lanes = new SrtpLanes()
  for (let crowd = 0; crowd < crowds; crowd++) {
    stream.expectNewSender()
    const joined = openViewers(stream, lanes, ways)
    for (const rtp of streams[Math.floor((crowd * streams.length) / CROWDS)]!)
      socket.emit('message', rtp, addressOfSender(1 + crowd, rtp.length))
    for (const viewer of joined) viewer[Symbol.dispose]()
    await othersFirst()
  }
  return datagrams
}

function openViewers({ fanout, clock }: RtpStream, lanes: SrtpLanes, ways: SendDatagram[]): Disposable[] {
  return Array.from({ length: VIEWERS }, (_, i) => {
    const keys = { masterKey: randomBytes(16), masterSalt: randomBytes(14) }
    const sender = new SrtpSender({ profile: AES128_CM_HMAC_SHA1_80, ...keys }, lanes, ways[i % ways.length]!)
    const describe = describePictures(extensions[i % extensions.length]!, clock)
    return fanout.add(new ViewerSink(sender, { payloadType: 96, ssrc: SSRC + i }, describe))
  })
}

/** VP8 in frames of some packets, the last of each shorter (RFC 7741); the first frame is a keyframe. */
function syntheticRtp(i: number, ticksPerFrame: number): Buffer {
  const last = i % FRAME_PACKETS === FRAME_PACKETS - 1
  const rtp = likeReceived(12 + (last ? PAYLOAD_BYTES - (i % 500) : PAYLOAD_BYTES))
  rtp[0] = 0x80
  rtp[1] = last ? 0xe0 : 0x60
  rtp.writeUInt16BE((FIRST_SEQUENCE + i) & 0xffff, 2)
  rtp.writeUInt32BE((FIRST_TIMESTAMP + Math.floor(i / FRAME_PACKETS) * ticksPerFrame) >>> 0, 4)
  rtp.writeUInt32BE(SSRC, 8)
  rtp[12] = i % FRAME_PACKETS === 0 ? 0x10 : 0
  rtp[13] = i < FRAME_PACKETS ? 0 : 1
  return rtp
}

/** A buffer made outside of JavaScript, as those from a socket are: V8 has another hidden class for them. */
const likeReceived = (bytes: number): Buffer =>
  createCipheriv('aes-128-ctr', randomBytes(16), randomBytes(16)).update(Buffer.alloc(bytes))

/** Its properties come one after the other, as Node.js sets them: V8 makes a hidden class for each such way. */
const addressOfSender = (port: number, size: number): object =>
  Object.assign({}, { address: '127.0.0.1', family: 'IPv4', port, size })

/** Receives what is emitted on it. */
class NoSocket extends EventEmitter {
  close(): void {
    this.emit('close')
  }

  asSocket(): IngestSocket {
    return this as unknown as IngestSocket
  }
}
