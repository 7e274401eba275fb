/** RFC 8843 puts no limit on sections; a page that shows a camera offers one to three. */
const MAX_SECTIONS = 8
/** Chrome's offers have some 150 lines, and 64 kB of its usual lines are some 2000. */
const MAX_LINES = 4096
/** Of the lines that are read. Parameter sets in `a=fmtp` make the longest of them, with less than 1 kB. */
const MAX_LINE_CHARS = 4096
/** Payload types have seven bits (RFC 3550 section 5.1). */
const MAX_CODECS = 128
/** One for each payload type, and as many again for clients that spread the parameters of one over two lines. */
const MAX_PARAMETERS = 2 * MAX_CODECS
/** Chrome offers five for each codec, never for retransmissions. */
const MAX_FEEDBACK = 8 * MAX_CODECS
/** The two-byte form numbers extensions from 1 to 255 (RFC 8285 section 4.3). */
const MAX_EXTENSIONS = 256
/** The most that `limits.max-candidates` may be set to. */
const MAX_CANDIDATES = 1000
/** What a section has once, or a few times: aiortc has a fingerprint for each of three hashes. */
const MAX_OF_ANOTHER = 16

/** The attributes that are read, and how many of each a section may have. All others are left aside. */
const MOST: ReadonlyMap<string, number> = new Map([
  ['rtpmap', MAX_CODECS],
  ['fmtp', MAX_PARAMETERS],
  ['rtcp-fb', MAX_FEEDBACK],
  ['extmap', MAX_EXTENSIONS],
  ['candidate', MAX_CANDIDATES],
  ...[
    'bundle-only',
    'fingerprint',
    'group',
    'ice-pwd',
    'ice-ufrag',
    'inactive',
    'mid',
    'recvonly',
    'rtcp-rsize',
    'sendonly',
    'sendrecv',
    'setup',
  ].map((name): [string, number] => [name, MAX_OF_ANOTHER]),
])

/** The lines of a session description that are read, each block without those of the others. */
export interface SdpLines {
  session: string[]
  /** Each begins with its `m=` line. */
  sections: string[][]
}

/**
 * Cuts a session description (RFC 8866) into the lines that are read, once from its beginning to its end, so that whatever is
 * made of them has bounds. Candidates beyond the limit are left aside: an honest client may have them, and needs few.
 * @throws Error with what there is too much of, and how much is allowed.
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
    const most = MOST.get(name)
    if (!isMedia && most === undefined) continue
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
      if (already === most && name === 'candidate') continue
      if (already === most) throw new Error(`it has more than ${most} a=${name} lines ${blockName(lines)}`)
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

/** Lines end as RFC 8866 section 5 says, or as clients do; between the two characters of CRLF is an empty line, which is none. */
function endOfLine(text: string, start: number): number {
  for (let at = start; at < text.length; at++) {
    const char = text.charCodeAt(at)
    if (char === LINE_FEED || char === CARRIAGE_RETURN) return at
  }
  return text.length
}

/** The name in `a=name:value` or `a=name`; empty for every other line. */
const attributeOf = (line: string): string => /^a=([a-z-]+)/.exec(line)?.[1] ?? ''
