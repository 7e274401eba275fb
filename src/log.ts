import { Logger, type IMeta } from 'tslog'

/** A short sentence, and machine-readable fields. */
export interface Log {
  debug(message: string, fields?: Record<string, unknown>): void
  info(message: string, fields?: Record<string, unknown>): void
  warn(message: string, fields?: Record<string, unknown>): void
  error(message: string, fields?: Record<string, unknown>): void
}

export type LogFormat = 'pretty' | 'json'

/** A line as it is logged, on one line and without control characters. */
export interface LogEntry {
  level: 'info' | 'warn' | 'error'
  part: string
  message: string
  timeMs: number
}

export interface LogOptions {
  debug: boolean
  format: LogFormat
  /** Has no effect on JSON. */
  colours: boolean
  /** Whether stdout is the systemd journal, which parses and removes a level such as `<4>` at the beginning of a line. */
  journal: boolean
  /** Gets what is logged too, without `debug`, which may have session keys. */
  onEntry?: (entry: LogEntry) => void
}

const DEBUG = 2
const INFO = 3

/** RFC 5424 section 6.2.1. */
const SYSLOG_LEVELS: Record<string, number> = { DEBUG: 7, INFO: 6, WARN: 4, ERROR: 3 }

export function createLog(options: LogOptions): { child(name: string): Log } {
  const { debug, format, colours, journal, onEntry } = options
  const write = (level: string, line: string): void =>
    console.log(journal ? `<${SYSLOG_LEVELS[level] ?? SYSLOG_LEVELS['INFO']}>${line}` : line)
  const clock = journal ? '' : '{{yyyy}}-{{mm}}-{{dd}} {{hh}}:{{MM}}:{{ss}}.{{ms}} ' // the journal adds its own
  const root = new Logger<Entry>({
    type: format,
    minLevel: debug ? DEBUG : INFO,
    stylePrettyLogs: colours,
    hideLogPositionForProduction: true,
    prettyLogTimeZone: 'local',
    prettyErrorLoggerNameDelimiter: ' ',
    prettyLogTemplate: `${clock}{{logLevelName}} {{nameWithDelimiterSuffix}}`,
    overwrite: {
      toLogObj: ([message, fields]) => ({ message, fields }) as Entry,
      transportFormatted: (head, words, _errors, meta) =>
        write(meta?.logLevelName ?? '', head + words.join(' ')),
      transportJSON: (entry) => {
        const { message, fields, _meta: meta } = entry as Entry & { _meta: IMeta }
        write(meta.logLevelName, jsonLine(message, fields, meta))
      },
    },
  })
  const line = format === 'json' ? structured : sentence
  return {
    child: (name) => {
      const log = withFields(root.getSubLogger({ name: format === 'json' ? name : `${name}:` }), line)
      return onEntry === undefined ? log : copying(log, name, onEntry)
    },
  }
}

function copying(log: Log, part: string, onEntry: (entry: LogEntry) => void): Log {
  const copy =
    (level: LogEntry['level']): Log['info'] =>
    (message, fields) => {
      log[level](message, fields)
      onEntry({ level, part, message: sentence(message, fields)[0], timeMs: Date.now() })
    }
  return { ...log, info: copy('info'), warn: copy('warn'), error: copy('error') }
}

type Fields = Record<string, unknown> | undefined

interface Entry {
  message: string
  fields: Fields
}

function withFields(logger: Logger<Entry>, line: (message: string, fields: Fields) => unknown[]): Log {
  return {
    debug: (message, fields) => void logger.debug(...line(message, fields)),
    info: (message, fields) => void logger.info(...line(message, fields)),
    warn: (message, fields) => void logger.warn(...line(message, fields)),
    error: (message, fields) => void logger.error(...line(message, fields)),
  }
}

/** `sentence key=value ...` on one line. */
const sentence = (message: string, fields: Fields): [string] => [
  oneLine(fields === undefined ? message : `${message} ${formatFields(fields)}`),
]

const structured = (message: string, fields: Fields): unknown[] => [message, fields]

/** The fixed keys come first. A field with the same name gets a `_`. */
function jsonLine(message: string, fields: Fields, { date, logLevelName, name }: IMeta): string {
  const entry: Record<string, unknown> = {
    time: date.toISOString(),
    level: logLevelName.toLowerCase(),
    part: name,
    message,
  }
  for (const [key, value] of Object.entries(fields ?? {})) entry[key in entry ? `${key}_` : key] = value
  return JSON.stringify(entry).replaceAll(CONTROLS, (char) => char.split('').map(escaped).join(''))
}

const escaped = (unit: string): string => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`

const CONTROLS = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu

/**
 * Escapes control characters, including those that change the text direction: text of clients and of gst-launch-1.0 must not forge
 * log lines or control the terminal.
 */
const oneLine = (text: string): string =>
  text.replaceAll(CONTROLS, (char) => `\\u{${char.codePointAt(0)!.toString(16)}}`)

function formatFields(fields: Record<string, unknown>): string {
  return Object.entries(fields)
    .filter(([, value]) => value !== undefined)
    .map(
      ([key, value]) =>
        `${key}=${typeof value === 'string' && /^[\w./:@-]+$/.test(value) ? value : JSON.stringify(value)}`,
    )
    .join(' ')
}

/** Discards everything. */
export const silentLog: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }
