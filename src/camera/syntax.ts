/** Elements one after another, with the `!` between them that hands the picture on. */
export const link = (...elements: string[][]): string[] =>
  elements.flatMap((element, i) => (i === 0 ? element : ['!', ...element]))

/**
 * A property's value as gst-launch-1.0 reads it back: it joins its arguments to one text and parses that, so what is
 * not plain goes into double quotes with its quotes and backslashes escaped.
 */
export function gstValue(text: string): string {
  if (/^[\w./:@+-]+$/.test(text)) return text
  // eslint-disable-next-line no-control-regex -- control characters have no place in a name
  return `"${text.replaceAll(/[\u0000-\u001f]/g, ' ').replaceAll(/["\\]/g, '\\$&')}"`
}

/** A command as one line to paste into a shell, quoted only where the shell would read it otherwise. */
export function quoteCommand(file: string, args: readonly string[]): string {
  return [file, ...args].map(quoteForShell).join(' ')
}

// @NOTE "!" alone stays bare: shells expand it only before a word, and the line reads as the manuals write it.
const quoteForShell = (word: string): string =>
  /^[\w./:@%+,=-]+$/.test(word) || word === '!' ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`
