import { Logger } from 'tslog'

/** What a part needs of a log: a short sentence, and fields that a machine can read. */
export interface Log {
  debug(message: string, fields?: Record<string, unknown>): void
  info(message: string, fields?: Record<string, unknown>): void
  warn(message: string, fields?: Record<string, unknown>): void
  error(message: string, fields?: Record<string, unknown>): void
}

const DEBUG = 2
const INFO = 3

/** The root of the log; one named child per part. Colours only where a person reads along. */
export function createLog(options: { debug: boolean; colours: boolean }): { child(name: string): Log } {
  const root = new Logger({
    type: 'pretty',
    minLevel: options.debug ? DEBUG : INFO,
    stylePrettyLogs: options.colours,
    hideLogPositionForProduction: true,
    prettyLogTimeZone: 'local',
    prettyErrorLoggerNameDelimiter: ' ',
    prettyLogTemplate:
      '{{yyyy}}-{{mm}}-{{dd}} {{hh}}:{{MM}}:{{ss}}.{{ms}} {{logLevelName}} {{nameWithDelimiterSuffix}}',
  })
  return { child: (name) => withFields(root.getSubLogger({ name: `${name}:` })) }
}

/** Fields follow the sentence as `key=value`, so that a line stays one line and `grep` finds it. */
function withFields(logger: Logger<unknown>): Log {
  const line = (message: string, fields: Record<string, unknown> | undefined): string =>
    oneLine(fields === undefined ? message : `${message} ${formatFields(fields)}`)
  return {
    debug: (message, fields) => void logger.debug(line(message, fields)),
    info: (message, fields) => void logger.info(line(message, fields)),
    warn: (message, fields) => void logger.warn(line(message, fields)),
    error: (message, fields) => void logger.error(line(message, fields)),
  }
}

/**
 * What others wrote (a client, gst-launch-1.0) is in the message or in a field. Its control characters, those that turn
 * the direction of writing included, are shown instead of obeyed: they would begin a line of their own or command the
 * terminal.
 */
const oneLine = (text: string): string =>
  text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (char) => `\\u{${char.codePointAt(0)!.toString(16)}}`)

function formatFields(fields: Record<string, unknown>): string {
  return Object.entries(fields)
    .filter(([, value]) => value !== undefined)
    .map(
      ([key, value]) =>
        `${key}=${typeof value === 'string' && /^[\w./:@-]+$/.test(value) ? value : JSON.stringify(value)}`,
    )
    .join(' ')
}

/** A log that keeps nothing, for tests and for commands that print their own report. */
export const silentLog: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }
