import type { Random } from './random.js'

const NUMBERS = ['0', '-1', '65536', '4294967296', '1e309', '99999999999999999999', '', 'NaN', '0x10', '٣']
const LENGTHS = [0, 1, 2, 0x7f, 0x80, 0xff, 0x100, 0x7fff, 0x8000, 0xffff]

/** One change to the lines of a text, or to what stands in them. */
const LINE_CHANGES: ((lines: string[], at: number, random: Random) => void)[] = [
  (lines, at) => void lines.splice(at, 1),
  (lines, at) => void lines.splice(at, 0, lines[at]!),
  (lines, at, random) => {
    const other = random.below(lines.length)
    ;[lines[at], lines[other]] = [lines[other]!, lines[at]!]
  },
  (lines, at, random) => {
    const numbers = Array.from(lines[at]!.matchAll(/\d+/g))
    if (numbers.length === 0) return
    const { index, 0: number } = random.of(numbers)
    lines[at] = lines[at]!.slice(0, index) + random.of(NUMBERS) + lines[at]!.slice(index + number.length)
  },
  (lines, at, random) => (lines[at] = lines[at]! + 'x'.repeat(random.below(5000))),
  (lines, at, random) => (lines[at] = lines[at]!.slice(0, random.below(lines[at]!.length + 1))),
  (lines, at, random) => (lines[at] = lines[at]!.replace(/[:=]/, random.of(['', ' ', '::', '\0', '=']))),
  (lines, at, random) => void lines.splice(at, 0, ...Array<string>(random.below(200)).fill(lines[at]!)),
  (lines, at, random) =>
    (lines[at] = random.of(['', '[', '{}', '"""', 'm=video', 'a=', '\u2028', '🎥', '__proto__=1'])),
]

/** A text with one to four changes. */
export function mutateText(text: string, random: Random): string {
  const end = text.includes('\r\n') ? '\r\n' : '\n'
  const lines = text.split(end)
  for (let changes = 1 + random.below(4); changes > 0 && lines.length > 0; changes--)
    random.of(LINE_CHANGES)(lines, random.below(lines.length), random)
  return lines.join(random.happens(0.05) ? random.of(['\n', '\r', '\r\n\r\n', '']) : end)
}

/** A text in which one to three of its lines are repeated until it has so many bytes: what is quadratic takes its time. */
export function filledText(text: string, bytes: number, random: Random): string {
  const end = text.includes('\r\n') ? '\r\n' : '\n'
  const lines = text.split(end)
  const repeated = Array.from({ length: 1 + random.below(3) }, () => random.below(lines.length))
  const each = (bytes - Buffer.byteLength(text)) / repeated.length
  const times = (line: string): number =>
    Math.max(0, Math.floor(each / (Buffer.byteLength(line) + end.length)))
  return lines
    .flatMap((line, at) => (repeated.includes(at) ? Array<string>(1 + times(line)).fill(line) : [line]))
    .join(end)
}

/** Bytes with one to four changes: flipped bits, other lengths and values, cut, repeated, grown. */
export function mutateBytes(bytes: Buffer, random: Random): Buffer {
  let changed: Buffer = Buffer.from(bytes)
  for (let changes = 1 + random.below(4); changes > 0; changes--) changed = changeBytes(changed, random)
  return changed
}

function changeBytes(bytes: Buffer, random: Random): Buffer {
  const at = random.below(bytes.length + 1)
  switch (random.below(6)) {
    case 0:
      return bytes.subarray(0, at)
    case 1:
      return Buffer.concat([bytes, random.bytes(random.below(64))])
    case 2:
      return Buffer.concat([bytes.subarray(0, at), random.bytes(random.below(8)), bytes.subarray(at)])
    case 3:
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + random.below(16))])
    case 4:
      if (at + 2 <= bytes.length) bytes.writeUInt16BE(random.of(LENGTHS), at)
      return bytes
    default:
      if (at < bytes.length) bytes[at]! ^= 1 << random.below(8)
      return bytes
  }
}
