import { once } from 'node:events'
import type { RemoteInfo } from 'node:dgram'
import { request, type IncomingMessage } from 'node:http'
import { ViewerClient } from './viewer-client.js'
import { until } from './program.js'

/**
 * remote-client.ts HOST PORT [--host NAME] [--check] [--watch A,B]: posts an offer to HOST, which may be link-local with a zone, and
 * prints JSON. `--check` sends a check to every candidate from one socket; `--watch` plays through one address, then through another.
 */
const [host, port, ...options] = process.argv.slice(2) as [string, string, ...string[]]
const valueOf = (name: string): string | undefined => options[options.indexOf(name) + 1 || options.length]
const zone = /%.*$/.exec(host)?.[0] ?? ''

export interface RemoteAnswer {
  status: number
  /** `address port` of our candidates, the preferred one first. */
  candidates: string[]
  /** From where the check to each candidate was answered; null without an answer within a second. */
  answeredFrom?: Record<string, string | null>
  /** From where media came while the client used each of the addresses. */
  mediaFrom?: string[]
}

await using client = await ViewerClient.open({ bindIp: host.includes(':') ? '::' : '0.0.0.0' })
const response = await post(client.offer('vp8'))
const sdp = await textOf(response)
const candidates = Array.from(
  sdp.matchAll(/a=candidate:\S+ 1 udp \d+ (\S+) (\d+) typ host/g),
  ([, address, port]) => `${address} ${port}`,
)
const answer: RemoteAnswer = { status: response.statusCode!, candidates }
if (response.statusCode === 201) {
  client.acceptAnswer(sdp)
  if (options.includes('--check')) {
    answer.answeredFrom = {}
    for (const candidate of candidates) answer.answeredFrom[candidate] = await checkAt(candidate)
  }
  const addresses = valueOf('--watch')?.split(',')
  if (addresses !== undefined) answer.mediaFrom = await watchAt(addresses)
}
console.log(JSON.stringify(answer))

async function post(body: string): Promise<IncomingMessage> {
  const name = valueOf('--host')
  const sent = request({
    host,
    port,
    method: 'POST',
    path: '/camera1/whep',
    headers: { 'content-type': 'application/sdp', ...(name !== undefined && { host: name }) },
  }).end(body)
  return ((await once(sent, 'response')) as [IncomingMessage])[0]
}

async function textOf(message: IncomingMessage): Promise<string> {
  let text = ''
  for await (const piece of message.setEncoding('utf8')) text += piece as string
  return text
}

function useAddress(address: string, port = client.server!.port): void {
  client.server = { ...client.server!, address: `${address}${/^fe80:/.test(address) ? zone : ''}`, port }
}

async function checkAt(candidate: string): Promise<string | null> {
  const [address, port] = candidate.split(' ') as [string, string]
  // The socket of an IPv6 client has no way to IPv4 addresses, and the other way round.
  if (address.includes(':') !== host.includes(':')) return null
  useAddress(address, Number(port))
  const sources: string[] = []
  client.onDatagram = (datagram, from) => {
    if (datagram.readUInt16BE(0) === 0x0101) sources.push(bare(from))
  }
  const endMs = performance.now() + 1000
  while (sources.length === 0 && performance.now() < endMs) {
    client.sendRaw(client.check())
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  return sources[0] ?? null
}

async function watchAt(addresses: string[]): Promise<string[]> {
  const mediaFrom: string[] = []
  let source = ''
  client.onDatagram = (datagram, from) => {
    if (datagram[0]! >= 128 && (datagram[1]! < 192 || datagram[1]! > 223)) source = bare(from)
  }
  for (const address of addresses) {
    useAddress(address)
    await client.checkPath()
    if (client.srtp === undefined) await client.handshake()
    const reports = setInterval(() => client.report(), 50)
    // Packets of the address before are still on their way.
    await until(() => source === address, 10_000).catch(() => {})
    clearInterval(reports)
    mediaFrom.push(source)
  }
  return mediaFrom
}

function bare({ address }: RemoteInfo): string {
  return address.replace(/%.*$/, '')
}
