import { randomBytes } from 'node:crypto'
import { setImmediate as othersFirst } from 'node:timers/promises'
import { RtpFanout } from '../rtp/fanout.js'
import { RtpTimeline } from '../rtp/timeline.js'
import { SrtpLanes } from '../srtp/lanes.js'
import { AES128_CM_HMAC_SHA1_80 } from '../srtp/profile.js'
import { SrtpSender, type SendDatagram } from '../srtp/sender.js'
import { ViewerSink } from './sink.js'

/** V8 compiles a function for good when it was called some thousand times, and for what it saw: so for beginnings as well. */
const CAMERAS = 30
/** One camera's worth takes 2 ms on a laptop, 15 ms on a Raspberry Pi: nobody who comes meanwhile waits longer. */
const PACKETS_PER_CAMERA = 200
const FRAME_PACKETS = 10
const PAYLOAD_BYTES = 1158
const TICKS_PER_FRAME = 3000

/** Two ways that are not one function: or the code is made for that one alone, and anew for the first real viewer. */
const ways: SendDatagram[] = [() => true, (datagram) => datagram.length > 0]

/**
 * Runs packets of nobody through the path from timeline to protected datagram, to nowhere: the first viewers' packets would
 * otherwise cost many times as much, and wait for the compiler, just when they want a picture.
 */
export async function warmUpMediaPath(): Promise<void> {
  const packets = Array.from({ length: PACKETS_PER_CAMERA }, (_, i) => syntheticRtp(i))
  for (let camera = 0; camera < CAMERAS; camera++) {
    const timeline = new RtpTimeline('vp8')
    const fanout = openFanout()
    for (const [i, rtp] of packets.entries()) {
      const packet = timeline.place(rtp, i)
      if (packet !== undefined) fanout.send(packet)
    }
    await othersFirst()
  }
}

function openFanout(): RtpFanout {
  const fanout = new RtpFanout()
  const lanes = new SrtpLanes()
  for (const [i, send] of ways.entries()) {
    const keys = { masterKey: randomBytes(16), masterSalt: randomBytes(14) }
    const sender = new SrtpSender({ profile: AES128_CM_HMAC_SHA1_80, ...keys }, lanes, send)
    fanout.add(new ViewerSink(sender, { payloadType: 96, ssrc: 1 + i }))
  }
  return fanout
}

/** VP8 in frames of some packets, the last of each shorter (RFC 7741); the first frame is a keyframe. */
function syntheticRtp(i: number): Buffer {
  const last = i % FRAME_PACKETS === FRAME_PACKETS - 1
  const rtp = Buffer.alloc(12 + (last ? PAYLOAD_BYTES - (i % 500) : PAYLOAD_BYTES))
  rtp[0] = 0x80
  rtp[1] = last ? 0xe0 : 0x60
  rtp.writeUInt16BE(i, 2)
  rtp.writeUInt32BE(Math.floor(i / FRAME_PACKETS) * TICKS_PER_FRAME, 4)
  rtp.writeUInt32BE(1, 8)
  rtp[12] = i % FRAME_PACKETS === 0 ? 0x10 : 0
  rtp[13] = i < FRAME_PACKETS ? 0 : 1
  return rtp
}
