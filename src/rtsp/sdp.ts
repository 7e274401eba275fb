import type { VideoCodec } from '../rtp/packet.js'

export interface DescribedStream {
  /** Shown by players. */
  name: string
  codec: VideoCodec
  payloadType: number
  /** Of H.264; may be empty. */
  sps: readonly Buffer[]
  pps: readonly Buffer[]
  /** Of its sound, which is Opus; undefined without any. */
  audioPayloadType?: number | undefined
}

export const CONTROL = 'trackID=0'
export const AUDIO_TRACK = 1
export const AUDIO_CONTROL = `trackID=${AUDIO_TRACK}`

/**
 * The SDP of a camera (RFC 2326 appendix C, RFC 6184 section 8.2, RFC 7741 section 6.2, RFC 7587 section 7).
 * @param host the address of this server.
 */
export function writeSdp(
  { name, codec, payloadType, sps, pps, audioPayloadType }: DescribedStream,
  host: string,
): string {
  const family = host.includes(':') ? 'IP6' : 'IP4'
  const lines = [
    'v=0',
    `o=- 0 0 IN ${family} ${host}`,
    `s=${name.replaceAll(/\p{Cc}/gu, ' ').trim() || ' '}`,
    `c=IN ${family} ${family === 'IP6' ? '::' : '0.0.0.0'}`,
    't=0 0',
    'a=control:*',
    'a=range:npt=now-',
    `m=video 0 RTP/AVP ${payloadType}`,
    `a=rtpmap:${payloadType} ${codec === 'vp8' ? 'VP8' : 'H264'}/90000`,
    ...(codec === 'h264' ? [`a=fmtp:${payloadType} ${h264Parameters(sps, pps)}`] : []),
    `a=control:${CONTROL}`,
    ...(audioPayloadType === undefined ? [] : audioLines(audioPayloadType)),
  ]
  return `${lines.join('\r\n')}\r\n`
}

const audioLines = (payloadType: number): string[] => [
  `m=audio 0 RTP/AVP ${payloadType}`,
  `a=rtpmap:${payloadType} opus/48000/2`,
  `a=fmtp:${payloadType} sprop-stereo=0`,
  `a=control:${AUDIO_CONTROL}`,
]

function h264Parameters(sps: readonly Buffer[], pps: readonly Buffer[]): string {
  const sets = [...sps, ...pps].map((set) => set.toString('base64'))
  const [first] = sps
  return [
    'packetization-mode=1',
    ...(first === undefined
      ? []
      : [`profile-level-id=${first.subarray(1, 4).toString('hex').toUpperCase()}`]),
    ...(sets.length === 0 ? [] : [`sprop-parameter-sets=${sets.join(',')}`]),
  ].join(';')
}
