import { expect, test } from 'vitest'
import { defaultConfig } from '../config/parse.js'
import { parseClientMessage } from './websocket-messages.js'

test('an offer is read, with its type and without', () => {
  expect(parseClientMessage('{"offer":{"type":"offer","sdp":"v=0"}}')).toEqual({ type: 'offer', sdp: 'v=0' })
  expect(parseClientMessage('{"offer":{"sdp":"v=0"}}')).toEqual({ type: 'offer', sdp: 'v=0' })
})

test('a candidate is read, whatever else a browser puts beside it', () =>
  expect(
    parseClientMessage(
      '{"iceCandidate":{"candidate":"candidate:1 1 udp 1 ::1 9 typ host","sdpMid":null,"sdpMLineIndex":0,"usernameFragment":"x"}}',
    ),
  ).toEqual({ type: 'candidate', candidate: 'candidate:1 1 udp 1 ::1 9 typ host' }))

test.each(['{"iceCandidate":null}', '{"iceCandidate":{"candidate":""}}'])(
  'the end of candidates is an empty candidate: %s',
  (text) => expect(parseClientMessage(text)).toEqual({ type: 'candidate', candidate: '' }),
)

test('a question for the time is read, to parts of a millisecond', () =>
  expect(parseClientMessage('{"time":{"clientMs":1234.5}}')).toEqual({ type: 'time', clientMs: 1234.5 }))

const example =
  'a message has to be {"offer":{"type":"offer","sdp":"..."}}, {"iceCandidate":{"candidate":"..."}}, {"time":{"clientMs":0}}, {"quality":"low"}, {"sound":true} or {"mse":{}}'

test.each([
  ['', 'the message is not JSON'],
  ['{', 'the message is not JSON'],
  ['\u0000\ufffd', 'the message is not JSON'],
  ['null', 'the message has to be a JSON object'],
  ['[]', 'the message has to be a JSON object'],
  ['"offer"', 'the message has to be a JSON object'],
  ['1e999', 'the message has to be a JSON object'],
  ['{}', example],
  ['{"answer":{"sdp":"v=0"}}', example],
  ['{"__proto__":{"offer":{"sdp":"v=0"}}}', example],
  ['{"offer":null}', 'offer has to be an object with the sdp'],
  ['{"offer":"v=0"}', 'offer has to be an object with the sdp'],
  ['{"offer":{}}', 'offer has to be an object with the sdp'],
  ['{"offer":{"sdp":7}}', 'offer.sdp has to be a string'],
  ['{"offer":{"type":"answer","sdp":"v=0"}}', 'offer.type has to be "offer"'],
  ['{"iceCandidate":"candidate:1"}', 'iceCandidate has to be an object with the candidate, or null'],
  ['{"iceCandidate":{}}', 'iceCandidate has to be an object with the candidate, or null'],
  ['{"iceCandidate":{"candidate":{}}}', 'iceCandidate.candidate has to be a string'],
  ['{"time":7}', 'time has to be an object with clientMs'],
  ['{"time":{}}', 'time has to be an object with clientMs'],
  ['{"time":{"clientMs":"7"}}', 'time.clientMs has to be a number of milliseconds'],
  ['{"time":{"clientMs":1e999}}', 'time.clientMs has to be a number of milliseconds'],
])('%j is rejected with a sentence that names the problem', (text, sentence) =>
  expect(() => parseClientMessage(text)).toThrow(new Error(sentence)),
)

test('what is nested too deep is refused before it is parsed', () =>
  expect(() => parseClientMessage(`{"offer":${'['.repeat(100_000)}`)).toThrow(
    'the message is nested deeper than 16 levels',
  ))

test('what is too long is refused, and an offer of full length with every line end escaped still fits', () => {
  const offer = (chars: number) => JSON.stringify({ offer: { sdp: 'a=b\r\n'.repeat(chars).slice(0, chars) } })
  expect(parseClientMessage(offer(65_536))).toMatchObject({ type: 'offer' })
  expect(Buffer.byteLength(offer(65_536))).toBeLessThan(defaultConfig().limits.maxMessageBytes)
  expect(() => parseClientMessage(offer(65_537))).toThrow('offer.sdp has to be at most 65536 characters')
  expect(() => parseClientMessage(JSON.stringify({ iceCandidate: { candidate: 'x'.repeat(2049) } }))).toThrow(
    'iceCandidate.candidate has to be at most 2048 characters',
  )
})
