/** Makes a text of about so many bytes. */
export type Shape = (bytes: number) => string

export type Shapes = Readonly<Record<string, Shape>>

/** `unit` over and over, between `head` and `tail`; in all at most so many bytes, where those two leave room. */
export const filled =
  (unit: string | ((i: number) => string), head = '', tail = ''): Shape =>
  (bytes) => {
    const unitAt = typeof unit === 'string' ? () => unit : unit
    const parts = [head]
    let left = bytes - head.length - tail.length
    for (let i = 0, part = unitAt(0); part.length <= left; part = unitAt(++i)) {
      parts.push(part)
      left -= part.length
    }
    return parts.join('') + tail
  }

/** Two kinds of parts, half of the room for each: what compares one kind with the other shows here. */
export const halves =
  (first: string | ((i: number) => string), second: string | ((i: number) => string), head = ''): Shape =>
  (bytes) => {
    const half = (bytes - head.length) / 2
    return head + filled(first)(half) + filled(second)(half)
  }

/** One character, or few, without an end: what a pattern that tries again from every place stumbles over. */
export const runs: Shapes = {
  nothing: () => '',
  spaces: filled(' '),
  tabs: filled('\t'),
  colons: filled(':'),
  commas: filled(','),
  semicolons: filled(';'),
  equals: filled('='),
  quotes: filled('"'),
  slashes: filled('/'),
  backslashes: filled('\\'),
  dots: filled('.'),
  digits: filled('9'),
  zeros: filled('0'),
  letters: filled('a'),
  percents: filled('%'),
  'wrong percent escapes': filled('%zz%c3%28'),
  'letters and spaces': filled('a '),
  'a letter after spaces': filled(' ', 'a', 'a'),
  'spaces between two commas': filled(' ', ',', ','),
}

export const lineEnds: Shapes = {
  'line feeds': filled('\n'),
  'carriage returns': filled('\r'),
  'both line ends': filled('\r\n'),
  'other line ends': filled('\u2028m=\u2029'),
}
