/** A page with a camera offers one to three. */
const MAX_SECTIONS = 8
/** Chrome's offers have about 150 lines; 64 kB of them are about 2000. */
const MAX_LINES = 4096
/** Parameter sets in `a=fmtp` are the longest, below 1 kB. */
const MAX_LINE_CHARS = 4096
const MAX_CODECS = 128
/** Some clients use two lines per payload type. */
const MAX_PARAMETERS = 2 * MAX_CODECS
/** Chrome offers five per codec. */
const MAX_FEEDBACK = 8 * MAX_CODECS
/** RFC 8285 section 4.3 */
const MAX_EXTENSIONS = 256
/** The most that `limits.max-candidates` may be set to. */
const MAX_CANDIDATES = 1000
/** Attributes that occur once or a few times: aiortc has three fingerprints. */
const MAX_OTHERS = 16

/** The parsed attributes and their limits per section. Others are ignored. */
const LIMITS: ReadonlyMap<string, number> = new Map([
  ['rtpmap', MAX_CODECS],
  ['fmtp', MAX_PARAMETERS],
  ['rtcp-fb', MAX_FEEDBACK],
  ['extmap', MAX_EXTENSIONS],
  ['candidate', MAX_CANDIDATES],
  ...[
    'bundle-only',
    'fingerprint',
    'group',
    'ice-lite',
    'ice-pwd',
    'ice-ufrag',
    'inactive',
    'mid',
    'recvonly',
    'rtcp-rsize',
    'sendonly',
    'sendrecv',
    'setup',
  ].map((name): [string, number] => [name, MAX_OTHERS]),
])

export interface SdpLines {
  session: string[]
  /** Each starts with its `m=` line. */
  sections: string[][]
}

/**
 * Splits a session description (RFC 8866) into its known lines in one pass and bounds them. Excess candidates are ignored: honest
 * clients may have them.
 */
export function parseSdpLines(text: string): SdpLines {
  const lines: SdpLines = { session: [], sections: [] }
  let block = lines.session
  let counts = new Map<string, number>()
  let count = 0
  for (let start = 0; start < text.length;) {
    const end = endOfLine(text, start)
    const line = text.slice(start, end)
    start = end + 1
    if (line === '') continue
    if (++count > MAX_LINES) throw new Error(`it has more than ${MAX_LINES} lines`)
    const isMedia = line.startsWith('m=')
    const name = isMedia ? '' : attributeOf(line)
    const limit = LIMITS.get(name)
    if (!isMedia && limit === undefined) continue
    if (line.length > MAX_LINE_CHARS)
      throw new Error(`its ${line.slice(0, 16)} line has more than ${MAX_LINE_CHARS} characters`)
    if (isMedia) {
      if (lines.sections.length === MAX_SECTIONS)
        throw new Error(`it has more than ${MAX_SECTIONS} media sections`)
      block = []
      counts = new Map()
      lines.sections.push(block)
    } else {
      const already = counts.get(name) ?? 0
      if (already === limit && name === 'candidate') continue
      if (already === limit) throw new Error(`it has more than ${limit} a=${name} lines ${blockName(lines)}`)
      counts.set(name, already + 1)
    }
    block.push(line)
  }
  return lines
}

const blockName = ({ sections }: SdpLines): string =>
  sections.length === 0 ? 'before its media sections' : 'in one media section'

const LINE_FEED = 0x0a
const CARRIAGE_RETURN = 0x0d

/** LF, CR or CRLF, whose empty line in between is skipped. */
function endOfLine(text: string, start: number): number {
  for (let at = start; at < text.length; at++) {
    const char = text.charCodeAt(at)
    if (char === LINE_FEED || char === CARRIAGE_RETURN) return at
  }
  return text.length
}

const attributeOf = (line: string): string => /^a=([a-z-]+)/.exec(line)?.[1] ?? ''
