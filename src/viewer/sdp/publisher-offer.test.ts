import { expect, test } from 'vitest'
import { writeAnswer } from './answer.js'
import { acceptPublisherOffer } from './publisher-offer.js'

const transport = `a=ice-ufrag:abcd\r\na=ice-pwd:${'p'.repeat(22)}\r\na=fingerprint:sha-256 ${Array(32).fill('AB').join(':')}\r\na=setup:actpass\r\n`
const h264 = (type: number, fmtp: string): string =>
  `a=rtpmap:${type} H264/90000\r\na=fmtp:${type} ${fmtp}\r\na=rtcp-fb:${type} nack pli\r\n`
const audio = `m=audio 9 UDP/TLS/RTP/SAVPF 111\r\nc=IN IP4 0.0.0.0\r\na=mid:0\r\na=sendonly\r\na=rtcp-mux\r\n${transport}a=rtpmap:111 opus/48000/2\r\n`
const video = (direction = 'sendonly'): string =>
  `m=video 9 UDP/TLS/RTP/SAVPF 96 97 102 103\r\nc=IN IP4 0.0.0.0\r\na=mid:1\r\na=${direction}\r\na=rtcp-mux\r\n${transport}a=rtpmap:96 VP8/90000\r\na=rtcp-fb:96 nack\r\na=rtcp-fb:96 goog-remb\r\na=rtcp-fb:96 transport-cc\r\na=rtpmap:97 rtx/90000\r\na=fmtp:97 apt=96\r\n${h264(102, 'packetization-mode=1;profile-level-id=42e01f;level-asymmetry-allowed=1')}a=rtpmap:103 rtx/90000\r\na=fmtp:103 apt=102\r\na=ssrc:1 cname:x\r\n`
const offer = (...sections: string[]): string =>
  `v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0 1\r\n${sections.join('')}`

const local = {
  sessionId: '1',
  iceUfrag: 'server',
  icePwd: 'secret',
  fingerprint: 'AA:BB',
  ssrc: 0,
  rtxSsrc: 0,
  audioSsrc: 0,
  streamId: 'camera1',
  candidates: ['1 1 udp 1 192.0.2.1 8189 typ host'],
  mayTrickle: false,
}

test('of several codecs the one of the camera is chosen, with its retransmissions and without transport-cc', () => {
  const vp8 = acceptPublisherOffer(offer(audio, video()), 'vp8')
  expect(vp8).toMatchObject({ payloadType: 96, rtxPayloadType: 97, feedback: ['nack', 'goog-remb'] })
  expect(acceptPublisherOffer(offer(audio, video()), 'h264')).toMatchObject({
    payloadType: 102,
    rtxPayloadType: 103,
    feedback: ['nack pli'],
  })
})

test('the answer receives video, has no stream of its own, and leaves sound inactive', () => {
  const answer = writeAnswer(acceptPublisherOffer(offer(audio, video()), 'vp8'), local, 'recvonly')
  const [session, sound, picture] = answer.split('m=')
  expect(session).toContain('a=group:BUNDLE 0 1')
  expect(sound).toContain('audio 9')
  expect(sound).toContain('a=inactive')
  expect(picture).toContain('a=recvonly')
  expect(picture).toContain('a=setup:passive')
  expect(picture).toContain('a=fmtp:97 apt=96')
  expect(answer).not.toMatch(/a=(?:ssrc|msid:)/)
})

test('sendrecv is accepted; a section that only receives is not', () => {
  expect(acceptPublisherOffer(offer(video('sendrecv')), 'vp8').payloadType).toBe(96)
  expect(() => acceptPublisherOffer(offer(video('recvonly')), 'vp8')).toThrow(/no video section that sends/)
  expect(() => acceptPublisherOffer(offer(audio), 'vp8')).toThrow(/no video section that sends/)
})

test('a codec that is not offered is a sentence with both ways out', () => {
  const only = offer(video().replaceAll(/VP8/g, 'VP9'))
  expect(() => acceptPublisherOffer(only, 'vp8')).toThrow(
    /this camera takes VP8, and the publisher offers VP9, rtx, H264; choose VP8 there, or write codec = "h264"/,
  )
  expect(() => acceptPublisherOffer(only, 'vp8')).toThrow(expect.objectContaining({ status: 406 }) as Error)
})

test('a client may insist on being the DTLS server, but not on being nothing', () => {
  expect(acceptPublisherOffer(offer(video()).replaceAll('actpass', 'passive'), 'vp8').isDtlsServer).toBe(true)
  expect(() => acceptPublisherOffer(offer(video()).replaceAll('actpass', 'holdconn'), 'vp8')).toThrow(
    /a=setup:holdconn; it must be actpass or active or passive/,
  )
})

test.each(['', 'v=1', 'v=0\r\n', 'x'.repeat(70_000)])('no offer (%#) is taken for one', (text) =>
  expect(() => acceptPublisherOffer(text, 'vp8')).toThrow(),
)

const SETS = 'Z0LAHtkAoD2wFqDAwNSgAAADACAAAAeR4sXJ,aMuDyyA='
const setsOf = (parameter: string): number[] =>
  acceptPublisherOffer(
    offer(
      audio,
      video().replace(
        'packetization-mode=1;profile-level-id=42e01f',
        `packetization-mode=1;${parameter};profile-level-id=42e01f`,
      ),
    ),
    'h264',
  ).parameterSets.map((set) => set[0]! & 0x1f)

test.each([
  [`sprop-parameter-sets=${SETS}`, [7, 8]],
  [` sprop-parameter-sets=${SETS}`, [7, 8]],
  ['sprop-parameter-sets=', []],
  ['sprop-parameter-sets=Z0LAHtkAoD2w', []],
  ['sprop-parameter-sets=aMuDyyA=', []],
  [`sprop-parameter-sets=${SETS},ZYiE`, []],
  [`sprop-parameter-sets=${SETS}${',aMuDyyA='.repeat(7)}`, []],
  [`sprop-parameter-sets=${SETS},aA${'A'.repeat(1400)}`, []],
  ['sprop-parameter-sets=%%%', []],
  [`x-sprop-parameter-sets=${SETS}`, []],
])('of the parameter sets in %s are used: %j', (parameter, types) => {
  expect(setsOf(parameter)).toEqual(types)
})
