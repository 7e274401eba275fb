import type { AcceptedOffer, AnsweredSection, RemoteTransport } from './client-offer.js'

export interface LocalDescription {
  sessionId: string
  iceUfrag: string
  icePwd: string
  /** SHA-256, pairs of hex digits. */
  fingerprint: string
  ssrc: number
  rtxSsrc: number
  audioSsrc: number
  /** One for all tracks: some clients use the stream of the last track event. */
  streamId: string
  /** `a=candidate` values, without the prefix. */
  candidates: string[]
  /** Whether others may be trickled, so that there is no end of candidates (RFC 8838 section 8.2). */
  mayTrickle: boolean
  /** Our DTLS roles (RFC 5763 section 5): `passive` by default. */
  setup?: 'actpass' | 'active' | 'passive'
}

export type AnsweredOffer = Omit<AcceptedOffer, keyof RemoteTransport>

/**
 * RFC 8829 section 5.3.1: video and sound in the chosen sections, no media in the others. It has all known candidates, for clients that do not
 * trickle.
 * @param direction `recvonly` towards a publisher.
 */
export function writeAnswer(
  offer: AnsweredOffer,
  local: LocalDescription,
  direction: 'sendonly' | 'recvonly' = 'sendonly',
): string {
  const accepted = offer.sections.filter(({ use }) => use !== 'rejected')
  const bundle = accepted.filter(({ bundled }) => bundled).map(({ offered }) => offered.mid)
  const lines = [
    'v=0',
    `o=- ${local.sessionId} 1 IN IP4 127.0.0.1`,
    's=rpi-webrtc',
    't=0 0',
    ...(bundle.length > 0 ? [`a=group:BUNDLE ${bundle.join(' ')}`] : []),
    `a=msid-semantic: WMS ${local.streamId}`,
    'a=ice-options:trickle',
    ...offer.sections.flatMap((section) =>
      sectionLines(section, offer, local, section === accepted[0], direction),
    ),
  ]
  return lines.map((line) => `${line}\r\n`).join('')
}

/** For trickled candidates: the first accepted section has the transport (RFC 8843 section 7.3). */
export function transportSection(offer: AcceptedOffer): { sdpMid: string | null; sdpMLineIndex: number } {
  const sdpMLineIndex = offer.sections.findIndex(({ use }) => use !== 'rejected')
  return { sdpMLineIndex, sdpMid: offer.sections[sdpMLineIndex]?.offered.mid ?? null }
}

function sectionLines(
  section: AnsweredSection,
  offer: AnsweredOffer,
  local: LocalDescription,
  first: boolean,
  direction: 'sendonly' | 'recvonly',
): string[] {
  const { offered, use } = section
  const mid = offered.mid === undefined ? [] : [`a=mid:${offered.mid}`]
  if (use === 'rejected') {
    const format = offered.formats[0] ?? '0'
    return [`m=${offered.kind} 0 ${offered.protocol} ${format}`, 'c=IN IP4 0.0.0.0', ...mid, 'a=inactive']
  }
  const transport = [
    `a=ice-ufrag:${local.iceUfrag}`,
    `a=ice-pwd:${local.icePwd}`,
    `a=fingerprint:sha-256 ${local.fingerprint}`,
    `a=setup:${local.setup ?? 'passive'}`,
  ]
  const codec = codecOf(section, offer)
  const rtx = codec.rtxPayloadType
  return [
    `m=${offered.kind} 9 ${offered.protocol} ${codec.payloadType}${rtx === undefined ? '' : ` ${rtx}`}`,
    'c=IN IP4 0.0.0.0',
    ...mid,
    use === 'inactive' ? 'a=inactive' : `a=${direction}`,
    'a=rtcp-mux',
    ...(use === 'video' ? offer.extensions.map(({ id, uri }) => `a=extmap:${id} ${uri}`) : []),
    ...(offered.rtcpRsize ? ['a=rtcp-rsize'] : []),
    ...transport,
    `a=rtpmap:${codec.payloadType} ${codec.rtpmap}`,
    ...(codec.fmtp === undefined ? [] : [`a=fmtp:${codec.payloadType} ${codec.fmtp}`]),
    ...codec.feedback.map((feedback) => `a=rtcp-fb:${codec.payloadType} ${feedback}`),
    ...(rtx === undefined ? [] : [`a=rtpmap:${rtx} rtx/90000`, `a=fmtp:${rtx} apt=${codec.payloadType}`]),
    ...(use === 'video' && direction === 'sendonly' ? streamLines(local, rtx !== undefined) : []),
    ...(use === 'audio' ? audioLines(local) : []),
    ...(first
      ? [
          ...local.candidates.map((candidate) => `a=candidate:${candidate}`),
          ...(local.mayTrickle ? [] : ['a=end-of-candidates']),
        ]
      : []),
  ]
}

function codecOf(
  { use, offered }: AnsweredSection,
  offer: AnsweredOffer,
): Pick<AnsweredOffer, 'payloadType' | 'rtpmap' | 'fmtp' | 'feedback' | 'rtxPayloadType'> {
  if (use === 'video') return offer
  const codec = use === 'audio' ? offer.audio : undefined
  return { ...(codec ?? { ...offered.codecs[0]!, feedback: [] }), rtxPayloadType: undefined }
}

/** The stream of the video and its CNAME: a receiver then plays both together (RFC 8830 section 3.1). */
const audioLines = ({ audioSsrc, streamId }: LocalDescription): string[] => [
  `a=msid:${streamId} ${streamId}-audio`,
  `a=ssrc:${audioSsrc} cname:${streamId}`,
]

/** RFC 5576 section 4.2: FID groups a stream with its RTX stream. */
const streamLines = ({ ssrc, rtxSsrc, streamId }: LocalDescription, hasRtx: boolean): string[] => [
  `a=msid:${streamId} ${streamId}-video`,
  ...(hasRtx ? [`a=ssrc-group:FID ${ssrc} ${rtxSsrc}`] : []),
  `a=ssrc:${ssrc} cname:${streamId}`,
  ...(hasRtx ? [`a=ssrc:${rtxSsrc} cname:${streamId}`] : []),
]
