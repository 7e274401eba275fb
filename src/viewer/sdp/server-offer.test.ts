import { parse } from 'sdp-transform'
import { expect, test } from 'vitest'
import { FINGERPRINT } from '../../../test/support/viewer-offers.js'
import { acceptAnswer, writeOffer } from './server-offer.js'

const local = {
  sessionId: '12345',
  iceUfrag: 'ourUfrag',
  icePwd: 'ourPasswordOurPassword',
  fingerprint: FINGERPRINT,
  ssrc: 3_000_000_001,
  rtxSsrc: 3_000_000_002,
  audioSsrc: 3_000_000_003,
  streamId: 'camera1',
  candidates: ['1 1 udp 2130706431 192.168.1.5 8889 typ host'],
  mayTrickle: false,
}

test.each([
  ['vp8', ['96 VP8', '97 rtx'], undefined],
  ['h264', ['108 H264', '109 rtx'], 'profile-level-id=42e01f'],
] as const)('our offer has one section that sends %s, with its retransmissions', (codec, codecs, profile) => {
  const sdp = writeOffer(codec, local)
  const [video, ...others] = parse(sdp).media
  expect(others).toEqual([])
  expect(video).toMatchObject({ type: 'video', mid: 0, direction: 'sendonly', setup: 'passive' })
  expect(video!.rtp.map(({ payload, codec: name }) => `${payload} ${name}`)).toEqual(codecs)
  if (profile !== undefined) expect(video!.fmtp[0]!.config).toContain(profile)
  expect(video!.candidates).toHaveLength(1)
  expect(sdp).toContain('a=end-of-candidates\r\n')
  expect(sdp.match(/a=msid:\S+/g)).toEqual(['a=msid:camera1'])
})

/** The answer of Chrome to our VP8 offer. */
const answer = [
  'v=0',
  'o=- 1 2 IN IP4 127.0.0.1',
  's=-',
  't=0 0',
  'a=group:BUNDLE 0',
  'm=video 9 UDP/TLS/RTP/SAVPF 96 97',
  'c=IN IP4 0.0.0.0',
  'a=candidate:1 1 udp 2122260223 192.168.1.9 50000 typ host generation 0',
  'a=ice-ufrag:4ZcD',
  'a=ice-pwd:2/1muCWoOi3uLifh0NuRHlTw',
  `a=fingerprint:sha-256 ${FINGERPRINT}`,
  'a=setup:active',
  'a=mid:0',
  'a=recvonly',
  'a=rtcp-mux',
  'a=rtpmap:96 VP8/90000',
  'a=rtpmap:97 rtx/90000',
  'a=fmtp:97 apt=96',
  '',
].join('\r\n')

test('an answer gives the transport of the client, and whether it takes retransmissions', () => {
  expect(acceptAnswer(answer, 'vp8')).toEqual({
    remote: {
      iceUfrag: '4ZcD',
      icePwd: '2/1muCWoOi3uLifh0NuRHlTw',
      fingerprint: { algorithm: 'sha-256', value: FINGERPRINT },
      isIceLite: false,
      candidates: [
        { foundation: '1', priority: 2122260223, address: '192.168.1.9', port: 50000, type: 'host' },
      ],
    },
    takesRtx: true,
  })
  expect(acceptAnswer(answer.replace(/a=\w+:97.*\r\n/g, ''), 'vp8').takesRtx).toBe(false)
})

test('an answer with a data channel, which was not offered, is rejected', () => {
  const data = 'm=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\na=mid:1\r\na=sctp-port:5000\r\n'
  expect(() => acceptAnswer(answer.replace('BUNDLE 0', 'BUNDLE 0 1') + data, 'vp8')).toThrow(
    'must have the one video section of the offer',
  )
})

test.each([
  ['no SDP', 'hello', 'bad-answer', 'the answer is not valid SDP: it must start with v=0'],
  ['a longer one than any', `v=0${'x'.repeat(70_000)}`, 'answer-too-large', 'the answer is longer than'],
  [
    'no section',
    answer.slice(0, answer.indexOf('m=')),
    'bad-answer',
    'must have the one video section of the offer',
  ],
  ['a rejected section', answer.replace('m=video 9', 'm=video 0'), 'no-common-codec', 'camera sends VP8'],
  ['another codec', answer.replace('VP8', 'VP9'), 'no-common-codec', 'camera sends VP8'],
  ['nothing to receive', answer.replace('recvonly', 'inactive'), 'bad-answer', 'does not receive the video'],
  ['no fingerprint', answer.replace(/a=fingerprint.*\r\n/, ''), 'bad-answer', 'answer has no certificate'],
  ['no credentials', answer.replace(/a=ice-pwd.*\r\n/, ''), 'bad-answer', 'answer has no ICE credentials'],
  ['two servers', answer.replace('active', 'passive'), 'bad-answer', 'the answer says a=setup:passive'],
])('an answer with %s is refused', (_what, text, code, message) => {
  expect(() => acceptAnswer(text, 'vp8')).toThrow(expect.objectContaining({ code }))
  expect(() => acceptAnswer(text, 'vp8')).toThrow(message)
})
