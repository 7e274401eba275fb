import { parse } from 'sdp-transform'
import { expect, test } from 'vitest'
import { offers } from '../../../test/support/viewer-offers.js'
import { transportSection, writeAnswer } from './answer.js'
import { candidateLines, reflexiveCandidateLines } from './candidate.js'
import { acceptOffer } from './client-offer.js'

const local = {
  sessionId: '12345',
  iceUfrag: 'ourUfrag',
  icePwd: 'ourPasswordOurPassword',
  fingerprint: Array.from({ length: 32 }, () => 'AB').join(':'),
  ssrc: 3_000_000_001,
  rtxSsrc: 3_000_000_002,
  audioSsrc: 3_000_000_003,
  streamId: 'camera1',
  candidates: candidateLines([{ address: '192.168.1.5' }, { address: '127.0.0.1' }], 8889),
  mayTrickle: false,
}

const answerTo = (offer: string, codec: 'vp8' | 'h264' = 'vp8') => {
  const accepted = acceptOffer(offer, codec)
  const text = writeAnswer(accepted, local)
  return { accepted, text, answer: parse(text), offered: parse(offer) }
}
type Media = ReturnType<typeof parse>['media'][number]

test.each(Object.entries(offers).filter(([name]) => name !== 'webrtcbin'))(
  'the answer to %s repeats every section in order, and sends on the video only',
  (_name, offer) => {
    const { answer, offered, text } = answerTo(offer)
    const shape = (media: Media) => [media.type, media.protocol, media.mid]
    expect(answer.media.map(shape)).toEqual(offered.media.map(shape))
    expect(answer.media.map(({ direction }) => direction)).toEqual(
      offered.media.map(({ type }) => (type === 'video' ? 'sendonly' : 'inactive')),
    )
    expect(text.match(/a=msid:/g)!.length).toBe(1)
    const hasRtx = text.includes(' rtx/90000')
    expect(text.match(/a=ssrc:/g)!.length).toBe(hasRtx ? 2 : 1)
    expect(text.includes('a=ssrc-group:FID 3000000001 3000000002')).toBe(hasRtx)
    expect(text.split('\r\n').every((line) => /^[a-z]=\S/.test(line) || line === '')).toBe(true)
  },
)

test.each(Object.entries(offers))(
  'the bundle in the answer to %s holds what was accepted of it',
  (_name, offer) => {
    const { answer } = answerTo(offer, offer === offers.webrtcbin ? 'h264' : 'vp8')
    const bundled = answer.groups?.[0]?.mids
    if (!offer.includes('BUNDLE')) {
      expect(bundled).toBeUndefined()
      return
    }
    const accepted = answer.media.filter(({ port }) => port !== 0).map(({ mid }) => String(mid))
    expect(String(bundled)).toBe(accepted.join(' '))
  },
)

test('the answer to Chrome holds one codec with its retransmissions, and one transport', () => {
  const { answer, text } = answerTo(offers.chrome, 'h264')
  const [audio, video, data] = answer.media
  expect(String(video!.payloads)).toBe('106 107')
  expect(video!.rtp).toEqual([
    { payload: 106, codec: 'H264', rate: 90_000 },
    { payload: 107, codec: 'rtx', rate: 90_000 },
  ])
  expect(video!.fmtp).toEqual([
    { payload: 106, config: 'level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f' },
    { payload: 107, config: 'apt=106' },
  ])
  expect(video!.rtcpFb!.map(({ type, subtype }) => [type, subtype].filter(Boolean).join(' '))).toEqual([
    'nack',
    'nack pli',
    'ccm fir',
    'goog-remb',
  ])
  expect(video!.ext).toBeUndefined()
  expect(video!.setup).toBe('passive')
  expect(video!.msid).toBeDefined()
  expect([audio!.port, video!.port, data!.port]).toEqual([9, 9, 0])
  expect(audio!.candidates!.map(({ ip, port, type }) => `${ip} ${port} ${type}`)).toEqual([
    '192.168.1.5 8889 host',
    '127.0.0.1 8889 host',
  ])
  expect(text).toContain('a=end-of-candidates\r\n')
  expect(transportSection(acceptOffer(offers.chrome, 'h264'))).toEqual({ sdpMid: '0', sdpMLineIndex: 0 })
})

test('a header extension is answered with the number that the client gave it', () => {
  const extension = 'extmap:7 http://www.webrtc.org/experiments/rtp-hdrext/playout-delay'
  const { answer } = answerTo(offers.chrome.replace('a=mid:1\r\n', `a=mid:1\r\na=${extension}\r\n`))
  expect(answer.media.map(({ ext }) => ext?.map(({ value }) => value))).toEqual([undefined, [7], undefined])
})

test('without a bundle the video has the transport to itself', () => {
  const { answer, accepted } = answerTo(offers.noBundle)
  expect(answer.media.map(({ port }) => port)).toEqual([0, 9, 0])
  expect(answer.media[1]!.candidates!.length).toBe(2)
  expect(transportSection(accepted)).toEqual({ sdpMid: '1', sdpMLineIndex: 1 })
})

test.each([
  [
    'after the video',
    (session: string, audio: string, video: string, data: string) => session + audio + video + data,
  ],
  [
    'before the video',
    (session: string, audio: string, video: string, data: string) => session + data + audio + video,
  ],
])('a data channel that is offered %s is rejected and leaves the bundle', (_where, order) => {
  const [session, audio, video, data] = offers.chrome.split(/^(?=m=)/m) as [string, string, string, string]
  const { answer, accepted } = answerTo(order(session, audio, video, data))
  const at = answer.media.findIndex(({ type }) => type === 'application')
  expect(answer.media[at]).toMatchObject({
    port: 0,
    protocol: 'UDP/DTLS/SCTP',
    payloads: 'webrtc-datachannel',
    mid: 2,
  })
  expect(answer.media[at]).not.toHaveProperty('iceUfrag')
  expect(answer.media[at]).not.toHaveProperty('sctpPort')
  expect(answer.groups).toEqual([{ type: 'BUNDLE', mids: '0 1' }])
  const withCandidates = answer.media.flatMap(({ mid, candidates }) => (candidates ? [mid] : []))
  expect(withCandidates).toEqual([0])
  expect(transportSection(accepted).sdpMid).toBe('0')
})

test('a data channel that is the only other section of the bundle leaves it to the video', () => {
  const offer = offers.chrome.replace(/m=audio[\s\S]*?(?=m=video)/, '').replace('BUNDLE 0 1 2', 'BUNDLE 2 1')
  const [session, video, data] = offer.split(/^(?=m=)/m) as [string, string, string]
  const { answer, accepted } = answerTo(session + data + video)
  expect(answer.media.map(({ port }) => port)).toEqual([0, 9])
  expect(answer.groups).toEqual([{ type: 'BUNDLE', mids: 1 }])
  expect(answer.media[1]!.candidates).toHaveLength(2)
  expect(transportSection(accepted)).toEqual({ sdpMid: '1', sdpMLineIndex: 1 })
})

test('a client that names no mid gets none', () => {
  const { answer, accepted } = answerTo(offers.sessionLevel)
  expect(answer.media[0]!.mid).toBeUndefined()
  expect(transportSection(accepted)).toEqual({ sdpMid: null, sdpMLineIndex: 0 })
})

test('reduced-size RTCP is agreed to only where it was offered', () => {
  expect(answerTo(offers.chrome).text).toContain('a=rtcp-rsize')
  expect(answerTo(offers.aiortc).text).not.toContain('a=rtcp-rsize')
})

test('an answer whose candidates may be followed by others does not end them', () => {
  const [, offer] = Object.entries(offers)[0]!
  const mapped = [{ address: '203.0.113.7', port: 40_000 }]
  const candidates = [
    ...local.candidates,
    ...reflexiveCandidateLines(mapped, [{ address: '192.168.1.5' }], 8889),
  ]
  const text = writeAnswer(acceptOffer(offer, 'vp8'), { ...local, candidates, mayTrickle: true })
  expect(text).toContain(
    'a=candidate:srflx4 1 udp 1694498815 203.0.113.7 40000 typ srflx raddr 192.168.1.5 rport 8889\r\n',
  )
  expect(text).not.toContain('a=end-of-candidates')
})
