import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { accessWith, basic, PASSWORD, quickHash, TOKEN, USERNAME } from '../../test/support/access.js'
import { openRaw } from '../../test/support/raw-client.js'
import { digestFor, RtspTestClient, type RtspClientOptions } from '../../test/support/rtsp-client.js'
import { cameraFull, noSuchCamera, tooManyOffers } from '../errors.js'
import { bindableAddress, canBindIpv6 } from '../lib/bind-address.js'
import { silentLog } from '../log.js'
import { listenRtsp, type RtspListenerOptions } from './listener.js'
import type { ReaderOptions } from './reader-session.js'

const LIMITS = {
  maxHeaderBytes: 4096,
  headerTimeoutMs: 10_000,
  requestTimeoutMs: 30_000,
  messageBytesPerSecond: 65_536,
}

/** A camera that sends what a test sends, to any number of readers. */
function fakeCameras() {
  const readers: (ReaderOptions & { end: (reason: string) => void; dismissals: number })[] = []
  const cameras: RtspListenerOptions['cameras'] = {
    requireCamera: (camera) => {
      if (camera !== 'camera1') throw noSuchCamera(camera)
    },
    hasAudio: () => false,
    describe: async (camera) => {
      cameras.requireCamera(camera)
      return await Promise.resolve({ name: 'Door', codec: 'vp8', payloadType: 96, sps: [], pps: [] })
    },
    play: (options) => {
      let end: (reason: string) => void
      const ended = new Promise<string>((resolve) => (end = resolve))
      void options.lost.then(() => end('lost'))
      const reader = { ...options, end: end!, dismissals: 0 }
      readers.push(reader)
      const dismiss = async (): Promise<void> => {
        reader.dismissals++
        end('asked')
        await ended
      }
      return { firstTimestamp: 4242, firstAudioTimestamp: undefined, ended, dismiss }
    },
  }
  return { cameras, readers }
}

async function open(options: Partial<RtspListenerOptions> = {}) {
  const { cameras, readers } = fakeCameras()
  const released = vi.fn()
  const listener = await listenRtsp({
    port: 0,
    address: '127.0.0.1',
    access: accessWith(),
    cameras,
    limits: () => LIMITS,
    countSetup: () => {},
    countConnection: () => ({ [Symbol.dispose]: released }),
    log: silentLog,
    ...options,
  })
  onTestFinished(async () => await listener[Symbol.asyncDispose]())
  const client = async (path?: string, clientOptions?: RtspClientOptions): Promise<RtspTestClient> => {
    const opened = await RtspTestClient.open(listener.port, path, clientOptions)
    onTestFinished(async () => await opened[Symbol.asyncDispose]())
    return opened
  }
  return { listener, readers, released, client }
}

const rtpHeader = (sequence: number): Buffer => {
  const header = Buffer.alloc(12)
  header[0] = 0x80
  header.writeUInt16BE(sequence, 2)
  return header
}

describe('a reader', () => {
  test('asks for a description, a transport and packets, and leaves', async () => {
    const { client, readers } = await open()
    const reader = await client()
    const options = await reader.request('OPTIONS')
    expect(options.headers.get('public')![0]).toBe(
      'OPTIONS, DESCRIBE, SETUP, PLAY, PAUSE, TEARDOWN, GET_PARAMETER, SET_PARAMETER',
    )
    expect(options.headers.get('cseq')).toEqual(['1'])
    const described = await reader.request('DESCRIBE', { Accept: 'application/sdp' })
    expect(described.headers.get('content-base')).toEqual([`${reader.url}/`])
    expect(described.body).toContain('s=Door\r\n')
    const setUp = await reader.setUp()
    expect(setUp.headers.get('session')![0]).toMatch(/^[\da-f]{16};timeout=60$/)
    expect(setUp.headers.get('transport')![0]).toMatch(
      /^RTP\/AVP\/TCP;unicast;interleaved=0-1;ssrc=[\dA-F]{8};mode="PLAY"$/,
    )
    expect(readers).toEqual([])

    const played = await reader.play()
    const { sequence } = readers[0]!.numbers
    expect(played.headers.get('rtp-info')).toEqual([
      `url=${reader.url}/trackID=0;seq=${sequence};rtptime=4242`,
    ])
    await readers[0]!.ready
    const { output } = readers[0]!
    output.sendRtp(rtpHeader(7), Buffer.from('frame'))
    output.sendRtp(rtpHeader(8), Buffer.from('frame'))
    output.flush()
    output.sendRtcp(Buffer.from('report'))
    await vi.waitFor(() => expect(reader.rtcp).toEqual([Buffer.from('report')]))
    expect(reader.rtp.map((packet) => [packet.readUInt16BE(2), packet.subarray(12).toString()])).toEqual([
      [7, 'frame'],
      [8, 'frame'],
    ])

    const heard: string[] = []
    output.onRtcp = (compound) => void heard.push(compound.toString())
    reader.sendFrame(1, Buffer.from('receiver report'))
    reader.sendFrame(0, Buffer.from('RTP to a server'))
    expect((await reader.request('GET_PARAMETER', { Session: reader.session })).status).toBe(200)
    expect(heard).toEqual(['receiver report'])

    expect((await reader.request('TEARDOWN', { Session: reader.session })).status).toBe(200)
    expect(readers[0]!.dismissals).toBe(1)
    expect((await reader.request('PLAY', { Session: reader.session })).status).toBe(455)
  })

  test.each(['127.0.0.1', '::'])(
    'gets UDP from the address that it reached, to its own, at %s',
    async (address) => {
      const { client, readers } = await open({ address: bindableAddress(address, await canBindIpv6()) })
      const reader = await client()
      const wanted = await reader.udpTransport()
      const { headers } = await reader.setUp(`${wanted};destination=127.0.0.9`)
      const [, ports] = /server_port=(\d+-\d+)/.exec(headers.get('transport')![0]!)!
      const [rtp, rtcp] = ports!.split('-').map(Number) as [number, number]
      expect([rtp % 2, rtcp - rtp]).toEqual([0, 1])
      expect(headers.get('transport')![0]).not.toContain('destination')
      await reader.play()
      const { output } = readers[0]!
      output.sendRtp(rtpHeader(7), Buffer.from('frame'))
      output.sendRtcp(Buffer.from('report'))
      await vi.waitFor(() => expect([reader.rtp.length, reader.rtcp.length]).toEqual([1, 1]))
      expect(reader.rtp[0]!.subarray(12).toString()).toBe('frame')

      const heard: string[] = []
      output.onRtcp = (compound) => void heard.push(compound.toString())
      const heardBefore = output.lastHeardAtMs
      await reader.sendRtcpTo(rtcp, 'receiver report')
      await vi.waitFor(() => expect(heard).toEqual(['receiver report']))
      expect(output.lastHeardAtMs).toBeGreaterThan(heardBefore)
    },
  )

  test('that pauses gives its place back, and continues with the next number', async () => {
    const { client, readers } = await open()
    const reader = await client()
    await reader.setUp()
    await reader.play()
    readers[0]!.numbers.sequence = 1000
    expect((await reader.request('PAUSE', { Session: reader.session })).status).toBe(200)
    expect(readers[0]!.dismissals).toBe(1)
    expect((await reader.play()).headers.get('rtp-info')![0]).toContain(';seq=1000;')
    expect(readers[1]!.numbers.ssrc).toBe(readers[0]!.numbers.ssrc)
  })

  test('that changes from UDP to TCP gets another session', async () => {
    const { client, readers } = await open()
    const reader = await client()
    await reader.setUp(await reader.udpTransport())
    await reader.play()
    const first = reader.session
    await reader.setUp()
    expect(reader.session).not.toBe(first)
    expect(readers[0]!.dismissals).toBe(1)
    await reader.play()
    expect(readers[1]!.output.transport).toBe('tcp')
  })

  test('that loses its connection loses its place', async () => {
    const { client, readers, released } = await open()
    const reader = await client()
    await reader.setUp()
    await reader.play()
    reader.socket.destroy()
    await readers[0]!.lost
    await vi.waitFor(() => expect(released).toHaveBeenCalledOnce())
  })

  test('that the server ends is disconnected', async () => {
    const { client, readers } = await open()
    const reader = await client()
    await reader.setUp()
    await reader.play()
    readers[0]!.end('removed')
    await reader.closed
  })
})

describe('a request is rejected', () => {
  test.each<[string, string, Record<string, string>, string | undefined, number]>([
    ['an unknown camera', 'DESCRIBE', {}, '/camera9', 404],
    ['an unknown camera to set up', 'SETUP', { Transport: 'RTP/AVP/TCP;unicast' }, '/camera9', 404],
    ['no camera', 'DESCRIBE', {}, '/', 404],
    ['another format', 'DESCRIBE', { Accept: 'text/html' }, undefined, 406],
    ['multicast', 'SETUP', { Transport: 'RTP/AVP;multicast' }, undefined, 461],
    ['PLAY before SETUP', 'PLAY', {}, undefined, 455],
    ['RECORD', 'RECORD', {}, undefined, 405],
    ['an unknown method', 'MELT', {}, undefined, 501],
    ['an unknown option', 'OPTIONS', { Require: 'com.example' }, undefined, 551],
    ['a request without a number', 'OPTIONS', { CSeq: '' }, undefined, 400],
  ])('%s', async (_title, method, headers, path, status) => {
    const { client } = await open()
    expect((await (await client(path)).request(method, headers)).status).toBe(status)
  })

  test('of another session', async () => {
    const { client } = await open()
    const reader = await client()
    await reader.setUp()
    expect((await reader.request('PLAY', { Session: 'x' })).status).toBe(454)
    expect((await reader.request('GET_PARAMETER', { Session: 'x' })).status).toBe(454)
  })

  test('above the limit of viewers, with the sentence', async () => {
    const { cameras } = fakeCameras()
    const full = (): never => {
      throw cameraFull('camera1', 4)
    }
    const { client } = await open({ cameras: { ...cameras, play: full } })
    const reader = await client()
    await reader.setUp()
    const { status, headers, body } = await reader.play()
    expect([status, headers.get('retry-after')]).toEqual([503, ['5']])
    expect(body).toContain('camera1 has its maximum of 4 viewers')
  })

  test('above the limit of offers', async () => {
    const { client } = await open({
      countSetup: () => {
        throw tooManyOffers(2000)
      },
    })
    expect((await (await client()).setUp()).status).toBe(503)
  })
})

describe('with credentials', () => {
  const METHODS = [
    'DESCRIBE',
    'SETUP',
    'PLAY',
    'PAUSE',
    'TEARDOWN',
    'GET_PARAMETER',
    'SET_PARAMETER',
    'RECORD',
    'X',
  ]
  const transport = { Transport: 'RTP/AVP/TCP;unicast' }

  test.each(METHODS)('%s needs them, and an unknown camera looks like any other', async (method) => {
    const { client, readers } = await open({ access: accessWith({ password: PASSWORD, token: TOKEN }) })
    for (const path of ['/camera1', '/camera9']) {
      const { status, body } = await (await client(path)).request(method, transport)
      expect([status, body]).toEqual([401, ''])
    }
    expect(readers).toEqual([])
  })

  const clientFor = async (options: Parameters<typeof accessWith>[0], path?: string) =>
    await (await open({ access: accessWith(options) })).client(path)
  const challengesOf = async (reader: RtspTestClient): Promise<string[]> =>
    (await reader.request('DESCRIBE')).headers.get('www-authenticate')!

  test('Basic is accepted, once for the connection', async () => {
    const reader = await clientFor({ password: quickHash(PASSWORD), token: TOKEN })
    expect(await challengesOf(reader)).toEqual(['Basic realm="rpi-webrtc"'])
    expect((await reader.request('DESCRIBE', { Authorization: basic(USERNAME, 'wrong') })).status).toBe(401)
    expect((await reader.request('DESCRIBE', { Authorization: basic() })).status).toBe(200)
    expect((await reader.setUp()).status).toBe(200)
  })

  test.each([
    ['the user name "token"', undefined, basic('token', TOKEN)],
    ['a header', undefined, `Bearer ${TOKEN}`],
    ['the address', `/camera1?token=${TOKEN}`, undefined],
  ])('the token is accepted with %s', async (_title, path, authorization) => {
    const reader = await clientFor({ password: quickHash(PASSWORD), token: TOKEN }, path)
    const headers: Record<string, string> =
      authorization === undefined ? {} : { Authorization: authorization }
    expect((await reader.request('DESCRIBE', headers)).status).toBe(200)
  })

  test.each([
    ['SHA-256', USERNAME, PASSWORD, 200],
    ['MD5', USERNAME, PASSWORD, 200],
    ['MD5', 'token', TOKEN, 200],
    ['MD5', USERNAME, TOKEN, 401],
    ['SHA-256', USERNAME, 'wrong', 401],
    ['MD5', 'otto', PASSWORD, 401],
  ])('Digest with %s of %s', async (algorithm, username, password, status) => {
    const reader = await clientFor({ password: PASSWORD, token: TOKEN })
    const challenges = await challengesOf(reader)
    expect(challenges.map((one) => /algorithm=([\w-]+)/.exec(one)?.[1] ?? one)).toEqual([
      'SHA-256',
      'MD5',
      'Basic realm="rpi-webrtc"',
    ])
    const challenge = challenges.find((one) => one.includes(`algorithm=${algorithm}`))!
    const digest = (method: string) => digestFor(challenge, { method, uri: reader.url, username, password })
    // A response to another method proves nothing.
    expect((await reader.request('DESCRIBE', { Authorization: digest('SETUP') })).status).toBe(401)
    expect((await reader.request('DESCRIBE', { Authorization: digest('DESCRIBE') })).status).toBe(status)
  })

  test('a Digest of another connection is stale, and no wrong attempt', async () => {
    const { client } = await open({ access: accessWith({ password: PASSWORD }) })
    const [challenge] = await challengesOf(await client())
    const reader = await client()
    const about = { method: 'DESCRIBE', uri: reader.url, username: USERNAME, password: PASSWORD }
    for (let i = 0; i < 7; i++) {
      const { status, headers } = await reader.request('DESCRIBE', {
        Authorization: digestFor(challenge!, about),
      })
      expect([status, headers.get('www-authenticate')![0]]).toEqual([
        401,
        expect.stringContaining('stale=true'),
      ])
    }
    const own = (await challengesOf(await client()))[0]!
    expect((await reader.request('DESCRIBE', { Authorization: digestFor(own, about) })).status).toBe(401)
  })

  test('wrong attempts have to wait, together with those of HTTP', async () => {
    const access = accessWith({ password: PASSWORD, token: TOKEN, nowMs: () => 0 })
    const { client } = await open({ access })
    for (let i = 0; i < 5; i++)
      await access.signIn(
        { kind: 'token', token: `wrong ${i}` },
        { origin: undefined, host: undefined, address: '127.0.0.1' },
      )
    const { status, headers } = await (await client()).request('DESCRIBE', { Authorization: basic() })
    expect([status, headers.get('retry-after')]).toEqual([503, ['1']])
  })

  test('a connection that answers no challenge is closed', async () => {
    const reader = await clientFor({ password: PASSWORD })
    for (let i = 0; i < 9; i++) expect((await reader.request('DESCRIBE')).status).toBe(401)
    await reader.closed
  })
})

describe('a connection is closed', () => {
  const OPTIONS = 'OPTIONS * RTSP/1.0\r\nCSeq: 1\r\n\r\n'

  test('that floods requests', async () => {
    const { listener } = await open()
    const connection = await openRaw(listener.port)
    connection.send(OPTIONS.repeat(200))
    await connection.closed
    expect(connection.heard().match(/RTSP\/1\.0 200/g)!.length).toBeLessThanOrEqual(42)
    expect(connection.heard()).toMatch(/RTSP\/1\.0 503/)
  })

  test('that floods bytes', async () => {
    const { listener } = await open()
    const connection = await openRaw(listener.port)
    const frame = Buffer.concat([Buffer.from([0x24, 1, 0x07, 0x00]), Buffer.alloc(0x700)])
    connection.send(Buffer.concat(Array.from({ length: 1000 }, () => frame)))
    await connection.closed
  })

  test('that sends no RTSP', async () => {
    const { listener } = await open()
    const connection = await openRaw(listener.port)
    connection.send('GET /camera1/ HTTP/1.1\r\nHost: pi\r\n\r\nOPTIONS * RTSP/1.0\r\n\r\n')
    await connection.closed
    expect(connection.heard()).toMatch(/^RTSP\/1\.0 400 Bad Request\r\n[^]*this port speaks RTSP\/1\.0\n$/)
  })

  test('that sends half a request, or nothing', async () => {
    const limits = { ...LIMITS, headerTimeoutMs: 100, requestTimeoutMs: 200 }
    const { listener } = await open({ limits: () => limits })
    const [half, silent] = [await openRaw(listener.port), await openRaw(listener.port)]
    half.send('OPTIONS *')
    await Promise.all([half.closed, silent.closed])
  })

  test('above the limit of connections, at once', async () => {
    const { listener } = await open({ countConnection: () => new Error('too many') })
    await (
      await openRaw(listener.port)
    ).closed
  })

  test('when the server ends, and when all are disconnected', async () => {
    const { listener, client } = await open()
    const first = await client()
    await first.request('OPTIONS')
    listener.disconnectAll()
    await first.closed
    const second = await client()
    await second.request('OPTIONS')
    const retired = listener.retire()
    expect((await second.request('OPTIONS')).status).toBe(200)
    second.socket.destroy()
    await retired
  })
})
