import { FINGERPRINT } from '../../support/viewer-offers.js'
import { filled, halves, lineEnds, runs, type Shape, type Shapes } from './shapes.js'

const session = 'v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n'
const transport = `a=ice-ufrag:4ZcD
a=ice-pwd:2/1muCWoOi3uLifh0NuRHlTw
a=fingerprint:sha-256 ${FINGERPRINT}
a=setup:actpass
a=recvonly
a=mid:0
`.replaceAll('\n', '\r\n')
const video = `m=video 9 UDP/TLS/RTP/SAVPF 96\r\n${transport}`
/** All that an offer needs but codecs; the transport comes first, so that nothing is refused before it is read. */
const head = session + video

const h264 = 'H264/90000\r\n'
const line = (name: string, fill: string, tail = ''): Shape => filled(fill, `${head}a=${name}`, `${tail}\r\n`)

/** Lines of a section that belong together by their payload type, and would all be compared. */
const related: Shapes = {
  'rtpmap and rtcp-fb': halves(`a=rtpmap:96 ${h264}`, 'a=rtcp-fb:96 nack\r\n', head),
  'rtpmap and rtcp-fb of payload types': halves(
    (i) => `a=rtpmap:${i % 128} ${h264}`,
    (i) => `a=rtcp-fb:${i % 128} nack\r\n`,
    head,
  ),
  'rtpmap and rtcp-fb for all': halves((i) => `a=rtpmap:${i} ${h264}`, 'a=rtcp-fb:* nack\r\n', head),
  'rtpmap and rtcp-fb for all, each another': halves(
    (i) => `a=rtpmap:${i % 128} ${h264}`,
    (i) => `a=rtcp-fb:* x${i}\r\n`,
    head,
  ),
  'rtpmap and fmtp': halves(
    (i) => `a=rtpmap:${i} VP8/90000\r\n`,
    (i) => `a=fmtp:${100_000 + i} a\r\n`,
    head,
  ),
  'fmtp before rtpmap': halves('a=fmtp:5 a\r\n', 'a=rtpmap:96 VP8/90000\r\n', head),
  'rtpmap and one long fmtp': (bytes) =>
    filled('; ', `${head}a=fmtp:96 `, '\r\n')(bytes / 2) + filled(`a=rtpmap:96 ${h264}`)(bytes / 2),
  'rtx and fmtp': halves(
    (i) => `a=rtpmap:${i % 128} rtx/90000\r\n`,
    (i) => `a=fmtp:${i % 128} apt=9\r\n`,
    `${head}a=rtpmap:96 VP8/90000\r\n`,
  ),
  'codecs of many names': filled((i) => `a=rtpmap:${i % 128} Q${i}/90000\r\n`, head),
  'extensions we write': filled(
    (i) => `a=extmap:${1 + (i % 14)} http://www.webrtc.org/experiments/rtp-hdrext/playout-delay\r\n`,
    `${head}a=rtpmap:96 VP8/90000\r\n`,
  ),
  'extensions before those we write': halves(
    (i) => `a=extmap:${15 + i} a:${i}\r\n`,
    'a=extmap:5 http://www.webrtc.org/experiments/rtp-hdrext/playout-delay\r\n',
    `${head}a=rtpmap:96 VP8/90000\r\n`,
  ),
  sections: filled('m=video 9 RTP/SAVPF 96\r\n', head),
  'sections and a group': halves(
    (i) => `a=group:BUNDLE ${i}\r\n`,
    (i) => `m=video 9 RTP/SAVPF 96\r\na=mid:${i}\r\n`,
    session,
  ),
  'groups of many': filled('0 ', `${session}a=group:BUNDLE `, `\r\n${video}`),
  'payload types of a section': filled('96 ', `${session}m=video 9 UDP/TLS/RTP/SAVPF `, `\r\n${transport}`),
  candidates: filled(
    (i) => `a=candidate:1 1 udp 2122260223 192.168.1.9 ${1024 + i} typ host\r\n`,
    `${head}a=rtpmap:96 VP8/90000\r\n`,
  ),
  fingerprints: filled(`a=fingerprint:sha-1 ${FINGERPRINT}\r\n`, head),
  'sources of packets': filled((i) => `a=ssrc:${i} cname:x\r\n`, head),
  'lines of nothing': filled('a=\r\n', head),
  'lines that are none': filled('x\n', head),
  'attributes nobody knows': filled('a=x\r\n', head),
  'the last attribute of the grammar that is read': filled('a=bundle-only\r\n', head),
  mids: filled('a=mid:0\r\n', head),
}

/** As much as is allowed, all of which has to be read. */
const allowed: Shapes = {
  'eight sections of 128 codecs': filled(
    (i) =>
      video +
      Array.from({ length: 128 }, (_, pt) => `a=rtpmap:${pt} H264/90000\r\na=rtcp-fb:${pt} nack\r\n`).join(
        '',
      ) +
      `a=rtcp-fb:* x${i}\r\n`,
    session,
  ),
  'codecs with parameters': filled(
    (i) => `a=rtpmap:${i % 128} H264/90000\r\na=fmtp:${i % 128} ${'; '.repeat(200)}packetization-mode=1\r\n`,
    head,
  ),
  'one line of each kind': filled((i) => `a=rtpmap:${i % 128} VP8/90000\r\na=x:${i}\r\n`, head),
}

/** One line without an end, for each pattern of the grammar that reads it. */
const longLines: Shapes = {
  'a long rtpmap': line('rtpmap:96 ', 'a'),
  'an rtpmap of spaces': line('rtpmap:96 H264', ' '),
  'an rtpmap of digits': line('rtpmap:', '9'),
  'an rtpmap of slashes': line('rtpmap:96 H264', ' /'),
  'an fmtp of spaces': line('fmtp:96 ', ' '),
  'an fmtp of semicolons': line('fmtp:96 ', ';'),
  'an fmtp of apts': line('fmtp:96 ', ';apt=9 '),
  'an fmtp of modes': line('fmtp:96 ', '; packetization-mode=1 '),
  'an rtcp-fb of words': line('rtcp-fb:96 ', 'a '),
  'an rtcp-fb of stars': line('rtcp-fb:', '*'),
  'an extmap of digits': line('extmap:', '1'),
  'an extmap of slashes': line('extmap:1', '/a'),
  'a candidate of spaces': line('candidate:', ' '),
  'a candidate of words': line('candidate:', 'a 1 '),
  'a candidate of digits': line('candidate:1 1 udp ', '9'),
  'a candidate of types': line('candidate:1 1 udp 1 a 1', ' typ host'),
  'a candidate of raddrs': line('candidate:1 1 udp 1 a 1 typ host', ' raddr a rport 1'),
  'an ssrc of colons': line('ssrc:1 ', 'a:'),
  'an ssrc-group': line('ssrc-group:', '!'),
  'a simulcast of lists': line('simulcast:send ', '1,~2;', '!'),
  'a simulcast of directions': line('simulcast:send ', 'recv', ' 1!'),
  'a simulcast of spaces': line('simulcast:', ' '),
  'a simulcast of send and recv': line('simulcast:', 'send 1 recv 1 '),
  'a rid of spaces': line('rid:1 recv', ' '),
  'a rid of letters': line('rid:', 'a'),
  'an imageattr of brackets': line('imageattr:96 send ', '[a] ', '['),
  'an imageattr of open brackets': line('imageattr:96 send [', '[', ' '),
  'an imageattr of closed brackets': line('imageattr:96 send [', ']', ' '),
  'an imageattr of spaces': line('imageattr:96', ' '),
  'an imageattr of both': line('imageattr:96 send [', ']  [', 'x'),
  'a source-filter': line('source-filter:', ' incl'),
  'a source-filter of spaces': line('source-filter:', ' '),
  'a mediaclk of spaces': line('mediaclk:id=', ' '),
  'a mediaclk of rates': line('mediaclk:', ' rate=9'),
  'a floorid': line('floorid:', ' mstrm'),
  'a floorid of spaces': line('floorid:', ' '),
  'a framerate of digits': line('framerate:', '9', 'x'),
  'a framerate of dots': line('framerate:', '9.'),
  'a ptime of dots': line('ptime:', '9.'),
  'a fingerprint of spaces': line('fingerprint:sha-256', ' '),
  'a fingerprint of colons': line('fingerprint:sha-256 ', 'AA:'),
  'a long ufrag': line('ice-ufrag:', 'a'),
  'a long password': line('ice-pwd:', 'a'),
  'a long mid': line('mid:', 'a'),
  'a long setup': line('setup:', 'a'),
  'an sctp-port of digits': line('sctp-port:', '9'),
  'an sctpmap': line('sctpmap:', '/ '),
  'a msid': line('msid:', 'a-'),
  'a crypto': line('crypto:1 ', 'a '),
  'a group of spaces': filled(' ', `${session}a=group:BUNDLE`, `\r\n${video}`),
  'an origin of spaces': filled(' ', 'v=0\r\no=', `\r\n${video}`),
  'an origin of digits': filled('9', 'v=0\r\no=- ', `\r\n${video}`),
  'a long version': filled('0', 'v=', `\r\n${video}`),
  'a media line of spaces': filled(' ', `${session}m=video`, `\r\n${transport}`),
  'a media line of digits': filled('9', `${session}m=video `, `\r\n${transport}`),
  'a media line of slashes': filled('/', `${session}m=video 9 `, `\r\n${transport}`),
  'an unknown attribute': line('', 'x'),
}

const withHead = (shapes: Shapes, prefix: string): Shapes =>
  Object.fromEntries(
    Object.entries(shapes).map(([name, shape]) => [
      `${name} after ${prefix.length} bytes`,
      (bytes: number) => prefix + shape(bytes - prefix.length),
    ]),
  )

/** Session descriptions that a stranger may send. */
export const descriptions: Shapes = {
  ...related,
  ...allowed,
  ...longLines,
  ...withHead(runs, `${head}a=`),
  ...withHead(lineEnds, head),
  ...withHead(runs, 'v=0'),
}

/** Candidate lines (RFC 8839 section 5.1), with and without what introduces them. */
export const candidates: Shapes = {
  ...runs,
  ...lineEnds,
  prefixes: filled('candidate:'),
  'a long foundation': filled('a', 'candidate:', ' 1 udp 1 192.168.1.9 5000 typ host'),
  'spaces inside': filled(' ', 'candidate:1 1 udp', ' 1 192.168.1.9 5000 typ host'),
  'words at the end': filled(' a', 'candidate:1 1 udp 1 192.168.1.9 5000 typ host'),
  'digits for a priority': filled('9', 'candidate:1 1 udp ', ' 192.168.1.9 5000 typ host'),
  'colons for an address': filled(':1', 'candidate:1 1 udp 1 ', ' 5000 typ host'),
  'dots for an address': filled('1.', 'candidate:1 1 udp 1 ', ' 5000 typ host'),
}

/** SDP fragments (RFC 8840 section 9). */
export const fragments: Shapes = {
  ...runs,
  ...lineEnds,
  ...withHead(runs, 'a=ice-ufrag:'),
  candidates: filled('a=candidate:1 1 udp 1 192.168.1.9 5000 typ host\r\n'),
  fragments: filled('a=ice-ufrag:x\r\n'),
  'lines of nothing': filled('a=\r\n'),
}
