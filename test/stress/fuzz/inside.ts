import { readFileSync } from 'node:fs'
import { createSnapshotReader } from '../../../src/camera/snapshots/reader.js'
import { parseConfig } from '../../../src/config/parse.js'
import { decodeToml } from '../../../src/config/toml.js'
import { ConfigError } from '../../../src/errors.js'
import { silentLog } from '../../../src/log.js'
import { writePli } from '../../../src/rtp/rtcp/feedback.js'
import { rtpPacket, vp8Continuation, vp8Delta, vp8Key } from '../../support/rtp.js'
import { gdpBuffer, gdpPacket } from '../../fakes/gdp.js'
import { PassThrough } from 'node:stream'
import type { Random } from './random.js'
import { inBatches, type EntryPoint } from './entry-point.js'
import { mutateBytes, mutateText } from './mutate.js'
import { within } from './target.js'

const H264_PAYLOADS = [
  Buffer.from([0x65, 0x88, 0x84, 0x21]),
  Buffer.from([0x61, 0xe0, 0x40]),
  Buffer.from([0x78, 0, 4, 0x67, 0x42, 0xc0, 0x1f, 0, 2, 0x68, 0xce]), // STAP-A
  Buffer.from([0x7c, 0x85, 0x88]), // FU-A, the start of an IDR slice
  Buffer.from([0x7c]),
]
const VP8_PAYLOADS = [vp8Key, vp8Delta, vp8Continuation, Buffer.from([0xff]), Buffer.from([0x90, 0xff, 0xff])]
const SENDER_REPORT = Buffer.concat([Buffer.from([0x80, 200, 0, 6]), Buffer.alloc(24, 0x11)])

function ingestPacket(random: Random, payloads: readonly Buffer[]): Buffer {
  if (random.happens(0.2)) return mutateBytes(random.of([SENDER_REPORT, writePli(1, 0x11223344)]), random)
  const payload = random.happens(0.5) ? mutateBytes(random.of(payloads), random) : random.of(payloads)
  const packet = rtpPacket({
    sequence: random.below(65_536),
    timestamp: random.happens(0.3) ? random.below(2 ** 32) : 90_000,
    ssrc: random.happens(0.2) ? random.below(2 ** 32) : 0x11223344,
    marker: random.happens(0.5),
    payloadType: random.happens(0.1) ? random.below(128) : 96,
    payload,
  })
  return random.happens(0.6) ? mutateBytes(packet, random) : packet
}

export const ingest: EntryPoint = {
  name: 'ingest',
  about: 'mutated VP8 and H.264 packets and RTCP among a camera’s own, while somebody watches',
  attack: async (target, random, inputs) => {
    const { client, leave } = await target.join()
    await inBatches(
      target,
      inputs,
      50,
      () => {
        const codec = random.of(['vp8', 'h264'] as const)
        const packet = ingestPacket(random, codec === 'vp8' ? VP8_PAYLOADS : H264_PAYLOADS)
        return {
          entry: codec,
          inputs: 1,
          bytes: packet.length,
          about: () => packet.toString('hex'),
          send: () => Promise.resolve(target.feed[codec](packet)),
        }
      },
      async () => await within(10_000, 'a check after packets', client.checkPath()),
    )
    await leave()
  },
}

export const pictures: EntryPoint = {
  name: 'pictures',
  about: 'mutated GDP streams of a capture process, in this process',
  attack: async (target, random, inputs) => {
    const feed = createSnapshotReader(silentLog)
    for (let i = 0; i < inputs; i++) {
      const delivers = random.happens(0.7)
      const parts = Array.from({ length: 1 + random.below(5) }, () =>
        random.of([
          gdpBuffer(Buffer.alloc(1), random.below(1000)),
          gdpBuffer(random.bytes(random.below(200)), random.happens(0.8) ? random.below(5000) : undefined),
          gdpPacket(random.below(8), random.bytes(random.below(20))),
        ]),
      )
      const stream = Buffer.concat(parts)
      const sent = random.happens(0.7) ? mutateBytes(stream, random) : stream
      const cut = random.below(sent.length + 1)
      const about = (): string => sent.toString('hex')
      target.meter.here('GDP', sent.length, about, () => {
        const pipe = new PassThrough()
        pipe.on('error', () => {})
        feed.attach(pipe)
        if (delivers) feed.delivering()
        const following = feed.follow()
        try {
          for (const piece of [sent.subarray(0, cut), sent.subarray(cut)]) pipe.emit('data', piece)
        } catch (error) {
          target.find(`${String(error)} for the pictures ${about().slice(0, 2000)}`)
        }
        following[Symbol.dispose]()
        pipe.destroy()
      })
      if (i % 200 === 0) await new Promise((resolve) => setImmediate(resolve))
    }
  },
}

const EXAMPLE = readFileSync(new URL('../../../config.example.toml', import.meta.url), 'utf8')
/** Without its explanations, so that changes hit what is read. */
const BARE = EXAMPLE.replaceAll(/^#(?![a-z-]+ = ).*\n/gm, '').replaceAll(/^#/gm, '')

export const toml: EntryPoint = {
  name: 'toml',
  about: 'mutations of config.example.toml through the parser, in this process',
  attack: async (target, random, inputs) => {
    for (let i = 0; i < inputs; i++) {
      const text = mutateText(random.of([EXAMPLE, BARE, BARE]), random)
      const bytes = random.happens(0.3) ? mutateBytes(Buffer.from(text), random) : Buffer.from(text)
      const about = (): string => `the file ${bytes.toString('base64')}`
      target.meter.here('TOML', bytes.length, about, () => {
        try {
          parseConfig(decodeToml(bytes, 'fuzz.toml'), 'fuzz.toml')
        } catch (error) {
          const complaint = complaintAbout(error)
          if (complaint !== undefined) target.find(`${complaint} for ${about().slice(0, 6000)}`)
        }
      })
      if (i % 50 === 0) await new Promise((resolve) => setImmediate(resolve))
    }
  },
}

/** What is wrong with what a wrong file was answered with. */
function complaintAbout(error: unknown): string | undefined {
  if (!(error instanceof ConfigError)) return error instanceof Error ? error.stack : String(error)
  const bare = error.problems.find(
    (problem) => !/^fuzz\.toml(:\d+)?(:\d+)?: \S.{8,}/s.test(problem) && !/^the (file|text) /.test(problem),
  )
  return bare === undefined ? undefined : `a problem without a place: ${bare}`
}
