import { isIP } from 'node:net'
import { isHostName } from '../lib/host-name.js'
import { didYouMean } from '../lib/suggest.js'

/** The command and its own flags. */
export type CommandRequest =
  | { command: 'serve' | 'hash-password' }
  | { command: 'cameras'; json: boolean }
  | { command: 'doctor'; json: boolean; fromOutside: boolean }
  | ({ command: 'init' } & InitSwitches)
  | { command: 'pipeline'; camera: string }
  | CertificateRequest

export interface InitSwitches {
  json: boolean
  /** Replaces an existing file. */
  force: boolean
  /** Prints the configuration and writes no file. */
  stdout: boolean
}

export interface CertificateRequest {
  command: 'certificate'
  /** Additional names and addresses, in lower case. */
  names: string[]
  folder: string | undefined
  /** Replaces an existing certificate authority. */
  force: boolean
  /** Writes the keys into the configuration. */
  write: boolean
}

/** Flags that only some commands have. */
type Switches = InitSwitches & Pick<CertificateRequest, 'folder' | 'write'> & { 'from-outside': boolean }

const COMMANDS = ['doctor', 'cameras', 'init', 'pipeline', 'certificate', 'hash-password'] as const

/** Flags of single commands -> these commands. */
const SWITCHES: Record<keyof Switches, readonly string[]> = {
  json: ['doctor', 'cameras', 'init'],
  force: ['init', 'certificate'],
  stdout: ['init'],
  'from-outside': ['doctor'],
  folder: ['certificate'],
  write: ['certificate'],
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
  const { json, force, stdout, folder, write } = switches
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
    case 'certificate':
      problems.push(...rest.flatMap(whyNoName))
      return { command, names: rest.map((one) => one.toLowerCase()), folder, force, write }
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

function whyNoName(name: string): string[] {
  if (isIP(name) !== 0 && !name.includes('%')) return []
  if (isHostName(name)) return []
  return [`${name}: is not a host name or an IP address: write one such as cams.lan or 192.168.1.20`]
}

function misplaced(command: string, switches: Switches): string[] {
  return (Object.keys(SWITCHES) as (keyof Switches)[])
    .filter((name) => Boolean(switches[name]) && !SWITCHES[name].includes(command))
    .map((name) => `--${name}: is for ${SWITCHES[name].join(', ')} only`)
}
