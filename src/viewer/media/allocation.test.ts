import { randomBytes } from 'node:crypto'
import { getHeapStatistics } from 'node:v8'
import { expect, test } from 'vitest'
import { RtpFanout } from '../../rtp/fanout.js'
import type { MediaPacket } from '../../rtp/packet.js'
import { AES128_CM_HMAC_SHA1_80 } from '../../srtp/profile.js'
import { SrtpSender } from '../../srtp/sender.js'
import { SimdBatch } from '../../srtp/simd/simd-batch.js'
import { Destination } from '../../udp/destination.js'
import { LAYOUT_64 } from '../../udp/layout.js'
import { SendBatch } from '../../udp/send-batch.js'
import { OutgoingStream } from './outgoing-stream.js'

const VIEWERS = 5
const BURST = 8
const BURSTS = 250
/** The keystream of eight packets is one call of OpenSSL, whose objects have 300 bytes in Node.js 20 and 1300 in 26. */
const MAX_BYTES_PER_PACKET = 250
/** Something else may allocate during one of them. */
const TRIES = 6

test('10,000 packets are protected and sent without an allocation for each', () => {
  let messages = 0
  const libc = {
    via: 'koffi' as const,
    addressOf: () => 0x7f00_0000_0000n,
    sendmmsg: (_fd: number, _messages: bigint, count: number) => ((messages += count), count),
    recvmmsg: () => -1,
    errno: () => 0,
  }
  let waiting: SendBatch | undefined
  const socket = { isIpv6: false, fd: () => 7, sendSingly: () => expect.unreachable() }
  const batch = new SendBatch(libc, LAYOUT_64, socket, (one) => (waiting = one))
  const srtp = new SimdBatch(() => waiting?.flush())
  const fanout = new RtpFanout()
  for (let i = 0; i < VIEWERS; i++) {
    const keys = { masterKey: randomBytes(16), masterSalt: randomBytes(14) }
    const to = new Destination('192.0.2.1', 5000 + i, false, true)
    const send = (datagram: Buffer): boolean => {
      batch.add(datagram, to)
      return true
    }
    const sender = new SrtpSender({ profile: AES128_CM_HMAC_SHA1_80, ...keys }, srtp, send)
    fanout.add(new OutgoingStream(sender, { payloadType: 96, ssrc: i }))
  }
  const packets = Array.from({ length: (1 + TRIES) * BURST * BURSTS }, (_, i): MediaPacket => ({
    index: i + 1,
    timestamp: 3000 * Math.floor(i / BURST),
    marker: i % BURST === BURST - 1,
    startsKeyframe: i === 0,
    payload: Buffer.alloc(i % BURST === BURST - 1 ? 500 + (i % 400) : 1158),
  }))
  let next = 0
  const play = (): void => {
    for (let burst = 0; burst < BURSTS; burst++) {
      for (let i = 0; i < BURST; i++) fanout.send(packets[next++]!)
      fanout.flush()
    }
  }
  play() // V8 compiles the path, and the caches of views fill
  const perPacket = Array.from({ length: TRIES }, () => {
    const before = getHeapStatistics().used_heap_size
    play()
    return (getHeapStatistics().used_heap_size - before) / (VIEWERS * BURST * BURSTS)
  })
  expect(messages).toBeGreaterThanOrEqual((1 + TRIES) * VIEWERS * BURSTS)
  expect(Math.min(...perPacket)).toBeLessThan(MAX_BYTES_PER_PACKET)
})
