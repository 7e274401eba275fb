import { describe, expect, test } from 'vitest'
import {
  aiortc,
  bundleOnly,
  chrome,
  FINGERPRINT,
  firefox,
  go2rtc,
  noBundle,
  offers,
  safari,
  sessionLevel,
  webrtcbin,
} from '../../../test/support/viewer-offers.js'
import { seededRandom } from '../../../test/support/viewer-random.js'
import { AppError } from '../../errors.js'
import { acceptOffer, MAX_OFFER_BYTES } from './client-offer.js'

test.each([
  ['Chrome', 'h264', chrome, 106, 'profile-level-id=42e01f'],
  ['Chrome', 'vp8', chrome, 96, undefined],
  ['Firefox', 'h264', firefox, 126, 'profile-level-id=42e01f'],
  ['Firefox', 'vp8', firefox, 120, 'max-fs=12288;max-fr=60'],
  ['Safari', 'h264', safari, 98, 'profile-level-id=42e01f'],
  ['Safari', 'vp8', safari, 100, undefined],
  ['webrtcbin', 'h264', webrtcbin, 96, 'packetization-mode=1;profile-level-id=42e01f'],
  ['aiortc', 'h264', aiortc, 101, 'profile-level-id=42e01f'],
  ['aiortc', 'vp8', aiortc, 97, undefined],
  ['go2rtc', 'h264', go2rtc, 97, 'profile-level-id=42e01f'],
  ['go2rtc', 'vp8', go2rtc, 99, undefined],
  ['a bundle', 'h264', bundleOnly, 106, 'profile-level-id=42e01f'],
  ['a session', 'vp8', sessionLevel, 96, undefined],
  ['a client without a bundle', 'vp8', noBundle, 96, undefined],
] as const)(
  'of %s’s offer to a %s camera, the best payload type is taken',
  (_who, codec, offer, pt, fmtp) => {
    const accepted = acceptOffer(offer, codec)
    expect(accepted.payloadType).toBe(pt)
    if (fmtp === undefined) expect(accepted.fmtp).toBeUndefined()
    else expect(accepted.fmtp).toContain(fmtp)
  },
)

test('main and high profile are taken where there is no baseline, packetization mode 0 is not', () => {
  const onlyHigh = safari.replaceAll('42e01f', '42e01f;packetization-mode=0')
  expect(
    acceptOffer(safari.replaceAll('packetization-mode=1;profile-level-id=42e01f', 'x=1'), 'h264').payloadType,
  ).toBe(96)
  expect(acceptOffer(onlyHigh, 'h264').payloadType).toBe(98)
  const mode0 = safari.replaceAll('packetization-mode=1', 'packetization-mode=0')
  expect(refusal(mode0, 'h264')).toMatchObject({
    code: 'no-common-codec',
    message: expect.stringContaining('offer packetization-mode=1') as string,
  })
})

describe('H.264 without a packetization mode', () => {
  const withFmtp = (fmtp: string | undefined) =>
    webrtcbin.replace(/a=fmtp:96 .*\r\n/, fmtp === undefined ? '' : `a=fmtp:96 ${fmtp}\r\n`)

  test.each([
    ['no a=fmtp, as whepsrc', undefined, 'packetization-mode=1;profile-level-id=42e01f'],
    ['a profile only', 'profile-level-id=42e01f', 'packetization-mode=1;profile-level-id=42e01f'],
    ['unknown parameters', 'x-google-start-bitrate=800', 'packetization-mode=1;profile-level-id=42e01f'],
  ])('is accepted, and answered with mode 1: %s', (_what, fmtp, answered) =>
    expect(acceptOffer(withFmtp(fmtp), 'h264')).toMatchObject({ payloadType: 96, fmtp: answered }),
  )

  test('comes after every format with mode 1', () => {
    const both = chrome.replace(
      'a=rtpmap:106 H264/90000',
      'a=rtpmap:35 H264/90000\r\na=rtpmap:106 H264/90000',
    )
    expect(acceptOffer(both, 'h264').payloadType).toBe(106)
  })

  test('is rejected with a profile that no decoder of constrained baseline has', () =>
    expect(refusal(withFmtp('profile-level-id=f4001f'), 'h264').code).toBe('no-common-codec'))
})

test.each([
  'packetization-mode=1;profile-level-id=640028;sprop-parameter-sets=Z2QAKKzZQHgCJ+XARAAAAwAEAAADAPA8YMZY,aOvjyyLA',
  ' profile-level-id=64002A ; packetization-mode=1 ; max-fs=8160',
  'packetization-mode=1;packetization-mode=0;profile-level-id=4d0032',
])('the answer describes our H.264, not that of the client: %s', (fmtp) => {
  const offer = webrtcbin.replace(/a=fmtp:96 .*\r\n/, `a=fmtp:96 ${fmtp}\r\n`)
  expect(acceptOffer(offer, 'h264').fmtp).toBe('packetization-mode=1;profile-level-id=42e01f')
  const asymmetric = offer.replace(fmtp, `level-asymmetry-allowed=1;${fmtp}`)
  expect(acceptOffer(asymmetric, 'h264').fmtp).toBe(
    'level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f',
  )
})

test('the header extensions that we write are taken under the client’s numbers, once, and in the one-byte form only', () => {
  const playoutDelay = 'http://www.webrtc.org/experiments/rtp-hdrext/playout-delay'
  const captureTime = 'http://www.webrtc.org/experiments/rtp-hdrext/abs-capture-time'
  const offering = (...lines: string[]) =>
    acceptOffer(
      chrome.replace('a=mid:1\r\n', `a=mid:1\r\n${lines.map((line) => `a=extmap:${line}\r\n`).join('')}`),
      'vp8',
    ).extensions
  expect(offering()).toEqual([])
  expect(offering(`5 ${playoutDelay}`, `9 ${captureTime}`)).toEqual([
    { id: 5, uri: playoutDelay },
    { id: 9, uri: captureTime },
  ])
  expect(offering(`15 ${playoutDelay}`, `0 ${captureTime}`)).toEqual([])
  expect(offering(`5 ${playoutDelay}`, `6 ${playoutDelay}`, `5 ${captureTime}`)).toEqual([
    { id: 5, uri: playoutDelay },
  ])
  expect(offering(`5/sendonly ${playoutDelay}`, `6/recvonly ${captureTime}`)).toEqual([
    { id: 6, uri: captureTime },
  ])
})

test('feedback that both sides know is kept, also when it is offered for every payload type', () => {
  expect(acceptOffer(chrome, 'h264').feedback).toEqual(['nack', 'nack pli', 'ccm fir', 'goog-remb'])
  expect(acceptOffer(webrtcbin, 'h264').feedback).toEqual(['nack pli', 'ccm fir'])
  expect(acceptOffer(aiortc, 'h264').feedback).toEqual(['nack pli'])
  expect(acceptOffer(sessionLevel, 'vp8').feedback).toEqual([])
})

test('the transport is taken from the section, else from the session, else from the bundle', () => {
  const expected = { iceUfrag: '4ZcD', icePwd: '2/1muCWoOi3uLifh0NuRHlTw' }
  expect(acceptOffer(chrome, 'vp8')).toMatchObject(expected)
  expect(acceptOffer(sessionLevel, 'vp8')).toMatchObject(expected)
  expect(acceptOffer(bundleOnly, 'vp8')).toMatchObject(expected)
  expect(acceptOffer(firefox, 'vp8').fingerprint).toEqual({ algorithm: 'sha-256', value: FINGERPRINT })
})

test('a user fragment, a mid and a codec that look like numbers stay what they are', () => {
  expect(acceptOffer(firefox, 'vp8').iceUfrag).toBe('12345678')
  const odd = sessionLevel
    .replace('a=ice-ufrag:4ZcD', 'a=ice-ufrag:0012')
    .replace('a=recvonly', 'a=recvonly\r\na=mid:00\r\na=rtpmap:97 264/90000')
  expect(acceptOffer(odd, 'vp8').iceUfrag).toBe('0012')
  expect(acceptOffer(odd, 'vp8').sections[0]!.offered.mid).toBe('00')
  expect(refusal(odd, 'h264').message).toContain('264')
})

test('candidates that can be used are those with a number for an address, over UDP', () => {
  expect(acceptOffer(webrtcbin, 'h264').candidates.map(({ address, type }) => `${address} ${type}`)).toEqual([
    '192.168.1.20 host',
    '203.0.113.5 srflx',
  ])
  expect(acceptOffer(aiortc, 'vp8').candidates.length).toBe(1) // those of the section it shares the transport with
})

test.each([
  ['no video section', chrome.replace(/m=video[\s\S]*?(?=m=application)/, ''), 'no-video'],
  ['an inactive video section', firefox.replace('a=recvonly', 'a=inactive'), 'no-video'],
  ['a sendonly video section', firefox.replace('a=recvonly', 'a=sendonly'), 'no-video'],
  ['a rejected video section', firefox.replace('m=video 9', 'm=video 0'), 'no-video'],
  ['video without encryption', firefox.replace('UDP/TLS/RTP/SAVPF', 'RTP/AVP'), 'no-video'],
  ['no media at all', 'v=0\r\no=- 1 1 IN IP4 0\r\ns=-\r\nt=0 0\r\n', 'no-video'],
  ['setup:passive', safari.replace('setup:actpass', 'setup:passive'), 'bad-offer'],
  ['no fingerprint', firefox.replace(/a=fingerprint.*\r\n/, ''), 'bad-offer'],
  ['only a SHA-1 fingerprint', firefox.replace('sha-256', 'sha-1'), 'bad-offer'],
  ['half a fingerprint', firefox.replace(FINGERPRINT, FINGERPRINT.slice(0, 40)), 'bad-offer'],
  ['no ICE credentials', firefox.replace(/a=ice-pwd.*\r\n/, ''), 'bad-offer'],
  ['a short ICE password', firefox.replace(/a=ice-pwd.*/, 'a=ice-pwd:short'), 'bad-offer'],
  ['a user fragment with a colon', firefox.replace('a=ice-ufrag:12345678', 'a=ice-ufrag:a:bcd'), 'bad-offer'],
  ['nine sections', sessionLevel + sessionLevel.slice(sessionLevel.indexOf('m=')).repeat(8), 'bad-offer'],
  ['no SDP', '<html>', 'bad-offer'],
  ['nothing', '', 'bad-offer'],
  ['64 kB and more', firefox + 'a=x:y\r\n'.repeat(MAX_OFFER_BYTES / 7), 'offer-too-large'],
])('an offer with %s is refused by name', (_what, offer, code) => {
  expect(refusal(offer, 'vp8').code).toBe(code)
})

test('a camera whose codec was not offered says what was, without the helpers', () => {
  const refused = refusal(chrome.replaceAll(' H264/', ' H265/'), 'h264')
  expect(refused.code).toBe('no-common-codec')
  expect(refused.status).toBe(406)
  expect(refused.message).toBe(
    'the camera sends H.264 (constrained baseline, packetization mode 1), the browser can receive VP8, H265, VP9',
  )
})

test('the names in a refusal are few and short, whatever was offered', () => {
  const many = Array.from({ length: 128 }, (_, i) => `a=rtpmap:${i} ${'Q'.repeat(100)}${i}/90000\r\n`)
  const refused = refusal(sessionLevel.replace('a=rtpmap:96 VP8/90000\r\n', many.join('')), 'vp8')
  expect(refused.code).toBe('no-common-codec')
  expect(refused.message.length).toBeLessThan(300)
})

test('of 300 mutations of real offers, each is accepted or refused by name', () => {
  const random = seededRandom(42)
  const all = Object.values(offers)
  const outcomes = new Set<string>()
  for (let i = 0; i < 300; i++) {
    const offer = mutate(all[i % all.length]!, random)
    try {
      acceptOffer(offer, random() < 0.5 ? 'vp8' : 'h264')
      outcomes.add('accepted')
    } catch (error) {
      if (!(error instanceof AppError)) throw new Error(`not refused by name:\n${offer}`, { cause: error })
      outcomes.add(error.code)
    }
  }
  expect([...outcomes].sort()).toEqual(['accepted', 'bad-offer', 'no-common-codec', 'no-video'])
})

/** Lines dropped, doubled, swapped, cut, their numbers and letters changed. */
function mutate(offer: string, random: () => number): string {
  const lines = offer.split('\r\n')
  const any = (): number => Math.floor(random() * lines.length)
  for (let changes = 1 + Math.floor(random() * 8); changes > 0; changes--) {
    const at = any()
    const line = lines[at] ?? ''
    const cut = Math.floor(random() * line.length)
    const change = Math.floor(random() * 8)
    if (change === 0) lines.splice(at, 1)
    else if (change === 1) lines.splice(any(), 0, line)
    else if (change === 2) lines[at] = line.slice(0, cut)
    else if (change === 3) lines[at] = line.replace(/\d+/, String(Math.floor(random() * 1e12) - 1000))
    else if (change === 4) lines[at] = line.replace(/[a-z]+/i, '__proto__')
    else if (change === 5)
      lines[at] = line.slice(0, cut) + String.fromCodePoint(Math.floor(random() * 0xd000)) + line.slice(cut)
    else if (change === 6) lines[at] = line.replace(/:.*/, ':')
    else lines.push(...lines.splice(at, 1))
  }
  return lines.join('\r\n')
}

function refusal(offer: string, codec: 'vp8' | 'h264'): AppError {
  try {
    acceptOffer(offer, codec)
  } catch (error) {
    if (error instanceof AppError) return error
    throw error
  }
  throw new Error('the offer was accepted')
}

test('of sections with a transport each, the first one that is accepted lends its transport to the bundle', () => {
  const [session, audio, video] = aiortc.split(/^(?=m=)/m) as [string, string, string]
  const candidate = (port: number) => `a=candidate:1 1 udp 2130706431 192.168.1.30 ${port} typ host\r\n`
  const own = (section: string, ufrag: string, port: number) =>
    section.replace(/a=ice-ufrag:.*/, `a=ice-ufrag:${ufrag}`).replace(/a=candidate.*\r\n/g, '') +
    candidate(port)
  const offer = session + own(audio, 'audi', 4001) + own(video, 'vide', 4002)
  const ports = (text: string) => acceptOffer(text, 'vp8').candidates.map(({ port }) => port)
  expect(acceptOffer(offer, 'vp8').iceUfrag).toBe('audi')
  expect(ports(offer)).toEqual([4001])
  const alone = offer.replace(/BUNDLE.*/, 'LS 0 1')
  expect(acceptOffer(alone, 'vp8').iceUfrag).toBe('vide')
  expect(ports(alone)).toEqual([4002])
})
