import { didYouMean } from '../lib/suggest.js'

/** What was asked for, beside the flags that every command takes. */
export type CommandRequest =
  | { command: 'serve' | 'hash-password' }
  | { command: 'doctor' | 'cameras'; json: boolean }
  | ({ command: 'init' } & InitSwitches)
  | { command: 'pipeline'; camera: string }

export interface InitSwitches {
  json: boolean
  /** Replaces a file that is there. */
  force: boolean
  /** Prints the file, and writes none. */
  stdout: boolean
}

const COMMANDS = ['doctor', 'cameras', 'init', 'pipeline', 'hash-password'] as const

/** The flags that are not for every command -> the commands that take them. */
const SWITCHES: Record<keyof InitSwitches, readonly string[]> = {
  json: ['doctor', 'cameras', 'init'],
  force: ['init'],
  stdout: ['init'],
}

/** @param problems is given a sentence for everything that is wrong. */
export function commandOf(
  args: readonly string[],
  switches: InitSwitches,
  problems: string[],
): CommandRequest {
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
      const [camera, ...spare] = rest
      if (camera === undefined)
        problems.push('pipeline: needs the name of a camera, such as pipeline camera1')
      refuse(spare, command, problems)
      return { command, camera: camera ?? '' }
    }
    case 'init': {
      const [where, ...spare] = rest
      const isDash = where === '-'
      refuse(isDash ? spare : rest, command, problems)
      return { command, json, force, stdout: stdout || isDash }
    }
    case 'doctor':
    case 'cameras':
      refuse(rest, command, problems)
      return { command, json }
    case 'serve':
    case 'hash-password':
      refuse(rest, command, problems)
      return { command }
    default:
      return command satisfies never
  }
}

function refuse(spare: readonly string[], command: string, problems: string[]): void {
  if (spare.length > 0) problems.push(`${spare.join(' ')}: is one word too many after ${command}`)
}

function misplaced(command: string, switches: InitSwitches): string[] {
  return (Object.keys(SWITCHES) as (keyof InitSwitches)[])
    .filter((name) => switches[name] && !SWITCHES[name].includes(command))
    .map((name) => `--${name}: is for ${SWITCHES[name].join(', ')} only`)
}
