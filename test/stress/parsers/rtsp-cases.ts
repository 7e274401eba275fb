import { isResponseOf, parseDigest } from '../../../src/rtsp/digest.js'
import { MessageReader } from '../../../src/rtsp/message-reader.js'
import { filled, runs, type Shapes } from './shapes.js'

/** What RTSP parses of a client, with the shapes that could cost it most. */

/** In pieces of this size, as a slow client sends them. */
const PIECE_BYTES = 16

export function readMessages(text: string): number {
  const reader = new MessageReader(() => 128 * 1024)
  const bytes = Buffer.from(text, 'latin1')
  let messages = 0
  try {
    for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
      reader.push(bytes.subarray(at, at + PIECE_BYTES))
      while (reader.next() !== undefined) messages++
    }
  } catch {
    return -1
  }
  return messages
}

const START = 'OPTIONS * RTSP/1.0\r\n'
export const rtspMessages: Shapes = {
  ...runs,
  'one header': filled('a', `${START}A: `, '\r\n\r\n'),
  headers: filled('A: b\r\n', START, '\r\n'),
  'headers without an end': filled('A: b\r\n', START),
  'line ends': filled('\r\n', `${START}A: b`),
  'carriage returns': filled('\r', START),
  requests: filled(`${START}CSeq: 1\r\n\r\n`),
  frames: filled('$\u0001\u0000\u0002ab'),
  'empty frames': filled('$\u0001\u0000\u0000'),
  'a long address': filled('a', 'OPTIONS '),
  'spaces in a header': filled(' ', `${START}A:`, 'x\r\n\r\n'),
}

export const rtspAddresses: Shapes = {
  ...runs,
  'a long name': filled('a', 'rtsp://pi/'),
  'a long host': filled('a', 'rtsp://', '/camera1'),
  users: filled('a@', 'rtsp://', 'pi/camera1'),
  tracks: filled('/trackID=0', 'rtsp://pi/camera1'),
  parameters: filled('&token=', 'rtsp://pi/camera1?'),
  'a token of slashes': filled('/', 'rtsp://pi/camera1?token=', 'x'),
  'a token of tracks': filled('/trackID=0', 'rtsp://pi/camera1?token='),
}

export const transports: Shapes = {
  ...runs,
  alternatives: filled('RTP/AVP;multicast,', '', 'RTP/AVP/TCP'),
  parameters: filled(';a=b', 'RTP/AVP/TCP'),
  'a long range': filled('1', 'RTP/AVP;client_port='),
  spaces: filled(' ', 'RTP/AVP;', 'client_port=5000'),
  modes: filled('"', 'RTP/AVP;mode=', 'play'),
}

export const proveDigest = (text: string): boolean => {
  const digest = parseDigest(text)
  return digest !== undefined && isResponseOf(digest, 'DESCRIBE', 'secret')
}

const COMPLETE = `username="a", realm="r", nonce="n", uri="u", response="${'0'.repeat(32)}"`
export const digests: Shapes = {
  ...runs,
  parameters: filled('a=b, '),
  'names without a value': filled('a', '', '='),
  escapes: filled('\\"', 'username="'),
  'escapes with an end': filled('\\"', 'username="', '"'),
  'a complete one before others': filled(', a=b', COMPLETE),
  'a long answer': filled('0', 'username="a", nonce="n", uri="u", response="', '"'),
}
