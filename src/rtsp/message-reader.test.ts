import { describe, expect, test } from 'vitest'
import { MessageReader, type Message } from './message-reader.js'

const MAX_HEAD = 2048

function read(...chunks: (Buffer | string)[]): Message[] {
  const reader = new MessageReader(() => MAX_HEAD)
  const messages: Message[] = []
  for (const chunk of chunks) {
    reader.push(Buffer.from(chunk as string))
    for (let next = reader.next(); next !== undefined; next = reader.next())
      messages.push('frame' in next ? { frame: { ...next.frame, data: Buffer.from(next.frame.data) } } : next)
  }
  return messages
}

const frame = (channel: number, data: Buffer): Buffer =>
  Buffer.concat([Buffer.from([0x24, channel, data.length >>> 8, data.length & 0xff]), data])

const OPTIONS = 'OPTIONS rtsp://pi/camera1 RTSP/1.0\r\nCSeq: 1\r\nUser-Agent: x\r\n\r\n'

test('a request has a method, an address, headers and a number', () => {
  const [message] = read(OPTIONS)
  expect(message).toMatchObject({
    request: { method: 'OPTIONS', uri: 'rtsp://pi/camera1', sequence: '1', bodyBytes: 0 },
  })
  expect(message !== undefined && 'request' in message && [...message.request.headers]).toEqual([
    ['cseq', '1'],
    ['user-agent', 'x'],
  ])
})

test('requests, bodies and frames follow each other in any division of the bytes', () => {
  const all = Buffer.concat([
    Buffer.from('\r\n'),
    Buffer.from(OPTIONS),
    frame(1, Buffer.from('\r\n\r\nOPTIONS')),
    Buffer.from('SET_PARAMETER * RTSP/1.0\r\nCSeq: 2\r\nContent-Length: 5\r\n\r\na$b\r\n'),
    frame(3, Buffer.alloc(0)),
    Buffer.from('PLAY * RTSP/1.0\r\n\r\n'),
  ])
  const whole = read(all)
  expect(whole.map((one) => ('frame' in one ? one.frame.channel : one.request.method))).toEqual([
    'OPTIONS',
    1,
    'SET_PARAMETER',
    3,
    'PLAY',
  ])
  expect(whole[1]).toEqual({ frame: { channel: 1, data: Buffer.from('\r\n\r\nOPTIONS') } })
  for (const size of [1, 2, 3, 7, 50]) {
    const chunks = Array.from({ length: Math.ceil(all.length / size) }, (_, i) =>
      all.subarray(i * size, (i + 1) * size),
    )
    expect(read(...chunks)).toEqual(whole)
  }
})

test('a message that has begun is known', () => {
  const reader = new MessageReader(() => MAX_HEAD)
  expect(reader.isWithinMessage).toBe(false)
  reader.push(Buffer.from('OPT'))
  expect([reader.next(), reader.isWithinMessage]).toEqual([undefined, true])
  reader.push(Buffer.from('IONS * RTSP/1.0\r\n\r\n'))
  expect([reader.next() !== undefined, reader.isWithinMessage]).toEqual([true, false])
})

describe('what is not RTSP is rejected', () => {
  test.each<[string, Buffer | string, number]>([
    ['a request of a browser', 'POST /camera1 HTTP/1.1\r\nHost: pi\r\n\r\n', 400],
    ['TLS', Buffer.from('160301020001', 'hex'), 400],
    ['lower case', 'options * RTSP/1.0\r\n\r\n', 400],
    ['a response', 'RTSP/1.0 200 OK\r\n\r\n', 400],
    ['another version', 'OPTIONS * RTSP/2.0\r\n\r\n', 505],
    ['a header without a name', 'OPTIONS * RTSP/1.0\r\n: 1\r\n\r\n', 400],
    ['a folded header', 'OPTIONS * RTSP/1.0\r\nA: 1\r\n b\r\n\r\n', 400],
    ['65 headers', `OPTIONS * RTSP/1.0\r\n${'A: 1\r\n'.repeat(65)}\r\n`, 400],
    ['a long address', `OPTIONS ${'a'.repeat(2049)} RTSP/1.0\r\n\r\n`, 413],
    ['long headers', `OPTIONS * RTSP/1.0\r\nA: ${'a'.repeat(MAX_HEAD)}\r\n\r\n`, 413],
    ['long headers without an end', `OPTIONS * RTSP/1.0\r\nA: ${'a'.repeat(MAX_HEAD)}`, 413],
    ['a long body', 'OPTIONS * RTSP/1.0\r\nContent-Length: 4097\r\n\r\n', 413],
    ['a body of a wrong length', 'OPTIONS * RTSP/1.0\r\nContent-Length: -1\r\n\r\n', 400],
    ['a long frame', Buffer.from([0x24, 0, 0x08, 0x01]), 413],
  ])('%s', (_title, bytes, status) =>
    expect(() => read(bytes)).toThrow(expect.objectContaining({ name: 'RtspError', status }) as Error),
  )
})
