/** Where a camera's picture comes from: the value of `device`, parsed. */
export type Device =
  | { kind: 'libcamera'; name: string }
  | { kind: 'v4l2'; path: string }
  | { kind: 'test'; pattern: string }
  | { kind: 'rtp'; port: number }

/**
 * Parses a `device` value. What is neither a path, `test:` nor `rtp:` is taken for a libcamera name: only libcamera
 * knows which names exist, and a name that does not is a state of the camera, not an error of the file.
 * @throws Error with a sentence that says what would be right.
 */
export function parseDevice(text: string): Device {
  if (text.startsWith('test:')) return { kind: 'test', pattern: parsePattern(text.slice('test:'.length)) }
  if (text.startsWith('rtp:')) return { kind: 'rtp', port: parseRtpUrl(text) }
  if (text.startsWith('/dev/')) return { kind: 'v4l2', path: text }
  if (text.trim() === '')
    throw new Error('is empty: give a camera name, /dev/videoN, test:smpte or rtp://127.0.0.1:PORT')
  return { kind: 'libcamera', name: text }
}

function parsePattern(pattern: string): string {
  if (!/^[a-z][a-z0-9-]*$/.test(pattern)) {
    throw new Error(`"${pattern}" is not a videotestsrc pattern: write for example test:smpte or test:ball`)
  }
  return pattern
}

function parseRtpUrl(text: string): number {
  const match = /^rtp:\/\/(127(?:\.\d{1,3}){3}|localhost):(\d{1,5})$/.exec(text)
  const port = Number(match?.[2])
  if (match === null || port < 1 || port > 65535) {
    throw new Error('has to be rtp://127.0.0.1:PORT: RTP is taken from programs on this machine only')
  }
  return port
}
