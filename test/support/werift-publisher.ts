import { spawn, type ChildProcess } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import {
  MediaStreamTrack,
  RTCPeerConnection,
  RTCRtpCodecParameters,
  RtpPacket,
  useH264,
  useVP8,
  type RTCRtpSender,
} from 'werift'
import type { VideoCodec } from '../../src/rtp/packet.js'

const PIPELINES: Record<VideoCodec, string> = {
  vp8: 'vp8enc deadline=1 keyframe-max-dist=30 target-bitrate=800000 ! rtpvp8pay mtu=1200',
  h264: 'x264enc tune=zerolatency speed-preset=ultrafast threads=1 key-int-max=30 bitrate=800 ! video/x-h264,profile=constrained-baseline ! rtph264pay config-interval=-1 mtu=1200',
}

/** As encoders that write an MP4 do: their SPS and PPS are beside the stream. */
const H264_WITHOUT_SETS = PIPELINES.h264
  .replace('video/x-h264,', 'video/x-h264,stream-format=avc,')
  .replace('config-interval=-1', 'config-interval=0')

/** Those of the encoder, in base64 (RFC 6184 section 8.1). */
async function encodedParameterSets(): Promise<string[]> {
  const socket = createSocket('udp4').bind(0, '127.0.0.1')
  await once(socket, 'listening')
  const encoder = encode(PIPELINES.h264, socket.address().port)
  const sets = new Map<number, string>()
  for (;;) {
    const [datagram] = (await once(socket, 'message')) as [Buffer]
    const { payload } = RtpPacket.deSerialize(datagram)
    const type = payload[0]! & 0x1f
    if (type === 7 || type === 8) sets.set(type, payload.toString('base64'))
    if (sets.size === 2) break
  }
  encoder.kill('SIGKILL')
  socket.close()
  return [sets.get(7)!, sets.get(8)!]
}

/** A program that publishes by WHIP: frames of a real encoder, sent by a WebRTC implementation that is not ours. */
export interface WeriftPublisher extends AsyncDisposable {
  /** The address of its session. */
  readonly session: string
  /** Packets that it was given to send. */
  readonly sent: number
  /** Keyframe requests that it got. */
  readonly keyframeRequests: number
  /** Stops without a word: as after a power cut. */
  vanish(): void
}

/** @param setup `passive`: it insists on being the DTLS server. @throws Error with status and body when the offer is refused. */
export async function publishWithWerift(
  endpoint: string,
  token: string,
  codec: VideoCodec,
  setup: 'actpass' | 'passive' = 'actpass',
  setsAre: 'in the stream' | 'in the offer' = 'in the stream',
): Promise<WeriftPublisher> {
  const areInOffer = setsAre === 'in the offer'
  const sprop = areInOffer ? `;sprop-parameter-sets=${(await encodedParameterSets()).join(',')}` : ''
  const nack = [{ type: 'nack' }, { type: 'nack', parameter: 'pli' }, { type: 'goog-remb' }]
  const pc = new RTCPeerConnection({
    iceServers: [],
    iceAdditionalHostAddresses: ['127.0.0.1'],
    codecs: {
      video: [
        codec === 'vp8' ? useVP8({ rtcpFeedback: nack }) : useH264({ rtcpFeedback: nack }),
        new RTCRtpCodecParameters({ mimeType: 'video/rtx', clockRate: 90000 }),
      ],
    },
  })
  const track = new MediaStreamTrack({ kind: 'video' })
  const { sender } = pc.addTransceiver(track, { direction: 'sendonly' })
  const socket = createSocket('udp4')
  const counts = { sent: 0, keyframeRequests: 0 }
  let encoder: ChildProcess | undefined
  const close = async (): Promise<void> => {
    encoder?.kill('SIGKILL')
    socket.close()
    await pc.close()
  }
  try {
    await pc.setLocalDescription(await pc.createOffer())
    const response = await fetch(endpoint, {
      method: 'POST',
      headers: { 'content-type': 'application/sdp', authorization: `Bearer ${token}` },
      body: pc
        .localDescription!.sdp.replaceAll('a=setup:actpass', `a=setup:${setup}`)
        .replaceAll(/a=fmtp:.*packetization-mode=1.*/g, (fmtp) => fmtp + sprop),
    })
    const text = await response.text()
    if (response.status !== 201) throw new Error(`${response.status} ${text}`)
    sender.onPictureLossIndication.subscribe(() => {
      counts.keyframeRequests++
    })
    await pc.setRemoteDescription({ type: 'answer', sdp: text })
    socket.bind(0, '127.0.0.1')
    await once(socket, 'listening')
    encoder = encode(areInOffer ? H264_WITHOUT_SETS : PIPELINES[codec], socket.address().port)
    socket.on('message', (datagram) => {
      if (pc.connectionState !== 'connected') return
      counts.sent++
      send(sender, datagram)
    })
    return {
      session: new URL(response.headers.get('location')!, response.url).href,
      get sent() {
        return counts.sent
      },
      get keyframeRequests() {
        return counts.keyframeRequests
      },
      vanish: () => {
        encoder?.kill('SIGKILL')
        socket.removeAllListeners('message')
        // Without the alert of DTLS: its transport sends nothing any more.
        for (const { iceTransport } of pc.dtlsTransports) void iceTransport.stop().catch(() => {})
      },
      [Symbol.asyncDispose]: close,
    }
  } catch (error) {
    await close()
    throw error
  }
}

const send = (sender: RTCRtpSender, datagram: Buffer): void => {
  sender.sendRtp(RtpPacket.deSerialize(datagram)).catch(() => {}) // it is closing
}

/** The kernel ends the encoder with the test process. */
function encode(encoder: string, port: number): ChildProcess {
  const pipeline = `videotestsrc is-live=true pattern=ball ! video/x-raw,width=320,height=240,framerate=30/1 ! ${encoder} pt=96 ! udpsink host=127.0.0.1 port=${port}`
  return spawn('setpriv', ['--pdeathsig', 'KILL', '--', 'gst-launch-1.0', '-q', ...pipeline.split(' ')], {
    stdio: 'ignore',
  })
}
