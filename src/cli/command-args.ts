import { didYouMean } from '../lib/suggest.js'

/** The command and its own flags. */
export type CommandRequest =
  | { command: 'serve' | 'hash-password' }
  | { command: 'cameras'; json: boolean }
  | { command: 'doctor'; json: boolean; fromOutside: boolean }
  | ({ command: 'init' } & InitSwitches)
  | { command: 'pipeline'; camera: string }

export interface InitSwitches {
  json: boolean
  /** Replaces an existing file. */
  force: boolean
  /** Prints the configuration and writes no file. */
  stdout: boolean
}

/** Of all commands. */
export interface Switches extends InitSwitches {
  'from-outside': boolean
}

const COMMANDS = ['doctor', 'cameras', 'init', 'pipeline', 'hash-password'] as const

/** Flags of single commands -> these commands. */
const SWITCHES: Record<keyof Switches, readonly string[]> = {
  json: ['doctor', 'cameras', 'init'],
  force: ['init'],
  stdout: ['init'],
  'from-outside': ['doctor'],
}

/** @param problems receives a sentence for each problem. */
export function commandOf(args: readonly string[], switches: Switches, problems: string[]): CommandRequest {
  const [name, ...rest] = args
  const command = name === undefined ? 'serve' : COMMANDS.find((known) => known === name)
  if (command === undefined) {
    const hint = name!.endsWith('.toml') ? `: write --config ${name}` : didYouMean(name!, COMMANDS)
    problems.push(`${name}: is not a command${hint || ` (there are ${COMMANDS.join(', ')})`}`)
    return { command: 'serve' }
  }
  problems.push(...misplaced(command, switches))
  const { json, force, stdout } = switches
  switch (command) {
    case 'pipeline': {
      const [camera, ...extra] = rest
      if (camera === undefined)
        problems.push('pipeline: needs the name of a camera, such as pipeline camera1')
      rejectExtra(extra, command, problems)
      return { command, camera: camera ?? '' }
    }
    case 'init': {
      const [target, ...extra] = rest
      const isDash = target === '-'
      rejectExtra(isDash ? extra : rest, command, problems)
      return { command, json, force, stdout: stdout || isDash }
    }
    case 'doctor':
      rejectExtra(rest, command, problems)
      return { command, json, fromOutside: switches['from-outside'] }
    case 'cameras':
      rejectExtra(rest, command, problems)
      return { command, json }
    case 'serve':
    case 'hash-password':
      rejectExtra(rest, command, problems)
      return { command }
    default:
      return command satisfies never
  }
}

function rejectExtra(extra: readonly string[], command: string, problems: string[]): void {
  if (extra.length > 0) problems.push(`${extra.join(' ')}: is not expected after ${command}`)
}

function misplaced(command: string, switches: Switches): string[] {
  return (Object.keys(SWITCHES) as (keyof Switches)[])
    .filter((name) => switches[name] && !SWITCHES[name].includes(command))
    .map((name) => `--${name}: is for ${SWITCHES[name].join(', ')} only`)
}
