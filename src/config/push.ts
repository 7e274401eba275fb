import { didYouMean } from '../lib/suggest.js'
import { MAX_NAME_LENGTH, notOneOf, parseDisplayName, wrongType } from './values.js'

/** Where a camera's stream is sent to: one table [[cameraN.push]]. */
export interface PushConfig {
  /** Unique among those of the camera. */
  name: string
  /** A secret: some servers have their key in it. */
  url: string
  credentials: PushCredentials | undefined
  /** `watched`: only while somebody watches here. */
  when: 'always' | 'watched'
  /** Whether /health is `degraded` while it is not connected. */
  required: boolean
}

export type PushCredentials = { token: string } | { user: string; password: string }

export const PUSH_KEYS = ['url', 'token', 'user', 'password', 'when', 'name', 'required'] as const

const EXAMPLE = 'url = "https://live.example.org/whip/camera1"'
const MAX_CREDENTIAL_LENGTH = 4096
const MAX_URL_LENGTH = 2000

/**
 * @param value one table, or a list of them.
 * @throws Error whose message is the rest of a sentence about the key. It contains no value, because most are secret.
 */
export function parsePushes(value: unknown): PushConfig[] {
  const tables = Array.isArray(value) ? (value as unknown[]) : [value]
  const pushes = tables.map((table, i) => {
    const place = tables.length > 1 ? `number ${i + 1} ` : ''
    try {
      return parsePush(table)
    } catch (error) {
      throw new Error(place + (error as Error).message, { cause: error })
    }
  })
  return named(pushes)
}

type Parsed = Omit<PushConfig, 'name'> & { name: string | undefined }

function parsePush(value: unknown): Parsed {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || value instanceof Date)
    throw new Error(`has to be a table: write [[cameraN.push]] on a line of its own, and ${EXAMPLE} below it`)
  const table = value as Readonly<Record<string, unknown>>
  for (const key of Object.keys(table))
    if (!PUSH_KEYS.some((known) => known === key))
      throw new Error(
        `has a key that no push has${didYouMean(key, PUSH_KEYS) || `: it may have ${PUSH_KEYS.join(', ')}`}`,
      )
  return {
    name:
      table['name'] === undefined
        ? undefined
        : within('name', () => parseDisplayName(textOf(table, 'name')!)),
    url: parsePushUrl(table['url']),
    credentials: credentialsOf(table),
    when: oneOfWhen(table['when']),
    required: requiredOf(table['required']),
  }
}

/** @throws Error whose message is the rest of a sentence. */
function parsePushUrl(value: unknown): string {
  if (value === undefined) throw new Error(`has no url: write ${EXAMPLE}`)
  if (typeof value !== 'string') throw new Error(`has a url that ${wrongType(value, 'text in quotes')}`)
  if (value.length > MAX_URL_LENGTH)
    throw new Error(`has a url of ${value.length} characters: at most ${MAX_URL_LENGTH} are allowed`)
  const scheme = /^([a-z][a-z\d+.-]*):/i.exec(value)?.[1]?.toLowerCase()
  if (scheme !== undefined && scheme !== 'http' && scheme !== 'https') throw new Error(otherScheme(scheme))
  const url = URL.canParse(value) ? new URL(value) : undefined
  if (url === undefined || /\s/.test(value))
    throw new Error(`has a url that is no address: write one such as ${EXAMPLE}`)
  if (url.username !== '' || url.password !== '')
    throw new Error(
      'has a user name in its url, which would be sent unseen: write user and password as lines of their own, or token',
    )
  url.hash = ''
  return url.href
}

function otherScheme(scheme: string): string {
  const isSecure = ['whips', 'wss', 'rtmps', 'rtsps'].includes(scheme)
  if (/^(?:whip|ws)s?$/.test(scheme))
    return `has a url that begins with ${scheme}: - WHIP is HTTP, write ${isSecure ? 'https' : 'http'}:`
  return `has a url that begins with ${scheme}: - a push uses WHIP, so write the https: address that the server has for it`
}

function credentialsOf(table: Readonly<Record<string, unknown>>): PushCredentials | undefined {
  const token = within('token', () => credential(textOf(table, 'token')))
  const user = within('user', () => credential(textOf(table, 'user')))
  const password = within('password', () => credential(textOf(table, 'password')))
  if (token !== undefined && (user !== undefined || password !== undefined))
    throw new Error('has a token and a user or password: delete one of them')
  if (token !== undefined) return { token: bareToken(token) }
  if ((user === undefined) !== (password === undefined))
    throw new Error(
      `has a ${user === undefined ? 'password without user' : 'user without password'}: write both or neither`,
    )
  if (user === undefined || password === undefined) return undefined
  if (user.includes(':')) throw new Error('has a user with a colon, which HTTP Basic does not allow')
  return { user, password }
}

function bareToken(token: string): string {
  if (/^bearer\s/i.test(token)) throw new Error('has a token that begins with "Bearer": write the rest alone')
  if (token.includes(' ')) throw new Error('has a token with a space: write the token alone')
  return token
}

function textOf(table: Readonly<Record<string, unknown>>, key: string): string | undefined {
  const value = table[key]
  if (value === undefined || typeof value === 'string') return value
  throw new Error(`has a ${key} that is no text: write it in quotes`)
}

function credential(text: string | undefined): string | undefined {
  if (text === undefined) return undefined
  if (text === '') throw new Error('is empty: write the one of the server, or delete the line')
  if (!/^[\x20-\x7e]+$/.test(text)) throw new Error('has characters other than those of ASCII')
  if (text.length > MAX_CREDENTIAL_LENGTH)
    throw new Error(`has ${text.length} characters: at most ${MAX_CREDENTIAL_LENGTH} are allowed`)
  return text
}

const WHEN = ['always', 'watched'] as const

function oneOfWhen(value: unknown): PushConfig['when'] {
  const found = WHEN.find((word) => word === (value ?? 'always'))
  if (found !== undefined) return found
  throw new Error(`has a when that ${notOneOf(value, 'known', WHEN)}`)
}

function requiredOf(value: unknown): boolean {
  if (value === undefined || typeof value === 'boolean') return value ?? false
  throw new Error(`has a required that ${wrongType(value, 'true or false')}`)
}

function within<T>(key: string, parse: () => T): T {
  try {
    return parse()
  } catch (error) {
    const { message } = error as Error
    throw new Error(message.startsWith('has a ' + key) ? message : `has a ${key} that ${message}`, {
      cause: error,
    })
  }
}

/** Without a name a push has that of its host. */
function named(pushes: readonly Parsed[]): PushConfig[] {
  const names = new Set(pushes.flatMap(({ name }) => name ?? []))
  if (names.size < pushes.filter(({ name }) => name !== undefined).length)
    throw new Error('has two pushes of one name: give each a name of its own')
  const targets = new Set(pushes.map(({ url, credentials }) => JSON.stringify([url, credentials])))
  if (targets.size < pushes.length)
    throw new Error('has two pushes to one url with the same token: delete one of them')
  return pushes.map((push) => {
    const name = push.name ?? freeName(new URL(push.url).host, names)
    names.add(name)
    return { ...push, name }
  })
}

function freeName(host: string, taken: ReadonlySet<string>): string {
  const base = host.slice(0, MAX_NAME_LENGTH - 4)
  if (!taken.has(base)) return base
  let number = 2
  while (taken.has(`${base} ${number}`)) number++
  return `${base} ${number}`
}

/** The value of the Authorization header (RFC 6750 section 2.1, RFC 7617). */
export function authorizationOf(credentials: PushCredentials | undefined): string | undefined {
  if (credentials === undefined) return undefined
  if ('token' in credentials) return `Bearer ${credentials.token}`
  return `Basic ${Buffer.from(`${credentials.user}:${credentials.password}`).toString('base64')}`
}

/** What no message may show. */
export const secretsOfPush = ({ url, credentials }: PushConfig): string[] => [
  url,
  ...(credentials === undefined ? [] : Object.values(credentials)),
  ...(credentials !== undefined && 'user' in credentials
    ? [authorizationOf(credentials)!.slice('Basic '.length)]
    : []),
]
