import { OPUS_CLOCK_RATE_HZ } from '../../rtp/packet.js'
import type { Section } from './sdp.js'

/** What an offer and we agree on for sound. */
export interface AcceptedAudio {
  payloadType: number
  rtpmap: string
  fmtp: string | undefined
  /** Values of `a=rtcp-fb` that both sides support. */
  feedback: string[]
}

/** Opus has in-band FEC, so a retransmission is only asked for where the client wants it. */
const SUPPORTED_FEEDBACK = ['nack']

/** The first section that may receive Opus. @param sharing the sections that use the transport of the video. */
export const audioSectionOf = (sharing: readonly Section[]): Section | undefined =>
  sharing.find(
    (section) =>
      section.kind === 'audio' &&
      section.protocol.includes('RTP/SAVP') &&
      !section.rejected &&
      ['recvonly', 'sendrecv'].includes(section.direction) &&
      opusOf(section) !== undefined,
  )

/** RFC 7587 section 7: always 48 kHz and two channels, whatever is sent. */
const opusOf = ({ codecs }: Section): Section['codecs'][number] | undefined =>
  codecs.find(({ name, rate }) => name.toLowerCase() === 'opus' && rate === OPUS_CLOCK_RATE_HZ)

export function acceptAudio(section: Section): AcceptedAudio | undefined {
  const opus = opusOf(section)
  if (opus === undefined) return undefined
  const { payloadType, rtpmap, fmtp } = opus
  const offers = (feedback: string): boolean =>
    section.feedback.includes(feedback) || opus.feedback.includes(feedback)
  return { payloadType, rtpmap, fmtp, feedback: SUPPORTED_FEEDBACK.filter(offers) }
}
