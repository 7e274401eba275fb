import { createRequire } from 'node:module'

/** A password of the configuration: the text itself, or a hash of it. */
export type Password =
  | { kind: 'plain'; text: string }
  | { kind: 'scrypt'; cost: number; blockSize: number; parallelism: number; salt: Buffer; hash: Buffer }
  | {
      kind: 'argon2'
      algorithm: Argon2Algorithm
      memoryKib: number
      passes: number
      parallelism: number
      salt: Buffer
      hash: Buffer
    }

export type Argon2Algorithm = 'argon2d' | 'argon2i' | 'argon2id'

/** Every login attempt with the hash uses this much, so a hash from elsewhere must not exhaust the machine. */
const MAX_MEMORY_BYTES = 256 * 1024 * 1024
const MAX_PARALLELISM = 16
const MIN_SALT_BYTES = 8
const MIN_HASH_BYTES = 16
const MAX_HASH_BYTES = 128

const require = createRequire(import.meta.url)

/** Node 24.7 added it. Loaded on use only: node:crypto takes 11 ms of every command that reads a configuration. */
const nodeHasArgon2 = (): boolean => 'argon2' in (require('node:crypto') as object)

/**
 * Parses `scrypt$N$r$p$SALT$HASH` (salt and hash in base64url), a PHC string of argon2, or a plain password.
 * @throws Error with the end of a sentence that begins with the key. It never contains the text.
 */
export function parsePassword(text: string, hasArgon2 = nodeHasArgon2): Password {
  if (text.startsWith('scrypt$')) return parseScrypt(text)
  if (text.startsWith('$argon2')) return parseArgon2(text, hasArgon2)
  if (/^\$(?:2[abxy]?|[156]|y|apr1)\$/.test(text))
    throw new Error('is a hash of an unsupported kind: write the output of "rpi-webrtc hash-password"')
  if (text === '')
    throw new Error(
      'is empty: write a password, or the output of "rpi-webrtc hash-password", or delete the line',
    )
  if (/\p{Cc}/u.test(text)) throw new Error('has a control character in it, which cannot be typed')
  return { kind: 'plain', text: normalForm(text) }
}

function parseScrypt(text: string): Password {
  const match = /^scrypt\$(\d{1,8})\$(\d{1,4})\$(\d{1,4})\$([\w-]+)\$([\w-]+)$/.exec(text)
  if (match === null) throw new Error('is not a complete scrypt$N$r$p$salt$hash: paste the whole line')
  const [cost, blockSize, parallelism] = match.slice(1, 4).map(Number) as [number, number, number]
  const [salt, hash] = match.slice(4).map((part) => Buffer.from(part, 'base64url')) as [Buffer, Buffer]
  if (cost < 1024 || !Number.isInteger(Math.log2(cost)))
    throw new Error('has an N that is not a power of two from 1024: write N = 16384')
  checkEffort(128 * cost * blockSize, parallelism)
  checkLengths(salt, hash)
  return { kind: 'scrypt', cost, blockSize, parallelism, salt, hash }
}

function parseArgon2(text: string, hasArgon2: () => boolean): Password {
  if (!hasArgon2())
    throw new Error(
      'is an argon2 hash, which needs Node.js 24.7: write the output of "rpi-webrtc hash-password"',
    )
  const match =
    /^\$(argon2(?:id|i|d))\$v=19\$m=(\d{1,7}),t=(\d{1,4}),p=(\d{1,4})\$([\w+/]+)\$([\w+/]+)$/.exec(text)
  if (match === null)
    throw new Error('is not a complete $argon2id$v=19$m=...,t=...,p=...$salt$hash: paste the whole line')
  const [memoryKib, passes, parallelism] = match.slice(2, 5).map(Number) as [number, number, number]
  const [salt, hash] = match.slice(5).map((part) => Buffer.from(part, 'base64')) as [Buffer, Buffer]
  if (passes < 1 || memoryKib < 8 * parallelism)
    throw new Error('has parameters that argon2 rejects: t is at least 1, m at least 8 times p')
  checkEffort(memoryKib * 1024, parallelism)
  checkLengths(salt, hash)
  const algorithm = match[1] as Argon2Algorithm
  return { kind: 'argon2', algorithm, memoryKib, passes, parallelism, salt, hash }
}

function checkEffort(memoryBytes: number, parallelism: number): void {
  if (memoryBytes === 0 || memoryBytes > MAX_MEMORY_BYTES)
    throw new Error('needs more than 256 MiB for each check, or none at all: hash it with less memory')
  if (parallelism < 1 || parallelism > MAX_PARALLELISM)
    throw new Error(`has a p that is not from 1 to ${MAX_PARALLELISM}`)
}

function checkLengths(salt: Buffer, hash: Buffer): void {
  if (salt.length < MIN_SALT_BYTES)
    throw new Error(`has a salt below ${MIN_SALT_BYTES} bytes: hash the password again`)
  if (hash.length < MIN_HASH_BYTES || hash.length > MAX_HASH_BYTES)
    throw new Error(
      `has a hash that is not from ${MIN_HASH_BYTES} to ${MAX_HASH_BYTES} bytes: paste the whole line`,
    )
}

/** UAX #15 section 13: no language has more combining marks in a row. */
const MAX_MARKS = 30
const TOO_MANY_MARKS = new RegExp(`\\p{M}{${MAX_MARKS + 1}}`, 'u')

/**
 * NFC, so that the same letters match whichever keyboard they come from. Longer runs of marks stay as they are: sorting them takes
 * quadratic time, 35 ms for a header of them.
 */
export const normalForm = (text: string): string => (TOO_MANY_MARKS.test(text) ? text : text.normalize('NFC'))
