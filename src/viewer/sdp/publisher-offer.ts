import { AppError } from '../../errors.js'
import type { VideoCodec } from '../../rtp/packet.js'
import {
  checkTransport,
  readBounded,
  ROLES_OF_PUBLISHER,
  type AcceptedOffer,
  type AnsweredSection,
} from './client-offer.js'
import { chooseCodec, isRtxOf } from './codec-choice.js'
import { answeredH264Fmtp, parameterSetsOf } from './h264-format.js'
import type { Section } from './sdp.js'

/** Without transport-cc: we estimate nothing, and REMB and loss reports are what publishers fall back to. */
const SUPPORTED_FEEDBACK = ['nack', 'nack pli', 'ccm fir', 'goog-remb']

export interface AcceptedPublication extends AcceptedOffer {
  /** Of H.264, if the offer has them: the stream may come without. */
  parameterSets: Buffer[]
}

/**
 * Parses an untrusted offer of a client that publishes (RFC 9725 section 4.2): its first video section that sends. Other sections of
 * the same transport are answered as inactive, since most publishers offer sound too.
 * @throws AppError `offer-too-large`, `bad-offer`, `no-video` or `no-common-codec`
 */
export function acceptPublisherOffer(text: string, codec: VideoCodec): AcceptedPublication {
  const sdp = readBounded(text, 'offer')
  const video = sdp.sections.find(sendsVideo)
  if (video === undefined)
    throw new AppError('no-video', 422, 'the offer has no video section that sends (sendonly or sendrecv)')
  const chosen = chosenCodec(video, codec)
  const isBundled = (section: Section): boolean => section.mid !== undefined && sdp.bundle.has(section.mid)
  const sharing = isBundled(video) ? sdp.sections.filter(isBundled) : [video]
  const tagged = sharing.find((section) => useOf(section, video, sharing) !== 'rejected') ?? video
  const transport = checkTransport(
    [tagged.transport, sdp.transport, video.transport, ...sharing.map((section) => section.transport)],
    'offer',
    ROLES_OF_PUBLISHER,
  )
  return {
    payloadType: chosen.payloadType,
    rtpmap: chosen.rtpmap,
    fmtp: codec === 'h264' ? answeredH264Fmtp(chosen.fmtp) : chosen.fmtp,
    parameterSets: codec === 'h264' ? parameterSetsOf(chosen.fmtp) : [],
    rtxPayloadType: video.codecs.find((other) => isRtxOf(other, chosen.payloadType))?.payloadType,
    feedback: SUPPORTED_FEEDBACK.filter((feedback) =>
      [video, chosen].some((by) => by.feedback.includes(feedback)),
    ),
    extensions: [],
    ...transport,
    isIceLite: sdp.isIceLite,
    candidates: sharing
      .filter(({ transport: { iceUfrag } }) => iceUfrag === undefined || iceUfrag === transport.iceUfrag)
      .flatMap((section) => section.candidates),
    sections: sdp.sections.map((offered) => ({
      offered,
      bundled: isBundled(offered),
      use: useOf(offered, video, sharing),
    })),
  }
}

const isSavp = ({ protocol }: Section): boolean => protocol.includes('RTP/SAVP')

const sendsVideo = (section: Section): boolean =>
  section.kind === 'video' &&
  isSavp(section) &&
  !section.rejected &&
  ['sendonly', 'sendrecv'].includes(section.direction)

/** As for viewers: a rejected section would leave the bundle, and its transport with it (RFC 8843 section 7.3.3). */
function useOf(section: Section, video: Section, sharing: Section[]): AnsweredSection['use'] {
  if (section === video) return 'video'
  return sharing.includes(section) && isSavp(section) && !section.rejected && section.codecs.length > 0
    ? 'inactive'
    : 'rejected'
}

/** The sentences of `chooseCodec` are about viewers. */
function chosenCodec(video: Section, codec: VideoCodec): Section['codecs'][number] {
  try {
    return chooseCodec(video, codec)
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    const offered = [...new Set(video.codecs.map(({ name }) => name))].slice(0, 10).join(', ').slice(0, 200)
    throw new AppError(
      error.code,
      error.status,
      `this camera takes ${NAMES[codec]}, and the publisher offers ${offered || 'no codec'}; choose ${NAMES[codec]} there, or write codec = "${OTHER[codec]}" for this camera`,
    )
  }
}

const NAMES = { vp8: 'VP8', h264: 'H.264 with packetization-mode=1' } as const
const OTHER = { vp8: 'h264', h264: 'vp8' } as const
