import { parse } from 'sdp-transform'
import { expect, test } from 'vitest'
import { offers } from '../../../test/support/viewer-offers.js'
import { writeAnswer } from './answer.js'
import { acceptOffer } from './client-offer.js'

const local = {
  sessionId: '1',
  iceUfrag: 'ourUfrag',
  icePwd: 'ourPasswordOurPassword',
  fingerprint: Array.from({ length: 32 }, () => 'AB').join(':'),
  ssrc: 3_000_000_001,
  rtxSsrc: 3_000_000_002,
  audioSsrc: 3_000_000_003,
  streamId: 'camera1',
  candidates: [],
  mayTrickle: false,
}

const answerTo = (offer: string, hasAudio = true) => {
  const accepted = acceptOffer(offer, 'vp8', hasAudio)
  const text = writeAnswer(accepted, local)
  return {
    accepted,
    text,
    answer: parse(text),
    audio: parse(text).media.find(({ type }) => type === 'audio'),
  }
}
/** The offer with its audio section changed. */
const withAudio = (change: (section: string) => string): string =>
  offers.chrome
    .split(/^(?=m=)/m)
    .map((section) => (section.startsWith('m=audio') ? change(section) : section))
    .join('')

test('a browser gets Opus in a section of its own, in the bundle and the stream of the video', () => {
  const { answer, audio, accepted, text } = answerTo(offers.chrome)
  expect(audio).toMatchObject({ port: 9, direction: 'sendonly', payloads: 111 })
  expect(audio!.rtp).toMatchObject([{ payload: 111, codec: 'opus', rate: 48_000, encoding: 2 }])
  expect(text).toContain('a=msid:camera1 camera1-audio\r\na=ssrc:3000000003 cname:camera1\r\n')
  expect(text).toContain('a=msid:camera1 camera1-video\r\n')
  expect(answer.groups![0]!.mids.split(' ')).toContain(String(audio!.mid))
  expect(accepted.audio).toMatchObject({ payloadType: 111, feedback: [] })
  // The transport is that of the first section, whatever its kind.
  expect(answer.media.map(({ iceUfrag }) => iceUfrag)).toEqual(['ourUfrag', 'ourUfrag', undefined])
})

test('a camera without sound answers as before', () => {
  const { audio, accepted } = answerTo(offers.chrome, false)
  expect(audio!.direction).toBe('inactive')
  expect(accepted.audio).toBeUndefined()
})

test('retransmission is agreed on where the client asks for it', () => {
  const offer = withAudio((section) =>
    section.replace('a=rtpmap:111 ', 'a=rtcp-fb:111 nack\r\na=rtpmap:111 '),
  )
  expect(answerTo(offer).text).toContain('a=rtcp-fb:111 nack\r\n')
})

test.each([
  ['that only sends', (section: string) => section.replace(/a=(?:sendrecv|recvonly)/, 'a=sendonly')],
  [
    'without Opus',
    (section: string) => section.replace('a=rtpmap:111 opus/48000/2', 'a=rtpmap:111 foo/48000'),
  ],
  ['that is rejected', (section: string) => section.replace(/m=audio \d+/, 'm=audio 0')],
])('an audio section %s gets no sound', (_, change) => {
  const { accepted, audio } = answerTo(withAudio(change))
  expect(accepted.audio).toBeUndefined()
  expect(['inactive']).toContain(audio!.direction)
})

test('an audio section with a transport of its own is rejected: there is one for all', () => {
  const mid = /m=audio[^]*?a=mid:(\S+)/.exec(offers.chrome)![1]
  const offer = offers.chrome.replace(/a=group:BUNDLE [^\r\n]*/, (group) =>
    group
      .split(' ')
      .filter((word) => word !== mid)
      .join(' '),
  )
  const { accepted, audio } = answerTo(offer)
  expect(accepted.audio).toBeUndefined()
  expect(audio!.port).toBe(0)
})

test.each(
  Object.entries(offers).filter(([name, offer]) => name !== 'webrtcbin' && /m=audio[^]*opus/i.test(offer)),
)('the sound that %s gets leaves its video as it is', (_, offer) => {
  const video = (text: string) => text.split(/^(?=m=)/m).find((section) => section.startsWith('m=video'))
  expect(video(answerTo(offer).text)!.replace(/a=(?:candidate|end-of).*\r\n/g, '')).toBe(
    video(answerTo(offer, false).text)!.replace(/a=(?:candidate|end-of).*\r\n/g, ''),
  )
})
