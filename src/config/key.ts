import type { Device } from './device.js'
import type { Kind } from './kinds.js'

/** How a change of one camera's key is applied: in place, by another capture process, or as another stream. */
export type CameraEffect = 'live' | 'restart' | 'reconnect'

/** When a changed value takes effect; docs/configuration.md explains these words. */
export type Effect = CameraEffect | 'rebind' | 'sign-out' | 'next'

type Fallback<In, Out> =
  | { default: In }
  /** There is none; the text says what to write. */
  | { required: string }
  /** The value of another key. */
  | { sameAs: string }
  /** It depends on the number of the camera. */
  | { perCamera: PerCamera<Out> }

export interface PerCamera<Out> {
  text: string
  of(cameraNumber: number): Out
}

interface KeyOptions<E extends Effect> {
  applies: E
  /** Devices before and after which a change has another effect. */
  except?: { applies: CameraEffect; text: string; when(before: Device, after: Device): boolean }
  /** Markdown for docs/configuration.md. */
  about: string
  /** The name in the release before: accepted with a warning. */
  formerly?: string
  /** Markdown for docs/configuration.md: the default, if the rest of the row does not say it. */
  defaultText?: string
}

/** One row of the table. */
export interface Key<Value, Unit extends 'seconds' | undefined, E extends Effect> extends KeyOptions<E> {
  kind: Kind<unknown, unknown, Unit>
  default?: unknown
  required?: string
  sameAs?: string
  perCamera?: PerCamera<unknown>
  /** Exists for the compiler only. */
  '~types'?: { value: Value }
}

export type AnyKey = Key<unknown, 'seconds' | undefined, Effect>

export function key<In, Out, Unit extends 'seconds' | undefined, E extends Effect>(
  kind: Kind<In, Out, Unit>,
  options: KeyOptions<E> & Fallback<In, Out>,
): Key<Out, Unit, E>
export function key<In, Out, Unit extends 'seconds' | undefined, E extends Effect>(
  kind: Kind<In, Out, Unit>,
  options: KeyOptions<E>,
): Key<Out | undefined, Unit, E>
export function key(kind: AnyKey['kind'], options: KeyOptions<Effect>): AnyKey {
  return { kind, ...options }
}

type CamelCase<Name extends string> = Name extends `${infer Head}-${infer Tail}`
  ? `${Head}${Capitalize<CamelCase<Tail>>}`
  : Name
type Milliseconds<Name extends string> = Name extends `${infer Head}-seconds`
  ? Milliseconds<Head>
  : `${CamelCase<Name>}Ms`
type PropertyOf<Name extends string, Row> =
  Row extends Key<unknown, infer Unit, Effect>
    ? Unit extends 'seconds'
      ? Milliseconds<Name>
      : CamelCase<Name>
    : never

/** The keys of a table as the program uses them: `request-timeout-seconds` is `requestTimeoutMs`. */
export type Properties<Rows> = {
  [Name in keyof Rows & string as PropertyOf<Name, Rows[Name]>]: Rows[Name] extends Key<
    infer Value,
    'seconds' | undefined,
    Effect
  >
    ? Value
    : never
}

/** The name that `Properties` gives to a key. */
export function propertyOf(name: string, { kind }: AnyKey): string {
  const camelCase = name
    .replace(/-seconds$/, '')
    .replaceAll(/-([a-z])/g, (_, letter: string) => letter.toUpperCase())
  return kind.unit === 'seconds' ? `${camelCase}Ms` : camelCase
}
