import { expect, test } from 'vitest'
import { parseSdpFragment } from './sdp-fragment.js'

const candidate = 'candidate:1 1 udp 2122260223 192.168.1.9 50000 typ host'

test('the credentials may stand before the sections or in one of them', () => {
  const sessionLevel = `a=ice-ufrag:u1\r\na=ice-pwd:p\r\nm=video 9 RTP/AVP 0\r\na=mid:0\r\na=${candidate}\r\n`
  const sectionLevel = `m=video 9 RTP/AVP 0\r\na=mid:0\r\na=ice-ufrag:u1\r\na=ice-pwd:p\r\na=${candidate}\r\n`
  const expected = { iceUfrag: 'u1', candidates: [candidate] }
  expect(parseSdpFragment(sessionLevel)).toEqual(expected)
  expect(parseSdpFragment(sectionLevel)).toEqual(expected)
})

test('any end of line is accepted, and other attributes are ignored', () =>
  expect(parseSdpFragment(`a=group:BUNDLE 0 1\na=${candidate}\na=x-new:y\r\na=end-of-candidates`)).toEqual({
    iceUfrag: undefined,
    candidates: [candidate],
  }))

test.each([
  ['', 'the fragment is empty'],
  ['\r\n', 'the fragment is empty'],
  ['{"type":"offer"}', 'a line that is not SDP: "{\\"type\\":\\"offer\\"}"'],
  [`a=${'x'.repeat(3000)}`, 'a line that is not SDP'],
  [`a=${candidate}\n`.repeat(65), 'more than 64 candidates'],
])('%.20j is refused with a sentence', (text, sentence) =>
  expect(() => parseSdpFragment(text)).toThrow(sentence),
)
