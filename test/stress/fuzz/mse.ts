import { aggregate, fragments, HIGH_SPS, PPS, slice, SPS } from '../../support/h264.js'
import { clientFrame, handshake, openRaw } from '../../support/raw-client.js'
import { rtpPacket } from '../../support/rtp.js'
import { chrome } from '../../support/viewer-offers.js'
import { inBatches, type EntryPoint } from './entry-point.js'
import type { Unit } from './meter.js'
import { mutateBytes } from './mutate.js'
import type { Random } from './random.js'
import type { Target } from './target.js'

const AT_ONCE = 16
/** Of the H.264 camera: long enough for a keyframe to come. */
const WATCHES_MS = 200
const PATHS = ['/camera2/ws', '/api/ws?src=camera2', '/camera1/ws', '/api/ws?src=camera1'] as const
const MESSAGES = [
  '{"mse":{}}',
  '{"type":"mse","value":"avc1.640029"}',
  '{"type":"mse"}',
  '{"mse":null}',
  '{"mse":[]}',
  '{"mse":{"__proto__":{"x":1}}}',
  '{"type":"mse","value":{}}',
  JSON.stringify({ type: 'mse', value: 'avc1.'.repeat(300) }),
  JSON.stringify({ offer: { type: 'offer', sdp: chrome } }),
  JSON.stringify({ type: 'webrtc/offer', value: chrome }),
]

/** The payloads of one frame: right, or a little wrong. */
function payloadsOf(random: Random): Buffer[] {
  const sets = [random.of([SPS, HIGH_SPS]), PPS]
  const size = random.of([1, 40, 3000])
  const payloads = random.of([
    [aggregate(...sets, slice(5, size))],
    [...sets, ...fragments(slice(5, size), random.of([7, 1100]))],
    [slice(1, size)],
    [Buffer.concat([Buffer.of(0x78), ...Array<Buffer>(400).fill(Buffer.of(0, 1, 0x65))])],
    fragments(slice(1, size), 9).slice(0, -1),
    [Buffer.of(0x7c), Buffer.of(0x78, 0xff), Buffer.of(0x78, 0, 0), Buffer.of(0)],
  ])
  return payloads.map((payload) => (random.happens(0.2) ? mutateBytes(payload, random) : payload))
}

/** Frames of the H.264 camera, with gaps and jumps in their numbers. */
function createFeed(target: Target, random: Random): () => void {
  let sequence = random.below(65_536)
  let timestamp = random.below(2 ** 32)
  return () => {
    if (random.happens(0.1)) sequence += random.below(5000)
    timestamp += random.of([0, 1, 3000, 3000, 3000, 3000, 90_000, 2 ** 31])
    for (const payload of payloadsOf(random)) {
      const marker = random.happens(0.7)
      target.feed.h264(rtpPacket({ sequence: sequence++, timestamp, marker, payload }))
    }
  }
}

export const mse: EntryPoint = {
  name: 'mse',
  about: 'viewers over HTTP that ask wrongly, read nothing or hang up, while H.264 packets are mutated',
  attack: async (target, random, inputs) => {
    const feed = createFeed(target, random)
    let watched = 0
    await inBatches(target, inputs, AT_ONCE, (): Unit => {
      const path = random.of(PATHS)
      const frames = Array.from({ length: 1 + random.below(4) }, (_, i) => {
        const text = Buffer.from(i === 0 ? MESSAGES[random.below(3)]! : random.of(MESSAGES))
        return clientFrame(random.happens(0.15) ? mutateBytes(text, random).toString() : text.toString())
      })
      const readsNothing = random.happens(0.2)
      const hangsUp = random.happens(0.2)
      const burst = random.below(40)
      return {
        entry: path,
        inputs: 1,
        bytes: frames.reduce((sum, { length }) => sum + length, 0),
        about: () => `${path} ${Buffer.concat(frames).toString('latin1').slice(0, 2000)}`,
        send: async () => {
          const connection = await openRaw(target.program.webPort)
          connection.send(handshake(path))
          await connection.hears(/\r\n\r\n/)
          if (readsNothing) connection.socket.pause()
          for (const one of frames) connection.send(one)
          for (let i = 0; i < burst; i++) feed()
          if (!hangsUp) await new Promise((resolve) => setTimeout(resolve, WATCHES_MS))
          connection.socket.destroy()
          if (/moof/.test(connection.heard())) watched++
          if (/"internal"|went wrong on the server/.test(connection.heard()))
            target.find(
              `${path} answers with an error of its own to ${Buffer.concat(frames).toString('latin1')}`,
            )
        },
      }
    })
    if (watched === 0) target.find('no video came over HTTP: nothing of this was tried')
  },
}
