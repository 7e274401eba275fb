import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { onTestFinished } from 'vitest'

const TYPE_A = 1
const TYPE_AAAA = 28
const NAME_ERROR = 3
const SERVER_FAILURE = 2

/** What it answers: addresses, no such name, a failure, or nothing at all. */
export type DnsAnswer = string[] | 'no-such-name' | 'failure' | 'silence'

export interface DnsServer {
  /** For `Resolver.setServers`. */
  readonly address: string
  answer: DnsAnswer
  /** Questions so far, as `A home.example.org`. */
  readonly asked: string[]
}

/** A DNS server (RFC 1035) on the loopback address that answers every question alike. */
export async function openDnsServer(answer: DnsAnswer): Promise<DnsServer> {
  const socket = createSocket('udp4')
  onTestFinished(() => void socket.close())
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  const server: DnsServer = { address: `127.0.0.1:${socket.address().port}`, answer, asked: [] }
  socket.on('message', (query, from) => {
    const { name, end } = nameIn(query)
    const type = query.readUInt16BE(end)
    server.asked.push(`${type === TYPE_A ? 'A' : 'AAAA'} ${name}`)
    if (server.answer === 'silence') return
    const addresses = Array.isArray(server.answer)
      ? server.answer.filter((address) => address.includes(':') === (type === TYPE_AAAA))
      : []
    const code =
      server.answer === 'no-such-name' ? NAME_ERROR : server.answer === 'failure' ? SERVER_FAILURE : 0
    const header = Buffer.from(query.subarray(0, 12))
    header.writeUInt16BE(0x8180 | code, 2)
    header.writeUInt16BE(addresses.length, 6)
    header.writeUInt32BE(0, 8)
    const records = addresses.map((address) => record(type, bytesOf(address)))
    socket.send(Buffer.concat([header, query.subarray(12, end + 4), ...records]), from.port, from.address)
  })
  return server
}

function nameIn(query: Buffer): { name: string; end: number } {
  const labels: string[] = []
  let at = 12
  for (; query[at] !== 0; at += 1 + query[at]!)
    labels.push(query.toString('latin1', at + 1, at + 1 + query[at]!))
  return { name: labels.join('.'), end: at + 1 }
}

/** For the name in the question, to which 0xc00c refers. */
function record(type: number, data: Buffer): Buffer {
  const head = Buffer.alloc(12)
  head.writeUInt16BE(0xc00c, 0)
  head.writeUInt16BE(type, 2)
  head.writeUInt16BE(1, 4)
  head.writeUInt16BE(data.length, 10)
  return Buffer.concat([head, data])
}

function bytesOf(address: string): Buffer {
  if (!address.includes(':')) return Buffer.from(address.split('.').map(Number))
  const [head = '', tail = ''] = address.split('::')
  const groups = (text: string): string[] => (text === '' ? [] : text.split(':'))
  const zeros = Array<string>(8 - groups(head).length - groups(tail).length).fill('0')
  return Buffer.from(
    [...groups(head), ...zeros, ...groups(tail)].map((group) => group.padStart(4, '0')).join(''),
    'hex',
  )
}
