import { expect, test } from 'vitest'
import { octoprintOffer } from '../../../test/compat/offers.js'
import { chrome, offers } from '../../../test/support/viewer-offers.js'
import { AppError } from '../../errors.js'
import { acceptAnswer } from './server-offer.js'
import { acceptOffer } from './client-offer.js'
import { parseSdpLines } from './sdp-lines.js'
import { parseSdp } from './sdp.js'

const many = (count: number, line: (i: number) => string): string =>
  Array.from({ length: count }, (_, i) => `${line(i)}\r\n`).join('')
const video = 'm=video 9 UDP/TLS/RTP/SAVPF 96\r\n'

test('each block has the lines that are read, whatever ends them', () => {
  for (const end of ['\r\n', '\n', '\r'])
    expect(parseSdpLines(['v=0', 's=-', 'a=mid:x', 'm=video', 'a=rtcp-mux', 'a=recvonly'].join(end))).toEqual(
      {
        session: ['a=mid:x'],
        sections: [['m=video', 'a=recvonly']],
      },
    )
})

test.each([
  ['codecs', many(129, (i) => `a=rtpmap:${i} VP8/90000`), '128 a=rtpmap lines in one media section'],
  ['parameters', many(257, (i) => `a=fmtp:${i} x`), '256 a=fmtp lines in one media section'],
  ['feedback', many(1025, (i) => `a=rtcp-fb:${i} nack`), '1024 a=rtcp-fb lines in one media section'],
  ['extensions', many(257, (i) => `a=extmap:${i} u`), '256 a=extmap lines in one media section'],
  ['mids', many(17, (i) => `a=mid:${i}`), '16 a=mid lines in one media section'],
  ['sections', many(8, () => 'm=audio 9 RTP/SAVPF 0'), '8 media sections'],
  ['lines', many(4096, () => 'a=x'), '4096 lines'],
  ['an empty line of many', many(4096, () => '-'), '4096 lines'],
  ['characters of a line', many(1, () => `a=fmtp:96 ${'x'.repeat(4087)}`), 'more than 4096 characters'],
])('too many %s are refused with how many are allowed', (_what, lines, sentence) => {
  expect(() => parseSdpLines(`v=0\r\n${video}${lines}`)).toThrow(sentence)
})

test('too many groups of a session are refused', () =>
  expect(() => parseSdpLines(many(17, () => 'a=group:BUNDLE 0'))).toThrow(
    'it has more than 16 a=group lines before its media sections',
  ))

test('who sent it is told with a code', () => {
  const tooMany = `v=0\r\n${video}${many(129, () => 'a=rtpmap:96 VP8/90000')}`
  const sentence = 'is not valid SDP: it has more than 128 a=rtpmap lines in one media section'
  expect(() => acceptOffer(tooMany, 'vp8')).toThrow(new AppError('bad-offer', 400, `the offer ${sentence}`))
  expect(() => acceptAnswer(tooMany, 'vp8')).toThrow(
    new AppError('bad-answer', 400, `the answer ${sentence}`),
  )
})

test('each section has its own count, and the most that is allowed is read', () => {
  const codecs = many(128, (i) => `a=rtpmap:${i} VP8/90000`)
  const { sections } = parseSdp(`v=0\r\n${many(8, () => video.trim() + '\r\n' + codecs.trim())}`)
  expect(sections.map((section) => section.codecs.length)).toEqual(Array(8).fill(128))
})

test('candidates beyond the limit are left aside, for an honest client may have them', () => {
  const line = (i: number): string => `a=candidate:1 1 udp 1 192.168.1.9 ${1024 + i} typ host`
  const { candidates } = parseSdp(`v=0\r\n${video}${many(1200, line)}`).sections[0]!
  expect(candidates.length).toBe(1000)
  expect(candidates.at(-1)).toMatchObject({ port: 1024 + 999 })
})

test('a long line that nobody reads is no obstacle: an identity assertion (RFC 8827) has kilobytes', () => {
  const identity = `a=identity:${'x'.repeat(10_000)}\r\na=mid:1\r\n`
  expect(acceptOffer(chrome.replace('a=mid:1\r\n', identity), 'vp8').payloadType).toBe(96)
})

test.each(Object.entries({ ...offers, octoprintOffer }))(
  'the offer of %s has room for four times its lines',
  (_who, offer) => {
    const fourfold = offer.replaceAll(/^a=.*\r\n/gm, '$&$&$&$&')
    const plain = parseSdp(offer)
    const read = parseSdp(fourfold)
    expect(read.sections.map(({ codecs }) => codecs)).toEqual(plain.sections.map(({ codecs }) => codecs))
    expect(read.transport).toEqual(plain.transport)
  },
)
