import { onTestFinished } from 'vitest'
import {
  HashAlgorithm,
  RTCPeerConnection,
  RTCRtpCodecParameters,
  SignatureAlgorithm,
  useH264,
  useAbsSendTime,
  useSdesMid,
  useVP8,
  type MediaStreamTrack,
  type RtpPacket,
} from 'werift'
import { openScript, type ScriptedReply, type ScriptedRequest, type ScriptedServer } from './http-script.js'
import type { Identity } from './viewer-client.js'

const SIGNATURE_HASH = { signature: SignatureAlgorithm.ecdsa_3, hash: HashAlgorithm.sha256_4 } as const

export interface WhipSession {
  pc: RTCPeerConnection
  packets: RtpPacket[]
  answer: string
}

export interface TestWhipServer extends ScriptedServer {
  sessions: WhipSession[]
}

export interface WhipServerOptions {
  /** Its DTLS role. */
  dtls?: 'client' | 'server'
  iceLite?: boolean
  /** What it shows in the handshake, and what it signs with; its answer promises the former. */
  identity?: Identity
  codec?: 'vp8' | 'h264'
  port?: number
  /** What it replies instead of an answer. */
  instead?: (request: ScriptedRequest, count: number) => ScriptedReply | undefined
  /** Of the 201. */
  headers?: Record<string, string | string[]>
  /** Whose packets reach it; those of others are lost, as behind a firewall. */
  accepts?: (from: { address: string; port: number }) => boolean
  /** Changes the answer. */
  tamper?: (answer: string) => string
}

/** A WHIP server that nobody here wrote the transport of: werift's own peer connection, as the receiver. */
export async function openWhipServer(options: WhipServerOptions = {}): Promise<TestWhipServer> {
  const { instead = () => undefined, headers = {}, tamper = (answer: string) => answer } = options
  const sessions: WhipSession[] = []
  const script = await openScript(async (request, count) => {
    const other = instead(request, count)
    if (other !== undefined) return other
    if (request.method === 'DELETE') {
      await sessions[Number(request.path.split('/').at(-1))]?.pc.close()
      return { status: 200 }
    }
    const session = await receive(request.body, options)
    sessions.push(session)
    onTestFinished(async () => await session.pc.close())
    return {
      status: 201,
      headers: {
        'content-type': 'application/sdp',
        location: `/resource/${sessions.length - 1}`,
        ...headers,
      },
      body: tamper(session.answer),
    }
  }, options.port)
  return Object.assign(script, { sessions })
}

async function receive(offer: string, options: WhipServerOptions): Promise<WhipSession> {
  const { dtls = 'client', iceLite = false, codec = 'vp8', identity } = options
  const pc = new RTCPeerConnection({
    iceServers: [],
    iceLite,
    iceUseIpv4: true,
    iceUseIpv6: false,
    iceAdditionalHostAddresses: ['127.0.0.1'],
    iceInterfaceAddresses: { udp4: '127.0.0.1' },
    bundlePolicy: 'max-bundle',
    ...(identity && { dtls: { keys: { ...identity, signatureHash: SIGNATURE_HASH } } }),
    codecs: {
      video: [
        codec === 'vp8' ? useVP8() : useH264({ mimeType: 'video/H264' }),
        new RTCRtpCodecParameters({ mimeType: 'video/rtx', clockRate: 90_000 }),
      ],
    },
    headerExtensions: { video: [useSdesMid(), useAbsSendTime()] },
  })
  const packets: RtpPacket[] = []
  pc.onTrack.subscribe((track: MediaStreamTrack) => {
    track.onReceiveRtp.subscribe((packet) => void packets.push(packet.clone()))
  })
  pc.addTransceiver('video', { direction: 'recvonly' })
  // A public one by default.
  for (const { iceTransport } of pc.dtlsTransports)
    Object.assign(iceTransport.connection, { stunServer: undefined })
  await pc.setRemoteDescription({ type: 'offer', sdp: offer })
  for (const transport of pc.dtlsTransports) transport.role = dtls
  await pc.setLocalDescription(await pc.createAnswer())
  if (options.accepts !== undefined) filterPackets(pc, options.accepts)
  const answer = pc.localDescription!.sdp
  // werift writes it into the section only (RFC 8839 section 5.3).
  return { pc, packets, answer: iceLite ? answer.replace('t=0 0\r\n', 't=0 0\r\na=ice-lite\r\n') : answer }
}

interface ReceivingTransport {
  onData: (datagram: Buffer, from: [string, number]) => void
}

function filterPackets(pc: RTCPeerConnection, accepts: NonNullable<WhipServerOptions['accepts']>): void {
  const { protocols } = pc.dtlsTransports[0]!.iceTransport.connection as unknown as {
    protocols: { transport: ReceivingTransport }[]
  }
  for (const { transport } of protocols) {
    const { onData } = transport
    transport.onData = (datagram, from) => {
      if (accepts({ address: from[0], port: from[1] })) onData(datagram, from)
    }
  }
}
