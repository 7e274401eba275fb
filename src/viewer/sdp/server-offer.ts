import { AppError } from '../../errors.js'
import type { AcceptedAudio } from './audio-choice.js'
import { MID } from '../../rtp/header-extension.js'
import type { VideoCodec } from '../../rtp/packet.js'
import { writeAnswer, type AnsweredOffer, type LocalDescription } from './answer.js'
import { checkTransport, readBounded, type OfferedExtension, type RemoteTransport } from './client-offer.js'
import { isRtxOf } from './codec-choice.js'

interface OfferedFormat {
  payloadType: number
  rtxPayloadType: number
  rtpmap: string
  fmtp: string | undefined
}

/** The payload types are Chrome's. */
export const offeredFormats: Record<VideoCodec, OfferedFormat> = {
  vp8: { payloadType: 96, rtxPayloadType: 97, rtpmap: 'VP8/90000', fmtp: undefined },
  h264: {
    payloadType: 108,
    rtxPayloadType: 109,
    rtpmap: 'H264/90000',
    fmtp: 'level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f',
  },
}

/** The payload type is Chrome's. */
const OFFERED_AUDIO: AcceptedAudio = {
  payloadType: 111,
  rtpmap: 'opus/48000/2',
  fmtp: 'minptime=10;useinbandfec=1',
  feedback: ['nack'],
}
/** Of its section, behind that of the video. */
const AUDIO_MID = '1'

/** What an offer has beyond the minimum. */
interface Extras {
  hasAudio?: boolean
  feedback?: readonly string[]
  extensions?: readonly OfferedExtension[]
}

/**
 * One video section (RFC 8829 section 5.2.1) with all candidates, and an audio section if there is sound to send. Without `local.setup` the client must be the DTLS client (RFC 5763
 * section 5).
 */
export function writeOffer(codec: VideoCodec, local: LocalDescription, extras: Extras = {}): string {
  const { payloadType, rtxPayloadType, rtpmap, fmtp } = offeredFormats[codec]
  const feedback = ['nack', 'nack pli', 'ccm fir', ...(extras.feedback ?? [])]
  const extensions = [...(extras.extensions ?? [])]
  const sectionOf = (kind: string, mid: string): AnsweredOffer['sections'][number]['offered'] => ({
    kind,
    protocol: 'UDP/TLS/RTP/SAVPF',
    mid,
    rejected: false,
    direction: 'recvonly',
    formats: [],
    codecs: [],
    feedback: [],
    extensions: [],
    rtcpRsize: true,
    transport: { iceUfrag: undefined, icePwd: undefined, fingerprint: undefined, setup: undefined },
    candidates: [],
  })
  // The offer has the same lines as an answer to a recvonly client.
  const video = { use: 'video' as const, offered: sectionOf('video', MID), bundled: true }
  const sound = { use: 'audio' as const, offered: sectionOf('audio', AUDIO_MID), bundled: true }
  const sections = extras.hasAudio === true ? [video, sound] : [video]
  return writeAnswer(
    { payloadType, rtxPayloadType, rtpmap, fmtp, feedback, extensions, audio: OFFERED_AUDIO, sections },
    local,
  )
}

/** Parses an untrusted answer to `writeOffer`. @throws AppError `answer-too-large`, `bad-answer` or `no-common-codec` */
export function acceptAnswer(
  text: string,
  codec: VideoCodec,
): { remote: RemoteTransport; takesRtx: boolean } {
  const sdp = readBounded(text, 'answer')
  const { payloadType, rtxPayloadType } = offeredFormats[codec]
  const [video] = sdp.sections
  if (video?.kind !== 'video' || sdp.sections.length > 1)
    throw badAnswer('the answer must have the one video section of the offer')
  const has = video.codecs.find((offered) => offered.payloadType === payloadType)
  if (video.rejected || has?.name.toLowerCase() !== codec) {
    throw new AppError(
      'no-common-codec',
      406,
      `the camera sends ${codec.toUpperCase()}, the answer rejects it`,
    )
  }
  if (!['recvonly', 'sendrecv'].includes(video.direction))
    throw badAnswer('the answer does not receive the video (recvonly)')
  return {
    remote: {
      ...checkTransport([video.transport, sdp.transport], 'answer'),
      candidates: video.candidates,
      isIceLite: sdp.isIceLite,
    },
    takesRtx: video.codecs.some(
      (offered) => offered.payloadType === rtxPayloadType && isRtxOf(offered, payloadType),
    ),
  }
}

const badAnswer = (message: string): AppError => new AppError('bad-answer', 400, message)
