import { parse, type MediaDescription, type SessionDescription } from 'sdp-transform'
import { usableCandidate, type RemoteCandidate } from './candidate.js'
import { parseSdpLines } from './sdp-lines.js'

/** The parts of a session description (RFC 8866) that an answer needs. */
export interface Sdp {
  transport: TransportAttributes
  bundle: ReadonlySet<string>
  sections: Section[]
  /** `a=ice-lite` (RFC 8839 section 5.3). */
  isIceLite: boolean
}

export interface Section {
  kind: string
  protocol: string
  mid: string | undefined
  rejected: boolean
  direction: string
  formats: string[]
  codecs: {
    payloadType: number
    name: string
    rtpmap: string
    rate: number
    fmtp: string | undefined
    feedback: string[]
  }[]
  /** `a=rtcp-fb:*` */
  feedback: string[]
  rtcpRsize: boolean
  /** RFC 8285 section 5 */
  extensions: { id: number; uri: string }[]
  transport: TransportAttributes
  candidates: RemoteCandidate[]
}

/** RFC 8839 section 5.4, RFC 8122 section 5, RFC 4145 section 4 */
export interface TransportAttributes {
  iceUfrag: string | undefined
  icePwd: string | undefined
  fingerprint: { algorithm: string; value: string } | undefined
  setup: string | undefined
}

/** Linear in the length of the text. @throws Error if it is not SDP or exceeds a limit of parseSdpLines(). */
export function parseSdp(text: string): Sdp {
  if (!text.startsWith('v=0')) throw new Error('it must start with v=0')
  const lines = parseSdpLines(text)
  const session = parse([lines.session, ...lines.sections].flat().join('\n'))
  const groups = session.groups ?? []
  return {
    transport: transportOf(session, lines.session),
    bundle: new Set(
      groups
        .filter((group) => asText(group.type) === 'BUNDLE')
        .flatMap((group) => asText(group.mids).split(' ')),
    ),
    sections: session.media.map((media, i) => sectionOf(media, lines.sections[i] ?? [])),
    isIceLite: 'icelite' in session,
  }
}

/** sdp-transform converts every text that looks like a number, such as a user fragment or a codec name. */
const asText = (value: unknown): string =>
  typeof value === 'string' ? value : typeof value === 'number' ? String(value) : ''
const asOptionalText = (value: unknown): string | undefined =>
  value === undefined ? undefined : asText(value)

/** RFC 3550 section 5.1 */
const isPayloadType = (value: unknown): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 127

function sectionOf(media: MediaDescription, block: string[]): Section {
  const feedback = feedbackOf(media)
  return {
    kind: asText(media.type),
    protocol: asText(media.protocol),
    mid: asOptionalText(media.mid),
    // RFC 8843 section 6: port 0 means rejected, except for bundle-only.
    rejected: media.port === 0 && !('bundleOnly' in media),
    direction: asOptionalText(media.direction) ?? 'sendrecv',
    formats: asText(media.payloads).split(' ').filter(Boolean),
    codecs: codecsOf(media, feedback),
    feedback: [...(feedback.get('*') ?? [])],
    rtcpRsize: 'rtcpRsize' in media,
    extensions: (media.ext ?? [])
      .filter(({ direction }) => direction === undefined || ['recvonly', 'sendrecv'].includes(direction))
      .map(({ value, uri }) => ({ id: value, uri: asText(uri) })),
    transport: transportOf(media, block),
    candidates: (media.candidates ?? [])
      .map((candidate) =>
        usableCandidate({
          foundation: asText(candidate.foundation),
          component: candidate.component,
          transport: asText(candidate.transport),
          priority: candidate.priority,
          address: asText(candidate.ip),
          port: candidate.port,
          type: asText(candidate.type),
        }),
      )
      .filter((candidate) => candidate !== undefined),
  }
}

/** The first `a=rtpmap` and `a=fmtp` of a payload type count. */
function codecsOf(
  media: MediaDescription,
  feedback: ReadonlyMap<string, Iterable<string>>,
): Section['codecs'] {
  const parameters = new Map<unknown, string>()
  for (const { payload, config } of media.fmtp)
    if (!parameters.has(payload)) parameters.set(payload, asText(config))
  const codecs = new Map<number, Section['codecs'][number]>()
  for (const { payload, codec, rate = 0, encoding } of media.rtp) {
    if (!isPayloadType(payload) || codecs.has(payload)) continue
    const name = asText(codec)
    codecs.set(payload, {
      payloadType: payload,
      name,
      rate,
      rtpmap: `${name}/${rate}${encoding === undefined ? '' : `/${encoding}`}`,
      fmtp: parameters.get(payload),
      feedback: [...(feedback.get(String(payload)) ?? [])],
    })
  }
  return [...codecs.values()]
}

/** By payload type or `*`. */
function feedbackOf(media: MediaDescription): Map<string, Set<string>> {
  const feedback = new Map<string, Set<string>>()
  for (const { payload, type, subtype } of media.rtcpFb ?? []) {
    const of = asText(payload)
    const known = feedback.get(of) ?? new Set()
    feedback.set(of, known.add([type, subtype].map(asText).filter(Boolean).join(' ')))
  }
  return feedback
}

function transportOf(source: MediaDescription | SessionDescription, block: string[]): TransportAttributes {
  return {
    iceUfrag: asOptionalText(source.iceUfrag),
    icePwd: asOptionalText(source.icePwd),
    fingerprint: strongestFingerprint(block),
    setup: asOptionalText(source.setup),
  }
}

const hashesByStrength = ['sha-512', 'sha-384', 'sha-256']

/** RFC 8122 section 5: there may be several; sdp-transform keeps only the last. */
function strongestFingerprint(block: string[]): TransportAttributes['fingerprint'] {
  const offered = block.flatMap((line) => {
    const [, algorithm, value] = /^a=fingerprint:(\S+) +(\S+)/.exec(line) ?? []
    return algorithm === undefined || value === undefined
      ? []
      : [{ algorithm: algorithm.toLowerCase(), value }]
  })
  const strong = hashesByStrength.map((name) => offered.find(({ algorithm }) => algorithm === name))
  return strong.find((fingerprint) => fingerprint !== undefined) ?? offered[0]
}
