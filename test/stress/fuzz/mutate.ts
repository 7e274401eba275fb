import type { Chance } from './random.js'

const NUMBERS = ['0', '-1', '65536', '4294967296', '1e309', '99999999999999999999', '', 'NaN', '0x10', '٣']
const LENGTHS = [0, 1, 2, 0x7f, 0x80, 0xff, 0x100, 0x7fff, 0x8000, 0xffff]

/** One change to the lines of a text, or to what stands in them. */
const LINE_CHANGES: ((lines: string[], at: number, chance: Chance) => void)[] = [
  (lines, at) => void lines.splice(at, 1),
  (lines, at) => void lines.splice(at, 0, lines[at]!),
  (lines, at, chance) => {
    const other = chance.below(lines.length)
    ;[lines[at], lines[other]] = [lines[other]!, lines[at]!]
  },
  (lines, at, chance) => {
    const numbers = Array.from(lines[at]!.matchAll(/\d+/g))
    if (numbers.length === 0) return
    const { index, 0: number } = chance.of(numbers)
    lines[at] = lines[at]!.slice(0, index) + chance.of(NUMBERS) + lines[at]!.slice(index + number.length)
  },
  (lines, at, chance) => (lines[at] = lines[at]! + 'x'.repeat(chance.below(5000))),
  (lines, at, chance) => (lines[at] = lines[at]!.slice(0, chance.below(lines[at]!.length + 1))),
  (lines, at, chance) => (lines[at] = lines[at]!.replace(/[:=]/, chance.of(['', ' ', '::', '\0', '=']))),
  (lines, at, chance) => void lines.splice(at, 0, ...Array<string>(chance.below(200)).fill(lines[at]!)),
  (lines, at, chance) =>
    (lines[at] = chance.of(['', '[', '{}', '"""', 'm=video', 'a=', '\u2028', '🎥', '__proto__=1'])),
]

/** A text with one to four changes. */
export function mutateText(text: string, chance: Chance): string {
  const end = text.includes('\r\n') ? '\r\n' : '\n'
  const lines = text.split(end)
  for (let changes = 1 + chance.below(4); changes > 0 && lines.length > 0; changes--)
    chance.of(LINE_CHANGES)(lines, chance.below(lines.length), chance)
  return lines.join(chance.happens(0.05) ? chance.of(['\n', '\r', '\r\n\r\n', '']) : end)
}

/** A text in which one to three of its lines are repeated until it has so many bytes: what is quadratic takes its time. */
export function filledText(text: string, bytes: number, chance: Chance): string {
  const end = text.includes('\r\n') ? '\r\n' : '\n'
  const lines = text.split(end)
  const repeated = Array.from({ length: 1 + chance.below(3) }, () => chance.below(lines.length))
  const each = (bytes - Buffer.byteLength(text)) / repeated.length
  const times = (line: string): number =>
    Math.max(0, Math.floor(each / (Buffer.byteLength(line) + end.length)))
  return lines
    .flatMap((line, at) => (repeated.includes(at) ? Array<string>(1 + times(line)).fill(line) : [line]))
    .join(end)
}

/** Bytes with one to four changes: flipped bits, other lengths and values, cut, repeated, grown. */
export function mutateBytes(bytes: Buffer, chance: Chance): Buffer {
  let changed: Buffer = Buffer.from(bytes)
  for (let changes = 1 + chance.below(4); changes > 0; changes--) changed = changeBytes(changed, chance)
  return changed
}

function changeBytes(bytes: Buffer, chance: Chance): Buffer {
  const at = chance.below(bytes.length + 1)
  switch (chance.below(6)) {
    case 0:
      return bytes.subarray(0, at)
    case 1:
      return Buffer.concat([bytes, chance.bytes(chance.below(64))])
    case 2:
      return Buffer.concat([bytes.subarray(0, at), chance.bytes(chance.below(8)), bytes.subarray(at)])
    case 3:
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + chance.below(16))])
    case 4:
      if (at + 2 <= bytes.length) bytes.writeUInt16BE(chance.of(LENGTHS), at)
      return bytes
    default:
      if (at < bytes.length) bytes[at]! ^= 1 << chance.below(8)
      return bytes
  }
}
