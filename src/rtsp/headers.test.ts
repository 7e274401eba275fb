import { describe, expect, test } from 'vitest'
import { parseAddress } from './address.js'
import { isResponseOf, parseDigest } from './digest.js'
import { writeSdp } from './sdp.js'
import { parseTransport } from './transport-header.js'

describe('an address', () => {
  const base = 'rtsp://pi:8554/camera1/'
  test.each([
    ['rtsp://pi:8554/camera1', { camera: 'camera1', base, token: undefined }],
    ['rtsp://pi:8554/camera1/', { camera: 'camera1', base, token: undefined }],
    ['rtsp://pi:8554/camera1/trackID=0', { camera: 'camera1', base, track: 0, token: undefined }],
    ['rtsp://pi:8554/camera1/trackID=1', { camera: 'camera1', base, track: 1, token: undefined }],
    ['rtsp://anna:secret@pi:8554/camera1/', { camera: 'camera1', base, token: undefined }],
    ['rtsp://pi:8554/camera1?a=b&token=x-1', { camera: 'camera1', base, token: 'x-1' }],
    ['rtsp://pi:8554/camera1?token=x-1/trackID=1', { camera: 'camera1', base, track: 1, token: 'x-1' }],
    ['rtsp://pi:8554/camera1/trackID=2', undefined],
    ['RTSP://[fe80::1%25eth0]/c', { camera: 'c', base: 'rtsp://[fe80::1%25eth0]/c/', token: undefined }],
    ['/camera1', undefined],
    ['http://pi/camera1', undefined],
    ['rtsp://pi', undefined],
    ['rtsp://pi/', undefined],
    ['rtsp://pi/a/b', undefined],
    ['rtsp://pi/../etc', undefined],
    ['rtsp://p"i/camera1', undefined],
  ])('%s', (uri, expected) => expect(parseAddress(uri)).toEqual(expected))
})

describe('a transport', () => {
  test.each([
    ['RTP/AVP/TCP;unicast;interleaved=0-1', { kind: 'tcp', channels: [0, 1] }],
    ['RTP/AVP/TCP;interleaved=4-5;mode="PLAY"', { kind: 'tcp', channels: [4, 5] }],
    ['RTP/AVP/TCP', { kind: 'tcp', channels: [0, 1] }],
    ['RTP/AVP;unicast;client_port=5000-5001', { kind: 'udp', ports: [5000, 5001] }],
    ['rtp/avp/udp;unicast;client_port=5000', { kind: 'udp', ports: [5000, 5001] }],
    ['RTP/AVP;multicast;port=5000-5001,RTP/AVP/TCP;unicast', { kind: 'tcp', channels: [0, 1] }],
    // Packets go to the address of the connection.
    ['RTP/AVP;unicast;destination=10.9.9.9;client_port=5000-5001', { kind: 'udp', ports: [5000, 5001] }],
    ['RTP/AVP;unicast;client_port=1023-1024', undefined],
    ['RTP/AVP;unicast;client_port=65535', undefined],
    ['RTP/AVP;unicast;client_port=5000-5000', undefined],
    ['RTP/AVP;unicast', undefined],
    ['RTP/AVP/TCP;interleaved=255-256', undefined],
    ['RTP/AVP/TCP;interleaved=1-1', undefined],
    ['RTP/AVP/TCP;unicast;interleaved=0-1;mode=record', undefined],
    ['RTP/SAVP;unicast;client_port=5000-5001', undefined],
    ['', undefined],
  ])('%s', (header, expected) => expect(parseTransport(header)).toEqual(expected))
})

describe('Digest', () => {
  /** RFC 7616 section 3.9.1 */
  const header = (response: string): string =>
    `username="Mufasa", realm="http-auth@example.org", uri="/dir/index.html", nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", nc=00000001, cnonce="f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ", qop=auth, response="${response}", opaque="x"`
  test.each([
    ['MD5', '8ca523f5e9506fed4657c9700eebdbec'],
    ['SHA-256', '753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1'],
  ])('has the response of RFC 7616 with %s', (_algorithm, response) => {
    const digest = parseDigest(header(response))!
    const isRight = (method: string, password: string): boolean =>
      isResponseOf(digest, method, password, 'http-auth@example.org')
    expect(isRight('GET', 'Circle of Life')).toBe(true)
    expect([isRight('GET', 'Circle of life'), isRight('PUT', 'Circle of Life')]).toEqual([false, false])
  })

  test.each(['', 'username="a"', 'username="a', 'a='.repeat(5000), '"'.repeat(9000), 'a'.repeat(9000)])(
    'is rejected if it is incomplete: %#',
    (text) => expect(parseDigest(text)).toBeUndefined(),
  )

  test('a response of another length matches no password', () =>
    expect(isResponseOf(parseDigest(header('00'))!, 'GET', '')).toBe(false))
})

describe('a description', () => {
  const common = { name: 'Front\r\ndoor', payloadType: 96 }
  test('of H.264 has the parameter sets', () => {
    const [sps, pps] = [Buffer.from('6742c01e', 'hex'), Buffer.from('68ce', 'hex')]
    expect(
      writeSdp({ ...common, codec: 'h264', sps: [sps], pps: [pps] }, '192.168.1.5').split('\r\n'),
    ).toEqual([
      'v=0',
      'o=- 0 0 IN IP4 192.168.1.5',
      's=Front  door',
      'c=IN IP4 0.0.0.0',
      't=0 0',
      'a=control:*',
      'a=range:npt=now-',
      'm=video 0 RTP/AVP 96',
      'a=rtpmap:96 H264/90000',
      'a=fmtp:96 packetization-mode=1;profile-level-id=42C01E;sprop-parameter-sets=Z0LAHg==,aM4=',
      'a=control:trackID=0',
      '',
    ])
  })

  test('of H.264 without known parameter sets leaves them to the stream', () =>
    expect(writeSdp({ ...common, codec: 'h264', sps: [], pps: [] }, '::1')).toContain(
      'c=IN IP6 ::\r\nt=0 0\r\na=control:*\r\na=range:npt=now-\r\nm=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\na=fmtp:96 packetization-mode=1\r\n',
    ))

  test('of VP8 names the codec', () =>
    expect(writeSdp({ ...common, codec: 'vp8', sps: [], pps: [] }, '::1')).toContain(
      'a=rtpmap:96 VP8/90000\r\na=control',
    ))
})
