/** Elements one after another, with the `!` between them that hands the picture on. */
export const link = (...elements: string[][]): string[] =>
  elements.flatMap((element, i) => (i === 0 ? element : ['!', ...element]))

/**
 * A property's value as gst-launch-1.0 reads it back, whatever the text: control characters, which have no place in a
 * name, become spaces. Plain text stays as it is, and text without quotes and backslashes goes into double quotes.
 *
 * gst-launch-1.0 joins its arguments and takes the longest match for a quoted text, in which `\"` does not end it: a
 * backslash as the last character would swallow everything up to the next quote. Therefore the rest is written as
 * gst_value_deserialize() reads a text: in quotes, with octal escapes for the bytes of UTF-8. Those quotes and backslashes
 * are escaped once more, for gst-launch-1.0 itself.
 */
export function gstValue(text: string): string {
  const printable = text.replaceAll(/\p{Cc}/gu, ' ')
  // NULL without quotes is no text at all.
  if (/^[\w./:@+-]+$/.test(printable) && printable !== 'NULL') return printable
  if (!/["\\]|^NULL$/.test(printable)) return `"${printable}"`
  return String.raw`\"${Array.from(new TextEncoder().encode(printable), octal).join('')}\"`
}

const octal = (byte: number): string => {
  const character = String.fromCharCode(byte)
  return /\w/.test(character) ? character : String.raw`\\${byte.toString(8).padStart(3, '0')}`
}

/** A command as one line to paste into a shell, quoted only where the shell would read it otherwise. */
export function quoteCommand(file: string, args: readonly string[]): string {
  return [file, ...args].map(quoteForShell).join(' ')
}

// @NOTE "!" alone stays bare: shells expand it only before a word, and the line reads as the manuals write it.
const quoteForShell = (word: string): string =>
  /^[\w./:@%+,=-]+$/.test(word) || word === '!' ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`
