export const link = (...elements: string[][]): string[] =>
  elements.flatMap((element, i) => (i === 0 ? element : ['!', ...element]))

/**
 * Quotes a property value for gst-launch-1.0. Control characters become spaces.
 *
 * gst-launch-1.0 joins its arguments and matches quoted text greedily, where `\"` does not end it: a final backslash would
 * swallow everything up to the next quote. Such text is written for gst_value_deserialize(): in quotes, with octal
 * escapes for UTF-8 bytes. Those quotes and backslashes are escaped again for gst-launch-1.0.
 */
export function gstValue(text: string): string {
  const printable = text.replaceAll(/\p{Cc}/gu, ' ')
  // Bare NULL is not a string.
  if (/^[\w./:@+-]+$/.test(printable) && printable !== 'NULL') return printable
  if (!/["\\]|^NULL$/.test(printable)) return `"${printable}"`
  return String.raw`\"${Array.from(new TextEncoder().encode(printable), octal).join('')}\"`
}

const octal = (byte: number): string => {
  const character = String.fromCharCode(byte)
  return /\w/.test(character) ? character : String.raw`\\${byte.toString(8).padStart(3, '0')}`
}

export function quoteCommand(file: string, args: readonly string[]): string {
  return [file, ...args].map(quoteForShell).join(' ')
}

// @NOTE "!" alone stays bare: shells expand it only before a word.
const quoteForShell = (word: string): string =>
  /^[\w./:@%+,=-]+$/.test(word) || word === '!' ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`
