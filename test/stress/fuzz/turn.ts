import { createHash } from 'node:crypto'
import { MessageReader } from '../../../src/turn/channel-data.js'
import { Allocation, allocationTiming } from '../../../src/turn/allocation.js'
import type { TurnLink } from '../../../src/turn/link.js'
import { TurnTransactions } from '../../../src/turn/transactions.js'
import { channelData } from '../../support/turn-server.js'
import { errorCode, uint32, writeStun, xorMappedAddress, type Attribute } from '../../support/viewer-stun.js'
import type { EntryPoint } from './entry-point.js'
import { mutateBytes } from './mutate.js'
import type { Random } from './random.js'

const SERVER = { uri: 'turn:127.0.0.1:3478?transport=udp', username: 'anna', password: 'secret' }
const KEY = createHash('md5').update('anna:test:secret').digest()
const PEER = { address: '192.0.2.1', port: 5000 }
/** What an answer may name at most. */
const MOST_PEERS = 16
const [LIFETIME, XOR_PEER, DATA, REALM, NONCE] = [13, 18, 19, 20, 21] as const

/** A message of a server to a client whose last request has this id, or nearly so. */
function messageFor(id: Buffer, random: Random): Buffer {
  const challenge: Attribute[] = [
    [REALM, random.happens(0.8) ? Buffer.from('test') : random.bytes(random.below(900))],
    [NONCE, random.bytes(random.below(random.of([20, 900])))],
  ]
  const type = random.of([0x103, 0x104, 0x109, 0x113, 0x114, 0x119, 0x17, 0x16, 0x001, random.below(65_536)])
  const attributes = random.of<() => Attribute[]>([
    () => [],
    () => [errorCode(random.of([300, 401, 437, 438, 486])), ...challenge],
    () => [[LIFETIME, uint32(random.of([0, 1, 600, 2 ** 32 - 1]))]],
    () => [
      [XOR_PEER, xorMappedAddress(random.of([PEER.address, '10.0.0.9']), 5000, id)[1]],
      [DATA, random.bytes(random.below(1200))],
    ],
    () => [[random.below(65_536), random.bytes(random.below(60))]],
  ])()
  const transactionId = random.happens(0.8) ? id : random.bytes(12)
  const signed = random.happens(0.5) && { password: KEY }
  const message = writeStun({ type, transactionId, attributes, ...signed })
  const channel = channelData(
    random.of([0x4000, 0x4001, 0x7fff]),
    random.bytes(random.below(1300)),
    random.happens(0.5),
  )
  const sent = random.happens(0.3) ? channel : message
  return random.happens(0.5) ? mutateBytes(sent, random) : sent
}

/** A client of a server that is played by this process, with requests that wait. */
function openClient() {
  const sent: Buffer[] = []
  const link: TurnLink = { isReliable: true, send: (message) => void sent.push(message), close: () => {} }
  const transactions = new TurnTransactions(link, SERVER)
  const relayed = { address: '192.0.2.9', port: 6000 }
  const allocation = new Allocation({
    link,
    transactions,
    relayed,
    mapped: undefined,
    lifetimeS: 600,
    timing: allocationTiming,
  })
  allocation.permit(PEER)
  let data = 0
  allocation.onData = (_packet, from) => {
    data++
    if (from.address === PEER.address) allocation.permit(from)
    else throw new Error(`a packet of ${from.address}, which nobody permitted`)
  }
  return { allocation, transactions, sent, lastId: () => sent.at(-1)!.subarray(8, 20), data: () => data }
}

export const turn: EntryPoint = {
  name: 'turn',
  about: 'answers and packets of a TURN server, whole and in pieces, in this process',
  attack: async (target, random, inputs) => {
    let client = openClient()
    for (let i = 0; i < inputs; i++) {
      const messages = Array.from({ length: 1 + random.below(6) }, () => messageFor(client.lastId(), random))
      const stream = Buffer.concat(messages)
      const cut = random.below(stream.length + 1)
      const about = (): string => stream.toString('hex')
      target.meter.here('messages', stream.length, about, () => {
        const reader = new MessageReader()
        try {
          for (const message of messages) client.allocation.receive(message)
          for (const piece of [stream.subarray(0, cut), stream.subarray(cut)])
            reader.read(piece, (message) => {
              client.allocation.receive(message)
              return true
            })
        } catch (error) {
          target.find(`${String(error)} for ${about().slice(0, 2000)}`)
        }
      })
      await new Promise((resolve) => setImmediate(resolve)) // what answers made it send
      if (client.transactions.open > MOST_PEERS + 1)
        target.find(`${client.transactions.open} requests at once after ${about().slice(0, 2000)}`)
      if (client.sent.length > 200 || i % 100 === 99) {
        // Each message may cause a few requests: a bind, and its repetitions with other nonces.
        if (client.sent.length > 2000) target.find(`${client.sent.length} messages were sent`)
        client.allocation.lost()
        client = openClient()
      }
    }
    client.allocation.lost()
  },
}
