import { describe, expect, test } from 'vitest'
import type { LocalDescription } from './answer.js'
import { acceptPushAnswer, writePushOffer } from './push-offer.js'

const local: LocalDescription = {
  sessionId: '1',
  iceUfrag: 'ufrag',
  icePwd: 'password-of-22-letters',
  fingerprint: Array<string>(32).fill('AB').join(':'),
  ssrc: 7,
  rtxSsrc: 8,
  audioSsrc: 9,
  streamId: 'camera1',
  candidates: ['1 1 udp 1 192.0.2.1 8189 typ host'],
  mayTrickle: false,
}

const answerTo = (offer: string): string =>
  offer
    .replace('a=setup:actpass', 'a=setup:passive')
    .replace('a=sendonly', 'a=recvonly')
    .replace(/a=ice-ufrag:\S+/, 'a=ice-ufrag:their')

const vp8 = answerTo(writePushOffer('vp8', local))
const h264 = answerTo(writePushOffer('h264', local))

test('an offer is complete: one sendonly video, either DTLS role, all candidates', () => {
  const lines = writePushOffer('h264', local).split('\r\n')
  expect(lines.filter((line) => line.startsWith('m='))).toEqual(['m=video 9 UDP/TLS/RTP/SAVPF 108 109'])
  expect(lines).toEqual(
    expect.arrayContaining([
      'a=sendonly',
      'a=setup:actpass',
      'a=group:BUNDLE 0',
      'a=rtcp-mux',
      'a=fmtp:108 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f',
      'a=extmap:1 urn:ietf:params:rtp-hdrext:sdes:mid',
      'a=rtcp-fb:108 goog-remb',
      'a=msid:camera1 camera1-video',
      'a=candidate:1 1 udp 1 192.0.2.1 8189 typ host',
      'a=end-of-candidates',
    ]),
  )
})

test.each([
  ['passive', true],
  ['active', undefined],
  ['actpass', undefined],
])('a server that answers a=setup:%s', (setup, isDtlsServer) => {
  const { remote } = acceptPushAnswer(vp8.replace('setup:passive', `setup:${setup}`), 'vp8')
  expect(remote.isDtlsServer).toBe(isDtlsServer)
  expect(remote).toMatchObject({ iceUfrag: 'their', isIceControlled: true, isIceLite: false })
})

test('only what the server accepted is used', () => {
  expect(acceptPushAnswer(vp8, 'vp8')).toMatchObject({
    payloadType: 96,
    rtxPayloadType: 97,
    extensions: [
      { id: 1, uri: 'urn:ietf:params:rtp-hdrext:sdes:mid' },
      { id: 2, uri: 'http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time' },
    ],
  })
  const bare = vp8.replaceAll(/a=(?:rtpmap:97|fmtp:97|extmap).*\r\n/g, '').replace(' 97', '')
  expect(acceptPushAnswer(bare, 'vp8')).toMatchObject({ rtxPayloadType: undefined, extensions: [] })
  const other = vp8.replace('a=extmap:1 ', 'a=extmap:9 ').replace('a=extmap:2 ', 'a=extmap:8 ')
  expect(acceptPushAnswer(other, 'vp8').extensions).toEqual([])
})

test('payload types of the server are used for what it is sent', () => {
  const own = vp8.replaceAll(/\b96\b/g, '120').replaceAll(/\b97\b/g, '121')
  expect(acceptPushAnswer(own, 'vp8')).toMatchObject({ payloadType: 120, rtxPayloadType: 121 })
})

test('an ICE-lite server is recognised', () =>
  expect(acceptPushAnswer(vp8.replace('t=0 0', 't=0 0\r\na=ice-lite'), 'vp8').remote.isIceLite).toBe(true))

describe('an answer that cannot be used', () => {
  test.each<[string, string, string]>([
    ['without the codec', vp8.replace('VP8/', 'VP9/'), 'no-common-codec'],
    ['that rejects the section', vp8.replace('m=video 9', 'm=video 0'), 'no-common-codec'],
    ['without a section', vp8.slice(0, vp8.indexOf('m=video')), 'bad-answer'],
    ['with two sections', vp8 + vp8.slice(vp8.indexOf('m=video')), 'bad-answer'],
    ['with audio', vp8.replace('m=video', 'm=audio'), 'bad-answer'],
    ['that sends', vp8.replace('a=recvonly', 'a=sendonly'), 'bad-answer'],
    ['without a fingerprint', vp8.replace(/a=fingerprint.*\r\n/, ''), 'bad-answer'],
    ['with SHA-1', vp8.replace('sha-256', 'sha-1'), 'bad-answer'],
    ['without a password', vp8.replace(/a=ice-pwd.*\r\n/, ''), 'bad-answer'],
    ['on hold', vp8.replace('setup:passive', 'setup:holdconn'), 'bad-answer'],
    ['that is too long', vp8 + 'a=x\r\n'.repeat(20_000), 'answer-too-large'],
  ])('%s', (_what, answer, code) =>
    expect(() => acceptPushAnswer(answer, 'vp8')).toThrow(expect.objectContaining({ code })),
  )

  test('with H.264 in packetization mode 0', () =>
    expect(() => acceptPushAnswer(h264.replace('mode=1', 'mode=0'), 'h264')).toThrow(
      expect.objectContaining({ code: 'no-common-codec' }),
    ))
})

describe('of a camera with sound', () => {
  const offer = writePushOffer('vp8', local, true)
  const answer = answerTo(offer).replaceAll('a=sendonly', 'a=recvonly')
  const accept = (text: string) => acceptPushAnswer(text, 'vp8', true)

  test('the offer has an audio section in the bundle and the stream of the video', () => {
    const lines = offer.split('\r\n')
    expect(lines.filter((line) => line.startsWith('m='))).toEqual([
      'm=video 9 UDP/TLS/RTP/SAVPF 96 97',
      'm=audio 9 UDP/TLS/RTP/SAVPF 111',
    ])
    expect(lines).toEqual(
      expect.arrayContaining([
        'a=group:BUNDLE 0 1',
        'a=rtpmap:111 opus/48000/2',
        'a=msid:camera1 camera1-audio',
        'a=ssrc:9 cname:camera1',
      ]),
    )
    expect(lines.filter((line) => line === 'a=sendonly')).toHaveLength(2)
  })

  test('a server that accepts it gets it, by its own payload type', () => {
    expect(accept(answer)).toMatchObject({ payloadType: 96, audio: { payloadType: 111 } })
    expect(accept(answer.replaceAll(/\b111\b/g, '100')).audio).toMatchObject({ payloadType: 100 })
  })

  test.each([
    ['rejects its section', answer.replace('m=audio 9', 'm=audio 0')],
    ['has another codec', answer.replace('opus/48000/2', 'PCMU/8000')],
    ['does not bundle it', answer.replace('BUNDLE 0 1', 'BUNDLE 0')],
    ['leaves it out', answer.slice(0, answer.indexOf('m=audio'))],
    ['does not receive it', answer.replace(/(m=audio[^]*)a=recvonly/, '$1a=inactive')],
  ])('a server that %s gets the video', (_, text) => {
    expect(accept(text)).toMatchObject({ payloadType: 96, audio: undefined })
  })

  test('an answer with more sections is refused', () =>
    expect(() => accept(answer + answer.slice(answer.indexOf('m=audio')))).toThrow(
      'the sections of the offer',
    ))
})
