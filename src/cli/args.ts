import { isIP } from 'node:net'
import { cac } from 'cac'
import { commandOf, type CommandRequest } from './command-args.js'
import { HELP } from './help.js'
import { ConfigError } from '../errors.js'
import { didYouMean } from '../lib/suggest.js'

/** Flags of every command. */
export interface Flags {
  /** As written. Without it ./config.toml is read if it exists. */
  configPath: string | undefined
  testMode: boolean
  debug: boolean
  piIp: string | undefined
  /** `auto`: pretty on a terminal, otherwise JSON. */
  logFormat: (typeof LOG_FORMATS)[number]
}

export type CommandLine = (CommandRequest & Flags) | { command: 'help' | 'version'; text: string }

const FLAGS = [
  'config',
  'test-mode',
  'debug',
  'pi-ip',
  'log-format',
  'json',
  'force',
  'stdout',
  'from-outside',
  'folder',
  'write',
  'version',
  'help',
] as const
const LOG_FORMATS = ['auto', 'pretty', 'json'] as const

/**
 * @param argv node, script, then the arguments.
 * @throws ConfigError with every problem of the command line.
 */
export function parseArgs(argv: readonly string[], version: string): CommandLine {
  const cli = cac('rpi-webrtc')
    .option('-c, --config <file>', '')
    .option('-t, --test-mode', '')
    .option('-d, --debug', '')
    .option('--pi-ip <ip>', '')
    .option('--log-format <format>', '')
    .option('--json', '')
    .option('--force', '')
    .option('--stdout', '')
    .option('--from-outside', '')
    .option('--folder <folder>', '')
    .option('--write', '')
    .option('-v, --version', '')
    .option('-h, --help', '')
  const parsed: { args: readonly string[]; options: Record<string, unknown> } = cli.parse([...argv], {
    run: false,
  })
  const { options } = parsed
  // cac parses a single "-" as a flag without a name.
  const rest = options['--'] as string[]
  const dash = argv.slice(2).includes('-') && !rest.includes('-') ? ['-'] : []
  const args = [...parsed.args, ...dash, ...rest]
  if (options['help'] === true) return { command: 'help', text: HELP }
  if (options['version'] === true) return { command: 'version', text: `${version}\n` }

  const problems = unknownFlags(options, argv)
  const flags: Flags = {
    configPath: textOf('config', 'a FILE', options['config'], argv, problems),
    testMode: options['testMode'] === true,
    debug: options['debug'] === true,
    piIp: textOf('pi-ip', 'an IP address', options['piIp'], argv, problems),
    logFormat: logFormatOf(textOf('log-format', 'a FORMAT', options['logFormat'], argv, problems), problems),
  }
  if (flags.piIp !== undefined && (isIP(flags.piIp) === 0 || ['0.0.0.0', '::'].includes(flags.piIp))) {
    problems.push(
      `--pi-ip: "${flags.piIp}" is not an address that browsers can reach: write one such as 192.168.1.20`,
    )
  }
  const switches = {
    json: options['json'] === true,
    force: options['force'] === true,
    stdout: options['stdout'] === true,
    'from-outside': options['fromOutside'] === true,
    write: options['write'] === true,
    folder: textOf('folder', 'a FOLDER', options['folder'], argv, problems),
  }
  const request = { ...commandOf(args, switches, problems), ...flags }
  if (problems.length > 0) throw new ConfigError(problems, 'the command line (see rpi-webrtc --help)')
  return request
}

function logFormatOf(text: string | undefined, problems: string[]): Flags['logFormat'] {
  const format = LOG_FORMATS.find((known) => known === (text ?? 'auto'))
  if (format === undefined)
    problems.push(
      `--log-format: "${text}" is not a format${didYouMean(text!, LOG_FORMATS) || `: write ${LOG_FORMATS.join(', ')}`}`,
    )
  return format ?? 'auto'
}

function unknownFlags(options: Record<string, unknown>, argv: readonly string[]): string[] {
  const known: string[] = ['--', 'c', 't', 'd', 'v', 'h', ...FLAGS.map(camelCase)]
  const names = Object.keys(options).filter((name) => !known.includes(name))
  const written = names.map(
    (name) => argv.find((arg) => camelCase(bareName(arg)) === name) ?? argumentWith(name, argv),
  )
  return [...new Set(written)].map(
    (flag) => `${flag.replace(/=.*$/s, '')}: is not a flag${suggestedFlag(flag)}`,
  )
}

/** cac parses `-config` as six single letters. Finds the argument that contains this one. */
const argumentWith = (letter: string, argv: readonly string[]): string =>
  argv.find((arg) => /^-[^-]/.test(arg) && bareName(arg).includes(letter)) ?? `--${letter}`

const bareName = (arg: string): string =>
  arg.startsWith('-') ? arg.replace(/^-+(?:no-)?/, '').replace(/=.*$/s, '') : ''
const camelCase = (name: string): string =>
  name.replaceAll(/-([a-z])/g, (_, letter: string) => letter.toUpperCase())
const suggestedFlag = (flag: string): string =>
  didYouMean(bareName(flag), FLAGS).replace('"', '--').replace('"', '')

/** The value of a flag as written. cac converts values to numbers, but a file may be named 007. */
function textOf(
  flag: string,
  wanted: string,
  value: unknown,
  argv: readonly string[],
  problems: string[],
): string | undefined {
  if (value === undefined) return undefined
  const text =
    typeof value === 'number'
      ? argv.map((arg) => arg.replace(/^-[^=]*=/, '')).find((arg) => Number(arg) === value)
      : value
  if (typeof text === 'string' && text !== '') return text
  problems.push(Array.isArray(value) ? `--${flag}: is given twice` : `--${flag}: needs ${wanted} after it`)
  return undefined
}
