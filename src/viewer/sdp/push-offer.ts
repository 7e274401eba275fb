import { AppError } from '../../errors.js'
import { SDES_MID } from '../../rtp/header-extension.js'
import type { VideoCodec } from '../../rtp/packet.js'
import { ABS_SEND_TIME } from '../../rtp/send-time.js'
import type { LocalDescription } from './answer.js'
import { acceptAudio, audioSectionOf, type AcceptedAudio } from './audio-choice.js'
import {
  checkTransport,
  readBounded,
  ROLES_OF_ANSWER,
  type OfferedExtension,
  type RemoteTransport,
} from './client-offer.js'
import { isRtxOf } from './codec-choice.js'
import { h264Rank } from './h264-format.js'
import type { Section } from './sdp.js'
import { writeOffer } from './server-offer.js'

const OFFERED: readonly OfferedExtension[] = [
  { id: 1, uri: SDES_MID },
  { id: 2, uri: ABS_SEND_TIME },
]

/** What a media server accepted. */
export interface AcceptedPush {
  remote: RemoteTransport
  payloadType: number
  rtxPayloadType: number | undefined
  extensions: OfferedExtension[]
  /** Undefined if the server does not accept sound, or none was offered. */
  audio: AcceptedAudio | undefined
}

/** An offer to a media server (RFC 9725 section 4.2): complete, sendonly, one codec of each kind, either DTLS role. */
export const writePushOffer = (codec: VideoCodec, local: LocalDescription, hasAudio = false): string =>
  writeOffer(
    codec,
    { ...local, setup: 'actpass' },
    { feedback: ['goog-remb'], extensions: OFFERED, hasAudio },
  )

/** Parses an untrusted answer to `writePushOffer`. @throws AppError `answer-too-large`, `bad-answer` or `no-common-codec` */
export function acceptPushAnswer(text: string, codec: VideoCodec, hasAudio = false): AcceptedPush {
  const sdp = readBounded(text, 'answer')
  const [video, ...others] = sdp.sections
  if (video?.kind !== 'video' || others.length > (hasAudio ? 1 : 0))
    throw badAnswer('the answer must have the sections of the offer')
  // Another transport than that of the video is not supported (RFC 8843 section 7.3).
  const audio = hasAudio
    ? audioSectionOf(others.filter(({ mid }) => mid !== undefined && sdp.bundle.has(mid)))
    : undefined
  const chosen = video.rejected ? undefined : acceptedCodec(video, codec)
  if (chosen === undefined)
    throw new AppError(
      'no-common-codec',
      406,
      `the camera sends ${codec.toUpperCase()}, and the server does not accept it`,
    )
  if (!['recvonly', 'sendrecv'].includes(video.direction))
    throw badAnswer('the answer does not receive the video (recvonly)')
  return {
    remote: {
      ...checkTransport([video.transport, sdp.transport], 'answer', ROLES_OF_ANSWER),
      candidates: video.candidates,
      isIceLite: sdp.isIceLite,
      isIceControlled: true,
    },
    payloadType: chosen.payloadType,
    rtxPayloadType: video.codecs.find((offered) => isRtxOf(offered, chosen.payloadType))?.payloadType,
    audio: audio && acceptAudio(audio),
    extensions: OFFERED.filter(({ id, uri }) =>
      video.extensions.some((answered) => answered.id === id && answered.uri === uri),
    ),
  }
}

/** RFC 3264 section 6.1: the answer may use other payload types, which are then those that the server wants to receive. */
const acceptedCodec = (video: Section, codec: VideoCodec): Section['codecs'][number] | undefined =>
  video.codecs.find(
    ({ name, rate, fmtp }) =>
      name.toLowerCase() === codec && rate === 90_000 && (codec === 'vp8' || h264Rank(fmtp) > 0),
  )

const badAnswer = (message: string): AppError => new AppError('bad-answer', 400, message)
