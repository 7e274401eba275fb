import { filled, runs, type Shapes } from './shapes.js'

const START = '<turn:a>; rel="ice-server"; username="a"; credential="b"'

/** Of a `Link` header. */
export const links: Shapes = {
  ...runs,
  brackets: filled('<'),
  'empty links': filled('<>,'),
  'links of another relation': filled('<turn:a>;rel=x,'),
  'a long target': filled('a', '<turn:', `>${START.slice(8)}`),
  'a long parameter': filled('a', `${START}; x="`, '"'),
  'a quotation mark that does not end': filled('a', `${START}; x="`),
  'escapes without an end': filled('\\\\', `${START}; x="`),
  'quotation marks': filled('"', `${START}; x=`),
  parameters: filled(';a', START),
  semicolons: filled(' ;', START),
  'spaces after a link': filled(' ', START, 'x'),
  'spaces after a parameter': filled(' ', `${START}; x`, 'x'),
  'spaces after a relation': filled(' ', '<turn:a>; rel="', 'x"'),
}
