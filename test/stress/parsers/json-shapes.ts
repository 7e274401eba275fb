import { filled, runs, type Shapes } from './shapes.js'

const asText = (shapes: Shapes, wrap: (json: string) => string): Shapes =>
  Object.fromEntries(
    Object.entries(shapes).map(([name, shape]) => [
      name,
      (bytes: number) => wrap(JSON.stringify(shape(bytes))),
    ]),
  )

const anything: Shapes = {
  ...runs,
  'open lists': filled('['),
  'open objects': filled('{"a":'),
  'keys of an object': (bytes) => `{${filled((i) => `"k${i}":1,`)(bytes)}"type":"request"}`,
  'one key over and over': (bytes) => `{${filled('"type":1,')(bytes)}"type":"request"}`,
  'escaped characters': filled('\\u0041', '{"a":"', '"}'),
  digits: filled('9', '{"a":', '}'),
}

/** What clients say on the WebSocket. */
export const messages: Shapes = {
  ...anything,
  ...asText(runs, (text) => `{"offer":{"type":"offer","sdp":${text}}}`),
  'a long candidate': filled('a', '{"iceCandidate":{"candidate":"', '"}}'),
  'keys of an offer': (bytes) => `{"offer":{${filled((i) => `"k${i}":1,`)(bytes)}"sdp":1}}`,
}

/** The bodies of camera-streamer. */
export const bodies: Shapes = {
  ...anything,
  'candidates that are none': filled('1,', '{"type":"remote_candidate","id":"x","candidates":[', '1]}'),
  'empty candidates': filled('{},', '{"type":"remote_candidate","id":"x","candidates":[', '{}]}'),
  candidates: filled(
    '{"candidate":""},',
    '{"type":"remote_candidate","id":"x","candidates":[',
    '{"candidate":""}]}',
  ),
  'lists of candidates': filled('[[],', '{"type":"remote_candidate","id":"x","candidates":[', ']}'),
}
