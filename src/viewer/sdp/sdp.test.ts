import { expect, test } from 'vitest'
import { chrome, sessionLevel } from '../../../test/support/viewer-offers.js'
import { parseSdp } from './sdp.js'

test('an offer is read section by section, every text a string', () => {
  const { sections, bundle } = parseSdp(chrome)
  expect(sections.map(({ kind, mid, direction }) => [kind, mid, direction])).toEqual([
    ['audio', '0', 'recvonly'],
    ['video', '1', 'recvonly'],
    ['application', '2', 'sendrecv'],
  ])
  expect([...bundle]).toEqual(['0', '1', '2'])
  expect(sections[0]!.codecs[0]).toMatchObject({ payloadType: 111, rtpmap: 'opus/48000/2' })
  expect(sections[2]!.formats).toEqual(['webrtc-datachannel'])
})

test('what is missing is missing, and what is odd is read as far as it goes', () => {
  const odd = parseSdp(
    sessionLevel.replace(
      'a=rtpmap:96 VP8/90000',
      'a=rtpmap:96 VP8\r\na=fmtp:97 orphan=1\r\na=rtcp-fb:96\r\na=mid:',
    ),
  )
  expect(odd.sections[0]).toMatchObject({ kind: 'video', rejected: false, candidates: [] })
  expect(odd.transport.iceUfrag).toBe('4ZcD')
  expect(parseSdp('v=0').sections).toEqual([])
})

test('port 0 is a rejected section, unless it is there for the bundle only', () => {
  const rejected = chrome.replace('m=video 9', 'm=video 0')
  expect(parseSdp(rejected).sections[1]!.rejected).toBe(true)
  expect(parseSdp(rejected.replace('a=mid:1', 'a=mid:1\r\na=bundle-only')).sections[1]!.rejected).toBe(false)
})

test.each(['', 'hello', '{"sdp": "v=0"}', ' v=0'])('%j is not SDP', (text) => {
  expect(() => parseSdp(text)).toThrow('it must start with v=0')
})

test('of several fingerprints the strongest counts, wherever it stands', () => {
  const weak = 'a=fingerprint:sha-1 00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:00:11:22:33'
  const both = chrome.replaceAll(/^(a=fingerprint:sha-256 .*)$/gm, `$1\r\n${weak}`)
  for (const section of parseSdp(both).sections)
    expect(section.transport.fingerprint?.algorithm).toBe('sha-256')
  expect(
    parseSdp(chrome.replaceAll(/^a=fingerprint:.*$/gm, weak)).sections[1]!.transport.fingerprint?.algorithm,
  ).toBe('sha-1')
})

test('a payload type is one codec: its first rtpmap, its first fmtp, and each feedback once', () => {
  const doubled = chrome
    .replace('a=rtpmap:96 VP8/90000', 'a=rtpmap:96 VP8/90000\r\na=rtpmap:96 VP9/90000')
    .replace('a=rtcp-fb:96 nack\r\n', 'a=rtcp-fb:96 nack\r\na=rtcp-fb:96 nack\r\na=rtcp-fb:* ccm tmmbr\r\n')
    .replace('a=fmtp:97 apt=96', 'a=fmtp:97 apt=96\r\na=fmtp:97 apt=1')
  const { codecs, feedback } = parseSdp(doubled).sections[1]!
  expect(codecs.slice(0, 2)).toEqual([
    {
      payloadType: 96,
      name: 'VP8',
      rate: 90_000,
      rtpmap: 'VP8/90000',
      fmtp: undefined,
      feedback: ['goog-remb', 'transport-cc', 'ccm fir', 'nack', 'nack pli'],
    },
    expect.objectContaining({ payloadType: 97, fmtp: 'apt=96', feedback: [] }),
  ])
  expect(feedback).toEqual(['ccm tmmbr'])
})

test.each(['128', '-1', '', '096', '1e1', '99999999999999999999'])('%j is no payload type', (payloadType) => {
  const odd = chrome.replace('a=rtpmap:96 ', `a=rtpmap:${payloadType} `)
  expect(parseSdp(odd).sections[1]!.codecs.length).toBe(parseSdp(chrome).sections[1]!.codecs.length - 1)
})
