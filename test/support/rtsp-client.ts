import { createHash } from 'node:crypto'
import { createSocket, type Socket as UdpSocket } from 'node:dgram'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { until } from './program.js'

export interface RtspAnswer {
  status: number
  headers: Map<string, string[]>
  body: string
}

export interface RtspClientOptions {
  /** The loopback address that it comes from. */
  from?: string
  /** Given to every request. */
  headers?: Record<string, string>
}

/** A reader of RTSP, written by hand: what it gets is checked, not shown. */
export class RtspTestClient implements AsyncDisposable {
  readonly socket: Socket
  readonly url: string
  readonly closed: Promise<void>
  readonly #headers: Record<string, string>
  #unread = Buffer.alloc(0)
  #sequence = 0
  readonly #answers: RtspAnswer[] = []
  #wakes: () => void = () => {}
  #udp: UdpSocket[] = []
  session = ''
  /** RTP packets, from either transport. */
  readonly rtp: Buffer[] = []
  readonly rtcp: Buffer[] = []
  /** RTP packets of channel 2. */
  readonly audio: Buffer[] = []

  static async open(
    port: number,
    path = '/camera1',
    options: RtspClientOptions = {},
  ): Promise<RtspTestClient> {
    const socket = connect({ port, host: '127.0.0.1', localAddress: options.from ?? '127.0.0.1' })
    await once(socket, 'connect')
    return new RtspTestClient(socket, `rtsp://127.0.0.1:${port}${path}`, options.headers ?? {})
  }

  private constructor(socket: Socket, url: string, headers: Record<string, string>) {
    this.socket = socket
    this.url = url
    this.#headers = headers
    this.closed = new Promise((resolve) => socket.once('close', () => resolve()))
    socket.on('error', () => {})
    socket.on('close', () => this.#wakes())
    socket.on('data', (bytes: Buffer) => {
      this.#unread = Buffer.concat([this.#unread, bytes])
      while (this.#parse());
    })
  }

  #parse(): boolean {
    const bytes = this.#unread
    if (bytes[0] === 0x24) {
      if (bytes.length < 4 || bytes.length < 4 + bytes.readUInt16BE(2)) return false
      const end = 4 + bytes.readUInt16BE(2)
      ;([this.rtp, this.rtcp, this.audio][bytes[1]!] ?? this.rtcp).push(bytes.subarray(4, end))
      this.#unread = bytes.subarray(end)
      return true
    }
    const head = bytes.indexOf('\r\n\r\n')
    if (head === -1) return false
    const [line = '', ...lines] = bytes.subarray(0, head).toString().split('\r\n')
    const headers = new Map<string, string[]>()
    for (const one of lines) {
      const name = one.slice(0, one.indexOf(':')).toLowerCase()
      headers.set(name, [...(headers.get(name) ?? []), one.slice(one.indexOf(':') + 1).trim()])
    }
    const end = head + 4 + Number(headers.get('content-length')?.[0] ?? 0)
    if (bytes.length < end) return false
    const status = Number(/^RTSP\/1\.0 (\d{3}) /.exec(line)![1])
    this.#answers.push({ status, headers, body: bytes.subarray(head + 4, end).toString() })
    this.#unread = bytes.subarray(end)
    this.#wakes()
    return true
  }

  /** @throws Error when the connection is closed before the answer. */
  async request(method: string, headers: Record<string, string> = {}, uri = this.url): Promise<RtspAnswer> {
    const all = { CSeq: String(++this.#sequence), ...this.#headers, ...headers }
    const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`)
    this.socket.write(`${method} ${uri} RTSP/1.0\r\n${lines.join('')}\r\n`)
    return await this.answer()
  }

  async answer(): Promise<RtspAnswer> {
    while (this.#answers.length === 0) {
      if (this.socket.destroyed) throw new Error('the server closed the connection')
      await new Promise<void>((resolve) => (this.#wakes = resolve))
    }
    return this.#answers.shift()!
  }

  async setUp(transport = 'RTP/AVP/TCP;unicast;interleaved=0-1'): Promise<RtspAnswer> {
    const answer = await this.request('SETUP', { Transport: transport }, `${this.url}/trackID=0`)
    this.session = answer.headers.get('session')?.[0]?.split(';')[0] ?? ''
    return answer
  }

  /** Binds a pair of ports for a transport over UDP. @returns the header. */
  async udpTransport(): Promise<string> {
    for (;;) {
      const rtp = createSocket('udp4').bind(0, '127.0.0.1')
      await once(rtp, 'listening')
      const rtcp = createSocket('udp4').bind(rtp.address().port + 1, '127.0.0.1')
      const isFree = await Promise.race([
        once(rtcp, 'listening').then(() => true),
        once(rtcp, 'error').then(() => false),
      ])
      if (!isFree) {
        rtp.close()
        continue
      }
      rtp.on('message', (packet) => void this.rtp.push(packet))
      rtcp.on('message', (packet) => void this.rtcp.push(packet))
      this.#udp = [rtp, rtcp]
      return `RTP/AVP;unicast;client_port=${rtp.address().port}-${rtcp.address().port}`
    }
  }

  /** From the second of its UDP ports. */
  async sendRtcpTo(port: number, compound: Buffer | string): Promise<void> {
    await new Promise<void>((resolve) => this.#udp[1]!.send(compound, port, '127.0.0.1', () => resolve()))
  }

  async play(): Promise<RtspAnswer> {
    return await this.request('PLAY', { Session: this.session, Range: 'npt=0.000-' })
  }

  /** DESCRIBE, SETUP, PLAY, and the first packets. */
  async watch(overUdp = false): Promise<void> {
    await this.request('DESCRIBE', { Accept: 'application/sdp' })
    await this.setUp(overUdp ? await this.udpTransport() : undefined)
    const { status, body } = await this.play()
    if (status !== 200) throw new Error(`PLAY got ${status} ${body}`)
    await until(() => this.rtp.length > 0, 20_000)
  }

  /** A frame to the server. */
  sendFrame(channel: number, data: Buffer): void {
    const head = Buffer.from([0x24, channel, data.length >>> 8, data.length & 0xff])
    this.socket.write(Buffer.concat([head, data]))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.socket.destroy()
    for (const socket of this.#udp) socket.close()
    await this.closed
  }
}

export const sequencesOf = (rtp: readonly Buffer[]): number[] => rtp.map((packet) => packet.readUInt16BE(2))

/** Whether each packet has the next number. */
export const isUnbroken = (rtp: readonly Buffer[]): boolean =>
  sequencesOf(rtp).every((sequence, i, all) => i === 0 || sequence === ((all[i - 1]! + 1) & 0xffff))

/** The Authorization header of RFC 7616 for a challenge, without qop. */
export function digestFor(
  challenge: string,
  { method, uri, username, password }: { method: string; uri: string; username: string; password: string },
): string {
  const of = (name: string): string => new RegExp(`${name}="?([^",]+)`).exec(challenge)![1]!
  const algorithm = of('algorithm') === 'MD5' ? 'md5' : 'sha256'
  const hash = (text: string): string => createHash(algorithm).update(text).digest('hex')
  const [realm, nonce] = [of('realm'), of('nonce')]
  const response = hash(`${hash(`${username}:${realm}:${password}`)}:${nonce}:${hash(`${method}:${uri}`)}`)
  return `Digest username="${username}", realm="${realm}", nonce="${nonce}", uri="${uri}", response="${response}", algorithm=${of('algorithm')}`
}
