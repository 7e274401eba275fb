import { createSocket } from 'node:dgram'
import { until } from '../../support/program.js'
import {
  BINDING_ERROR,
  BINDING_SUCCESS,
  errorCode,
  writeStun,
  xorMappedAddress,
  type Attribute,
} from '../../support/viewer-stun.js'
import { inBatches, type EntryPoint } from './entry-point.js'
import { mutateBytes } from './mutate.js'
import type { Random } from './random.js'
import type { Unit } from './meter.js'
import type { Target } from './target.js'

const BURST = 100
/** An offer causes a request 5 s after a failure, or 10 s after a response. If none was taken, the request lasts for 39.5 s. */
const REQUEST_LIMIT_MS = 60_000
/** What strangers claim: it must not be believed. */
const CLAIMED = '198.51.100.66'

/** A response as a server sends it, or nearly so. */
function response(random: Random, transactionId: Buffer, address: string): Buffer {
  const attributes: Attribute[] = [
    xorMappedAddress(random.happens(0.7) ? address : '2001:db8::66', 1 + random.below(65_535), transactionId),
  ]
  for (let extra = random.below(4); extra > 0; extra--)
    attributes.splice(random.below(attributes.length + 1), 0, [
      random.of([0x0001, 0x0004, 0x0005, 0x0009, 0x0020, 0x8022, 0x8028, random.below(65_536)]),
      random.bytes(random.below(40)),
    ])
  if (random.happens(0.2)) attributes.push(errorCode(300 + random.below(400)))
  const type = random.of([BINDING_SUCCESS, BINDING_SUCCESS, BINDING_ERROR, 0x0011, 0x0103, 0x3fff])
  const message = writeStun({ type, transactionId, attributes })
  return random.happens(0.5) ? mutateBytes(message, random) : message
}

export const stunResponses: EntryPoint = {
  name: 'stun-responses',
  about:
    'responses to the STUN client of the media port: forged by strangers, and hostile ones of the server itself',
  attack: async (target, random, inputs) => {
    const { client, leave } = await target.join()
    const { stunServer, program } = target
    await until(async () => {
      if (stunServer.openTransaction() !== undefined) return true
      await (await target.admit()).leave() // an offer causes a request
      return false
    }, REQUEST_LIMIT_MS)
    const stranger = createSocket('udp4')
    const { port, address } = client.server!
    const forgedBefore = await forgedResponses(target)
    const unit = (): Unit => {
      // Strangers do not know the id. They are given it here, to see that it does not suffice.
      const id = random.happens(0.5) ? stunServer.openTransaction() : undefined
      const ofServer = id === undefined && random.happens(0.3)
      const bytes = response(random, id ?? random.bytes(12), CLAIMED)
      return {
        entry: ofServer ? 'of the server, to no request' : 'of a stranger',
        inputs: 1,
        bytes: bytes.length,
        about: () => bytes.toString('hex'),
        send: async () =>
          await Promise.resolve(ofServer ? stunServer.send(bytes) : stranger.send(bytes, port, address)),
      }
    }
    await inBatches(target, inputs, BURST, unit, async () => await client.checkPath())
    if ((await forgedResponses(target)) === forgedBefore) target.find('no forged response was counted')
    for (let last = 5, id; last > 0 && (id = stunServer.openTransaction()) !== undefined; last--)
      stunServer.send(response(random, id, '203.0.113.7'))
    stunServer.forget()
    await client.checkPath()
    if (program.output().includes(CLAIMED)) target.find('a forged response was believed')
    stranger.close()
    await leave()
  },
}

async function forgedResponses({ program }: Target): Promise<number> {
  const metrics = await (await fetch(`${program.url}/metrics`)).text()
  return Number(/^rpi_webrtc_stun_forged_responses_total (\d+)$/m.exec(metrics)?.[1])
}
