import * as v from 'valibot'
import * as values from './values.js'

/** What the value of a key may be: how the file is checked, and what the documentation says. */
export interface Kind<In, Out, Unit extends 'seconds' | undefined = undefined> {
  schema: v.GenericSchema<In, Out>
  /** For the column "type and range" of docs/configuration.md. */
  type: string
  /** Seconds in the file are milliseconds in the program. */
  unit: Unit
  /** Messages never show the value. */
  isSecret: boolean
  /** How a form asks for it. */
  input: Input
}

/** What a form offers for a value; the schema still decides. */
export type Input =
  | { type: 'integer'; min: number; max: number; step: number }
  | { type: 'choice'; choices: readonly string[] }
  | { type: 'boolean' }
  | { type: 'text' }
  /** A number where the text is one. */
  | { type: 'number-or-text' }

const TEXT: Input = { type: 'text' }

const kind = <In, Out>(
  schema: v.GenericSchema<In, Out>,
  type: string,
  input: Input = TEXT,
): Kind<In, Out> => ({
  schema,
  type,
  unit: undefined,
  isSecret: false,
  input,
})

type TooSmall = (value: number) => string
/** About a value that is not a number. */
type AboutText = (value: unknown) => string | undefined

/** Messages are the second half of a sentence that begins with the value: `33` + `is odd: write 32`. */
const whole = (min: number, max: number, unit: string, tooSmall?: TooSmall, aboutText?: AboutText) =>
  v.pipe(
    v.number((issue) => aboutText?.(issue.input) ?? values.wrongType(issue.input, 'a whole number')),
    v.integer(
      (issue) =>
        `is not a whole number: write ${Number.isFinite(issue.input) ? Math.round(issue.input) : `one from ${min} to ${max}`}`,
    ),
    v.minValue(min, (issue) => tooSmall?.(issue.input) ?? `is too small: from ${min} to ${max}${unit}`),
    v.maxValue(max, `is too large: from ${min} to ${max}${unit}`),
  )

/** @param unit the end of a message, such as ` bytes`. */
export const integer = (
  min: number,
  max: number,
  unit = '',
  tooSmall?: TooSmall,
  aboutText?: AboutText,
): Kind<number, number> =>
  kind(whole(min, max, unit, tooSmall, aboutText), `integer, ${min} to ${max}`, {
    type: 'integer',
    min,
    max,
    step: 1,
  })

export const evenInteger = (min: number, max: number, unit: string): Kind<number, number> =>
  kind(
    v.pipe(
      whole(min, max, unit),
      v.check(
        (value) => value % 2 === 0,
        (issue) => `is odd, and encoders accept even numbers only: write ${issue.input - 1}`,
      ),
    ),
    `even integer, ${min} to ${max}`,
    { type: 'integer', min, max, step: 2 },
  )

export const port = (): Kind<number, number> => integer(1, 65535)

export const seconds = (min: number, max: number): Kind<number, number, 'seconds'> => ({
  ...kind(
    v.pipe(
      whole(min, max, ' seconds'),
      v.transform((value) => 1000 * value),
    ),
    `integer, ${min} to ${max}`,
    { type: 'integer', min, max, step: 1 },
  ),
  unit: 'seconds',
})

export const trueOrFalse = (): Kind<boolean, boolean> =>
  kind(
    v.boolean((issue) => values.wrongType(issue.input, 'true or false')),
    'boolean',
    { type: 'boolean' },
  )

/** @param what with its article, for messages. @param choices of a form: words that mean the same are left to the file. */
export const oneOf = <const T extends string>(
  what: string,
  words: readonly T[],
  type = words.map((word) => `\`"${word}"\``).join(', '),
  choices: readonly T[] = words,
): Kind<T, T> =>
  kind(
    v.picklist(words, (issue) => values.notOneOf(issue.input, what, words)),
    type,
    { type: 'choice', choices },
  )

type Parse<T> = (text: string) => T

const parsing = <In, Out>(parse: (value: In) => Out) =>
  v.rawTransform<In, Out>(({ dataset, addIssue, NEVER }) => {
    try {
      return parse(dataset.value)
    } catch (error) {
      addIssue({ message: (error as Error).message })
      return NEVER
    }
  })

const parsed = <T>(parse: Parse<T>, noText: (input: unknown) => string) =>
  v.pipe(
    v.string((issue) => noText(issue.input)),
    parsing(parse),
  )
const notText = (input: unknown): string => values.wrongType(input, 'text in quotes')

/**
 * @param parse throws an Error whose message is the rest of a sentence.
 * @param noText the same about a value that is not text.
 */
export const text = <T>(type: string, parse: Parse<T>, noText = notText): Kind<string, T> =>
  kind(parsed(parse, noText), type)

/** A value that is not always text. @param parse throws an Error whose message is the rest of a sentence. */
export const anyValue = <T>(type: string, parse: (value: unknown) => T): Kind<unknown, T> =>
  kind(v.pipe(v.unknown(), parsing(parse)), type, { type: 'number-or-text' })

export const secret = <T>(type: string, parse: Parse<T>): Kind<string, T> => ({
  ...kind(
    parsed(parse, () => 'has to be text: write it in quotes'),
    type,
  ),
  isSecret: true,
})

/** Tables with secrets. @param parse throws an Error whose message is the rest of a sentence about the key. */
export const secretTables = <T>(type: string, parse: (value: unknown) => T): Kind<unknown, T> => ({
  ...kind(v.pipe(v.unknown(), parsing(parse)), type),
  isSecret: true,
})

export const listOf = <T>(what: string, parse: Parse<T>): Kind<string[], T[]> =>
  kind(
    v.array(parsed(parse, notText), (issue) => values.wrongType(issue.input, 'a list')),
    `list of ${what}`,
  )
