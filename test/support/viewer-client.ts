import { randomBytes } from 'node:crypto'
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram'
import { once } from 'node:events'
import {
  CipherContext,
  DtlsClient,
  HashAlgorithm,
  NamedCurveAlgorithm,
  RTCCertificate,
  SignatureAlgorithm,
  SrtcpSession,
  SrtpSession,
} from 'werift'
import { openFrames, type FrameClient } from './frame-client.js'
import { writePli } from '../../src/rtp/rtcp/feedback.js'
import { BINDING_ERROR, BINDING_SUCCESS, connectivityCheck, errorCode } from './viewer-stun.js'
import { writeStun, xorMappedAddress } from './viewer-stun.js'

const AES128_CM_HMAC_SHA1_80 = 1
const AEAD_AES_128_GCM = 7
const CHECK_AGAIN_MS = 50

/** One packet as the client decrypted it, in the order of arrival. */
export interface ReceivedPacket {
  sequence: number
  timestamp: number
  ssrc: number
  payloadType: number
  marker: boolean
  payload: Buffer
}

/** A certificate with the key that signs for it, which an impostor does not have. */
export interface Identity {
  certPem: string
  keyPem: string
}

export async function createIdentity(): Promise<Identity> {
  return await CipherContext.createSelfSignedCertificateWithKey(
    { signature: SignatureAlgorithm.ecdsa_3, hash: HashAlgorithm.sha256_4 },
    NamedCurveAlgorithm.secp256r1_23,
  )
}

export const fingerprintOf = ({ certPem, keyPem }: Identity): string =>
  new RTCCertificate(keyPem, certPem, signatureHash).getFingerprints()[0]!.value

const signatureHash = { signature: SignatureAlgorithm.ecdsa_3, hash: HashAlgorithm.sha256_4 } as const
let honest: Promise<Identity> | undefined

export interface ClientOptions {
  /** What it shows and signs with; one made for all tests unless told. */
  identity?: Identity
  /** What its offer promises of its certificate, if that is something else. */
  fingerprint?: string
  /** How it answers connectivity checks: with success, or with this error code. */
  answersChecksWith?: 401 | 487
  /** How long its answers to checks are on their way, in milliseconds. */
  checkDelayMs?: number
  /** The address of this machine that it is on; the loopback address unless told. */
  bindIp?: string
  /** Whether it reaches the server over TCP only. */
  overTcp?: boolean
  /** The SRTP protection profiles it knows (RFC 5764 section 4.1.2); AES_CM unless told. */
  srtpProfiles?: (typeof AES128_CM_HMAC_SHA1_80 | typeof AEAD_AES_128_GCM)[]
}

/**
 * Plays a browser: a controlling ICE agent written by hand (so that it can misbehave), DTLS and SRTP of werift. Its socket and
 * its credentials are open to the attacks.
 */
export class ViewerClient implements AsyncDisposable {
  readonly socket: Socket
  readonly identity: Identity
  readonly #options: ClientOptions
  readonly ufrag = randomBytes(3).toString('hex')
  readonly password = randomBytes(12).toString('hex')
  readonly received: ReceivedPacket[] = []
  /** Datagrams that were meant to be media and did not decrypt. */
  undecryptable = 0
  /** Connectivity checks that the server sent. */
  checksReceived = 0
  /** Given each packet as it comes, in place of `received`, which grows. */
  onPacket: ((packet: ReceivedPacket) => void) | undefined
  /** Given each compound of the server, decrypted. */
  onRtcp: ((compound: Buffer) => void) | undefined
  /** Every datagram that came, as it came. */
  onDatagram: (datagram: Buffer, from: RemoteInfo) => void = () => {}
  server: { ufrag: string; password: string; address: string; port: number; ssrc: number } | undefined
  srtp: SrtpSession | undefined
  #srtcp: SrtcpSession | undefined
  dtls: DtlsClient | undefined
  #isClosed = false
  #overTcp: boolean
  /** Its connection, if it is over TCP. */
  frames: FrameClient | undefined
  #opening: Promise<FrameClient> | undefined
  #checking: NodeJS.Timeout | undefined
  #onCheckAnswered: () => void = () => {}
  readonly #transport = {
    type: 'udp',
    closed: false,
    address: {},
    onData: (_datagram: Buffer): void => {},
    send: (datagram: Buffer): Promise<void> => {
      this.sendRaw(datagram)
      return Promise.resolve()
    },
    close: (): Promise<void> => Promise.resolve(),
  }

  private constructor(socket: Socket, identity: Identity, options: ClientOptions) {
    this.socket = socket
    this.identity = identity
    this.#options = options
    this.#overTcp = options.overTcp === true
    socket.on('message', (datagram, from) => this.#receive(datagram, from))
  }

  static async open(options: ClientOptions = {}): Promise<ViewerClient> {
    honest ??= createIdentity()
    const { bindIp = '127.0.0.1' } = options
    const socket = createSocket(bindIp.includes(':') ? 'udp6' : 'udp4')
    socket.bind(0, bindIp)
    await once(socket, 'listening')
    return new ViewerClient(socket, options.identity ?? (await honest), options)
  }

  /** A recvonly offer of one video section, and of an audio section behind it unless its lines are left out. */
  offer(codec: 'vp8' | 'h264', candidates: string[] = [], audio: string[] = []): string {
    const h264 = 'level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f'
    return [
      'v=0',
      'o=- 1 1 IN IP4 127.0.0.1',
      's=-',
      't=0 0',
      `a=group:BUNDLE 0${audio.length > 0 ? ' 1' : ''}`,
      'm=video 9 UDP/TLS/RTP/SAVPF 102',
      'c=IN IP4 0.0.0.0',
      `a=ice-ufrag:${this.ufrag}`,
      `a=ice-pwd:${this.password}`,
      `a=fingerprint:sha-256 ${this.#options.fingerprint ?? fingerprintOf(this.identity)}`,
      'a=setup:actpass',
      'a=mid:0',
      'a=recvonly',
      'a=rtcp-mux',
      codec === 'vp8' ? 'a=rtpmap:102 VP8/90000' : `a=rtpmap:102 H264/90000\r\na=fmtp:102 ${h264}`,
      'a=rtcp-fb:102 nack pli',
      'a=rtcp-fb:102 ccm fir',
      ...candidates.map((candidate) => `a=candidate:${candidate}`),
      ...audio,
      '',
    ].join('\r\n')
  }

  /** What a client of `offer('vp8')` would answer to our offer: the same section, as the DTLS client. */
  answerTo(offerSdp: string): string {
    const [, payloadType] = /m=video \d+ \S+ (\d+)/.exec(offerSdp)!
    const codec = offerSdp.includes('H264/90000') ? 'h264' : 'vp8'
    return this.offer(codec)
      .replace('a=setup:actpass', 'a=setup:active')
      .replaceAll(/(SAVPF |rtpmap:|rtcp-fb:|fmtp:)102/g, `$1${payloadType}`)
  }

  /** The lines of an audio section for `offer`. */
  audioSection(): string[] {
    return [
      'm=audio 9 UDP/TLS/RTP/SAVPF 111 0',
      'c=IN IP4 0.0.0.0',
      `a=ice-ufrag:${this.ufrag}`,
      `a=ice-pwd:${this.password}`,
      `a=fingerprint:sha-256 ${fingerprintOf(this.identity)}`,
      'a=setup:actpass',
      'a=mid:1',
      'a=recvonly',
      'a=rtcp-mux',
      'a=rtpmap:111 opus/48000/2',
      'a=fmtp:111 minptime=10;useinbandfec=1',
      'a=rtcp-fb:111 nack',
      'a=rtpmap:0 PCMU/8000',
    ]
  }

  acceptAnswer(sdp: string): void {
    const [, ufrag] = /a=ice-ufrag:(\S+)/.exec(sdp)!
    const [, password] = /a=ice-pwd:(\S+)/.exec(sdp)!
    const transport = this.#overTcp ? 'tcp' : 'udp'
    const candidate = new RegExp(`a=candidate:\\S+ 1 ${transport} \\d+ (\\S+) (\\d+) typ host`)
    const [, address, port] = candidate.exec(sdp)!
    // A server that receives has no stream of its own.
    const [, ssrc = '0'] = /a=ssrc:(\d+)/.exec(sdp) ?? []
    this.server = { ufrag: ufrag!, password: password!, address: address!, port: Number(port), ssrc: +ssrc }
  }

  /** Sends checks, every 50 ms, until the server answers one. */
  async checkPath(): Promise<void> {
    if (this.#overTcp) await this.openConnection()
    await new Promise<void>((resolve) => {
      this.#onCheckAnswered = resolve
      const check = (): void => {
        // The server closes the connection that was idle longest when a client has too many.
        if (this.#overTcp && this.frames?.isClosed() === true) void this.openConnection().catch(() => {})
        this.sendRaw(this.check())
      }
      check()
      this.#checking = setInterval(check, CHECK_AGAIN_MS)
    })
    clearInterval(this.#checking)
  }

  /** A TCP connection, another one if the last is closed. */
  async openConnection(): Promise<FrameClient> {
    if (this.frames?.isClosed() === false) return this.frames
    const { address, port } = this.server!
    const from = this.#options.bindIp
    const isNew = this.#opening === undefined
    this.#opening ??= openFrames(port, (packet) => this.#receive(packet), { address, from })
    try {
      const frames = await this.#opening
      // It left while it connected.
      if (this.#isClosed) frames.socket.destroy()
      return (this.frames = frames)
    } finally {
      if (isNew) this.#opening = undefined
    }
  }

  /** The whole way to the first decrypted packet's doorstep. */
  async connect(answerSdp: string): Promise<void> {
    this.acceptAnswer(answerSdp)
    await this.checkPath()
    await this.handshake()
  }

  async handshake(): Promise<void> {
    const dtls = new DtlsClient({
      cert: this.identity.certPem,
      key: this.identity.keyPem,
      signatureHash,
      transport: this.#transport as never,
      srtpProfiles: this.#options.srtpProfiles ?? [AES128_CM_HMAC_SHA1_80],
      extendedMasterSecret: true,
    })
    this.dtls = dtls
    const connected = new Promise<void>((resolve, reject) => {
      dtls.onConnect.once(() => resolve())
      // A server that waits sends its flight again (RFC 6347 section 4.2.4): werift's client takes that for an error, and has
      // no word for it. The handshake goes on.
      dtls.onError.subscribe((error) => {
        if (error.message !== '') reject(error)
      })
    })
    dtls.connect().catch(() => {
      // It gave up; whoever waits has a deadline.
    })
    await connected
    const profile = dtls.srtp.srtpProfile!
    const keys = dtls.extractSessionKeys(16, profile === AEAD_AES_128_GCM ? 12 : 14) as Record<
      `${'local' | 'remote'}${'Key' | 'Salt'}`,
      Buffer
    >
    const config = {
      keys: {
        localMasterKey: keys.localKey,
        localMasterSalt: keys.localSalt,
        remoteMasterKey: keys.remoteKey,
        remoteMasterSalt: keys.remoteSalt,
      },
      profile,
    }
    this.srtp = new SrtpSession(config)
    this.#srtcp = new SrtcpSession(config)
  }

  /** From now on it sends over UDP; its TCP connection stays open. */
  useUdp(port: number): void {
    this.#overTcp = false
    this.server!.port = port
  }

  /** One connectivity check with the right credentials, or with wrong ones. */
  check(credentials: { ufrag?: string; password?: string } = {}): Buffer {
    return connectivityCheck({
      to: credentials.ufrag ?? this.server!.ufrag,
      from: this.ufrag,
      password: credentials.password ?? this.server!.password,
    })
  }

  /** Anything, from this client's own address: what an attacker who forges that address would send. */
  sendRaw(datagram: Buffer): void {
    if (this.#isClosed) return
    if (this.#overTcp) this.frames?.send(datagram)
    else this.socket.send(datagram, this.server!.port, this.server!.address)
  }

  sendRtcp(compound: Buffer): void {
    this.sendRaw(this.#srtcp!.encrypt(compound))
  }

  /** Picture Loss Indication (RFC 4585 section 6.3.1) about the stream we are sent. */
  pli(): Buffer {
    return writePli(1, this.server!.ssrc)
  }

  sendPli(): void {
    this.sendRtcp(this.pli())
  }

  protectRtcp(compound: Buffer): Buffer {
    return this.#srtcp!.encrypt(compound)
  }

  protectRtp(sequence: number): Buffer {
    const header = { ssrc: 77, sequenceNumber: sequence, serializeSize: 12 }
    const bytes = Buffer.from([0x80, 102, 0, sequence, 0, 0, 0, 0, 0, 0, 0, 77])
    return this.srtp!.encrypt(Buffer.from('picture'), { ...header, serialize: () => bytes } as never)
  }

  /** An empty receiver report (RFC 3550 section 6.4.2): "I am still here". */
  report(): void {
    const report = Buffer.from([0x80, 201, 0, 1, 0, 0, 0, 1])
    this.sendRtcp(report)
  }

  /** Says goodbye as a browser does when its page closes: an encrypted DTLS alert. */
  closeNotify(): void {
    this.sendRaw(this.encryptedRecord(21, Buffer.from([1, 0])))
  }

  /** A DTLS record of this client, authentic and encrypted. */
  encryptedRecord(contentType: number, fragment: Buffer): Buffer {
    const { dtls } = this
    const header = {
      contentType,
      protocolVersion: { major: 0xfe, minor: 0xfd },
      epoch: 1,
      sequenceNumber: ++dtls!.dtls.recordSequenceNumber,
      contentLen: fragment.length,
    }
    const packet = { recordLayerHeader: header, fragment }
    dtls!.cipher.encryptPacket(packet as never)
    return dtlsRecord(contentType, packet.fragment, { epoch: 1, sequence: header.sequenceNumber })
  }

  /** Without a word: what a pulled plug or a lost Wi-Fi looks like. */
  vanish(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    clearInterval(this.#checking)
    this.frames?.socket.destroy()
    this.socket.close()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isClosed) return
    const closed = once(this.socket, 'close')
    this.vanish()
    await closed
  }

  #receive(datagram: Buffer, from?: RemoteInfo): void {
    if (from !== undefined) this.onDatagram(datagram, from)
    const first = datagram[0] ?? 0
    if (first < 4) this.#receiveStun(datagram)
    else if (first >= 20 && first < 64) this.#receiveDtls(datagram)
    else if (first >= 128 && datagram[1]! >= 192 && datagram[1]! <= 223) this.#receiveSrtcp(datagram)
    else this.#receiveSrtp(datagram)
  }

  #receiveSrtcp(datagram: Buffer): void {
    if (this.onRtcp !== undefined && this.#srtcp !== undefined) this.onRtcp(this.#srtcp.decrypt(datagram))
  }

  #receiveDtls(datagram: Buffer): void {
    try {
      this.#transport.onData(datagram)
    } catch {
      // A server that waits sends its flight again (RFC 6347 section 4.2.4), which werift's client takes for an error.
    }
  }

  #receiveStun(datagram: Buffer): void {
    if (datagram.readUInt16BE(0) === BINDING_SUCCESS) this.#onCheckAnswered()
    // A candidate that was trickled may be checked before the answer is here.
    if (datagram.readUInt16BE(0) !== 0x0001 || this.server === undefined) return
    this.checksReceived++
    const code = this.#options.answersChecksWith
    const { address, port } = this.server
    const transactionId = datagram.subarray(8, 20)
    const answer = writeStun({
      type: code === undefined ? BINDING_SUCCESS : BINDING_ERROR,
      transactionId,
      attributes: [code === undefined ? xorMappedAddress(address, port, transactionId) : errorCode(code)],
      password: this.password,
    })
    const { checkDelayMs } = this.#options
    if (checkDelayMs === undefined) this.sendRaw(answer)
    else setTimeout(() => this.sendRaw(answer), checkDelayMs)
  }

  #receiveSrtp(datagram: Buffer): void {
    let rtp: Buffer
    try {
      rtp = this.srtp!.decrypt(datagram)
    } catch {
      this.undecryptable++
      return
    }
    const packet = {
      marker: (rtp[1]! & 0x80) !== 0,
      payloadType: rtp[1]! & 0x7f,
      sequence: rtp.readUInt16BE(2),
      timestamp: rtp.readUInt32BE(4),
      ssrc: rtp.readUInt32BE(8),
      payload: rtp.subarray(12),
    }
    if (this.onPacket === undefined) this.received.push(packet)
    else this.onPacket(packet)
  }
}

/** A DTLS 1.2 record (RFC 6347 section 4.1) around anything. */
export function dtlsRecord(
  contentType: number,
  fragment: Buffer,
  { epoch = 0, sequence = 0 }: { epoch?: number; sequence?: number } = {},
): Buffer {
  const header = Buffer.alloc(13)
  header[0] = contentType
  header.writeUInt16BE(0xfefd, 1)
  header.writeUInt16BE(epoch, 3)
  header.writeUIntBE(sequence, 5, 6)
  header.writeUInt16BE(fragment.length, 11)
  return Buffer.concat([header, fragment])
}

/** A handshake message or a fragment of one (RFC 6347 section 4.2.2), in the clear. */
export function handshakeRecord(fields: {
  type: number
  length: number
  sequence?: number
  offset?: number
  fragment: Buffer
}): Buffer {
  const { type, length, sequence = 0, offset = 0, fragment } = fields
  const header = Buffer.alloc(12)
  header[0] = type
  header.writeUIntBE(length, 1, 3)
  header.writeUInt16BE(sequence, 4)
  header.writeUIntBE(offset, 6, 3)
  header.writeUIntBE(fragment.length, 9, 3)
  return dtlsRecord(22, Buffer.concat([header, fragment]))
}

export const plaintextAlert = (description: number, level = 1): Buffer =>
  dtlsRecord(21, Buffer.from([level, description]))
