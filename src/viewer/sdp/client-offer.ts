import { AppError } from '../../errors.js'
import type { VideoCodec } from '../../rtp/packet.js'
import { acceptAudio, audioSectionOf, type AcceptedAudio } from './audio-choice.js'
import type { RemoteCandidate } from './candidate.js'
import { WRITTEN_EXTENSIONS } from '../../rtp/header-extension.js'
import { chooseCodec, isRtxOf } from './codec-choice.js'
import { answeredH264Fmtp } from './h264-format.js'
import { parseSdp, type Sdp, type Section, type TransportAttributes } from './sdp.js'

/** A browser's offer has 5 to 12 kB. */
export const MAX_OFFER_BYTES = 64 * 1024
/** Without transport-cc: a browser then sends no REMB. */
const SUPPORTED_FEEDBACK = ['nack', 'nack pli', 'ccm fir', 'goog-remb', 'rrtr']

export interface RemoteTransport {
  iceUfrag: string
  icePwd: string
  fingerprint: { algorithm: string; value: string }
  candidates: RemoteCandidate[]
  /** The client is an ICE-lite agent, such as an SFU that pulls the stream. */
  isIceLite: boolean
  /** Its agent is controlled, as it answered our offer (RFC 8445 section 6.1.1). An ICE-lite agent always is. */
  isIceControlled?: boolean
  /** It answered with `a=setup:passive` (RFC 5763 section 5): we begin the handshake. */
  isDtlsServer?: boolean
}

/** The validated parts of an offer. */
export interface AcceptedOffer extends RemoteTransport {
  payloadType: number
  rtpmap: string
  /** The parameters of our stream, for the answer. */
  fmtp: string | undefined
  /** RFC 4588 */
  rtxPayloadType: number | undefined
  /** Values of `a=rtcp-fb` that both sides support. */
  feedback: string[]
  /** Those that we write, with the client's ids (RFC 8285 section 6). */
  extensions: OfferedExtension[]
  /** Undefined if the client gets no sound. */
  audio?: AcceptedAudio | undefined
  /** All, in the order of the offer (RFC 3264 section 6). */
  sections: AnsweredSection[]
}

export interface OfferedExtension {
  id: number
  uri: string
}

export interface AnsweredSection {
  /** `inactive`: accepted without media, because it shares the transport. `rejected`: port 0, as every data channel. */
  use: 'video' | 'audio' | 'inactive' | 'rejected'
  offered: Section
  bundled: boolean
}

/**
 * Parses an untrusted offer.
 * @param hasAudio whether the camera has sound, which the client gets if it offers to receive it beside the video.
 * @throws AppError `offer-too-large`, `bad-offer`, `no-video` or `no-common-codec`
 */
export function acceptOffer(text: string, codec: VideoCodec, hasAudio = false): AcceptedOffer {
  const sdp = readBounded(text, 'offer')
  const video = sdp.sections.find(wantsVideo)
  if (video === undefined) {
    throw new AppError('no-video', 422, 'the offer has no video section that receives (recvonly or sendrecv)')
  }
  const chosen = chooseCodec(video, codec)
  const bundled = (section: Section): boolean => section.mid !== undefined && sdp.bundle.has(section.mid)
  const sharing = bundled(video) ? sdp.sections.filter(bundled) : [video]
  const audio = hasAudio ? audioSectionOf(sharing) : undefined
  // RFC 8843 section 7.3: all use the transport of the first accepted section. aiortc has a different one in each.
  const tagged = sharing.find((section) => useOf(section, { video, audio }, sharing) !== 'rejected') ?? video
  const transport = checkTransport(
    [tagged.transport, sdp.transport, video.transport, ...sharing.map((section) => section.transport)],
    'offer',
  )
  const isOfTransport = ({ transport: { iceUfrag } }: Section): boolean =>
    iceUfrag === undefined || iceUfrag === transport.iceUfrag
  return {
    payloadType: chosen.payloadType,
    rtpmap: chosen.rtpmap,
    fmtp: codec === 'h264' ? answeredH264Fmtp(chosen.fmtp) : chosen.fmtp,
    rtxPayloadType: video.codecs.find((codec) => isRtxOf(codec, chosen.payloadType))?.payloadType,
    feedback: SUPPORTED_FEEDBACK.filter((feedback) =>
      [video, chosen].some((by) => by.feedback.includes(feedback)),
    ),
    extensions: supportedExtensions(video.extensions),
    audio: audio && acceptAudio(audio),
    ...transport,
    isIceLite: sdp.isIceLite,
    candidates: sharing.filter(isOfTransport).flatMap((section) => section.candidates),
    sections: sdp.sections.map((offered) => ({
      offered,
      bundled: bundled(offered),
      use: useOf(offered, { video, audio }, sharing),
    })),
  }
}

export type Described = 'offer' | 'answer'

const bad = (what: Described, message: string): AppError => new AppError(`bad-${what}`, 400, message)

/** @throws AppError `offer-too-large` or `bad-offer`, `answer-too-large` or `bad-answer` */
export function readBounded(text: string, what: Described): Sdp {
  if (Buffer.byteLength(text) > MAX_OFFER_BYTES) {
    throw new AppError(`${what}-too-large`, 413, `the ${what} is longer than ${MAX_OFFER_BYTES} bytes`)
  }
  try {
    return parseSdp(text)
  } catch (error) {
    const cause = error instanceof Error ? error.message : 'unknown error'
    throw bad(what, `the ${what} is not valid SDP: ${cause}`)
  }
}

/** The one-byte form (RFC 8285 section 4.2) has the ids 1 to 14. */
function supportedExtensions(offered: readonly OfferedExtension[]): OfferedExtension[] {
  const seen = new Set<number | string>()
  return offered.filter(({ id, uri }) => {
    const isFirst = !seen.has(id) && !seen.has(uri)
    seen.add(id).add(uri)
    return isFirst && WRITTEN_EXTENSIONS.includes(uri) && id >= 1 && id <= 14
  })
}

const isSavp = (section: Section): boolean => section.protocol.includes('RTP/SAVP')

const wantsVideo = (section: Section): boolean =>
  section.kind === 'video' &&
  isSavp(section) &&
  !section.rejected &&
  ['recvonly', 'sendrecv'].includes(section.direction)

/** A rejected section must leave the bundle (RFC 8843 section 7.3.3). Firefox does not connect if the first one leaves. */
function useOf(
  section: Section,
  { video, audio }: { video: Section; audio: Section | undefined },
  sharing: Section[],
): AnsweredSection['use'] {
  if (section === video) return 'video'
  if (section === audio) return 'audio'
  return sharing.includes(section) && isSavp(section) && !section.rejected && section.codecs.length > 0
    ? 'inactive'
    : 'rejected'
}

/** What an answer to an offer with `a=setup:actpass` may say, and what some servers repeat. */
export const ROLES_OF_ANSWER = ['active', 'passive', 'actpass']
const ROLES_OF_CLIENT = ['actpass', 'active']
/** `passive`: ffmpeg wants to be the DTLS server unless it is told otherwise. */
export const ROLES_OF_PUBLISHER = ['actpass', 'active', 'passive']

/**
 * @param sources in order of precedence: section, session, sections that share the transport.
 * @param roles values of `a=setup` for which we have a role.
 */
export function checkTransport(
  sources: TransportAttributes[],
  what: Described,
  roles = ROLES_OF_CLIENT,
): Omit<RemoteTransport, 'candidates' | 'isIceLite'> {
  const first = <K extends keyof TransportAttributes>(key: K): TransportAttributes[K] | undefined =>
    sources.map((source) => source[key]).find((value) => value !== undefined)
  const iceUfrag = first('iceUfrag')
  const icePwd = first('icePwd')
  const fingerprint = first('fingerprint')
  const setup = first('setup') ?? 'actpass'
  if (iceUfrag === undefined || icePwd === undefined)
    throw bad(what, `the ${what} has no ICE credentials (a=ice-ufrag, a=ice-pwd)`)
  if (!/^[\w+/-]{4,256}$/.test(iceUfrag) || !/^[\w+/-]{22,256}$/.test(icePwd)) {
    throw bad(what, `the ICE credentials of the ${what} do not have the form of RFC 8839`)
  }
  if (fingerprint === undefined) throw bad(what, `the ${what} has no certificate fingerprint (a=fingerprint)`)
  if (
    !/^sha-(256|384|512)$/.test(fingerprint.algorithm) ||
    !/^([0-9a-f]{2}:){31,63}[0-9a-f]{2}$/i.test(fingerprint.value)
  ) {
    throw bad(
      what,
      `the fingerprint of the ${what} must be sha-256, sha-384 or sha-512 in pairs of hex digits`,
    )
  }
  if (!roles.includes(setup)) {
    throw bad(what, `the ${what} says a=setup:${setup.slice(0, 20)}; it must be ${roles.join(' or ')}`)
  }
  return { iceUfrag, icePwd, fingerprint, ...(setup === 'passive' && { isDtlsServer: true }) }
}
