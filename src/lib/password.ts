import * as crypto from 'node:crypto'
import { promisify } from 'node:util'

/** A password as the configuration has it: as it is typed, or as a hash that it cannot be had from. */
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

type Argon2Algorithm = 'argon2d' | 'argon2i' | 'argon2id'

/** `crypto.argon2` of Node 24.7 and newer. */
export type Argon2 = (
  algorithm: Argon2Algorithm,
  parameters: {
    message: Buffer
    nonce: Buffer
    parallelism: number
    tagLength: number
    memory: number
    passes: number
  },
  done: (error: Error | null, hash: Buffer) => void,
) => void

export const nodeArgon2 = (crypto as { argon2?: Argon2 }).argon2

/** OWASP's recommendation for 16 MiB: what a Pi Zero can spare. */
const COST = 16_384
const BLOCK_SIZE = 8
const PARALLELISM = 5
const SALT_BYTES = 16
const HASH_BYTES = 32
/** A hash that was written elsewhere must not take the machine's memory each time somebody knocks. */
const MOST_MEMORY_BYTES = 256 * 1024 * 1024
const MOST_PARALLELISM = 16
const LEAST_SALT_BYTES = 8
const LEAST_HASH_BYTES = 16
const MOST_HASH_BYTES = 128

/**
 * Reads `scrypt$N$r$p$SALT$HASH` (salt and hash in base64url), a PHC string of argon2, or else the password itself.
 * @param argon2 what verifies argon2 where this Node.js has it. @throws Error, a part of a sentence without the text.
 */
export function parsePassword(text: string, argon2: Argon2 | undefined = nodeArgon2): Password {
  if (text.startsWith('scrypt$')) return parseScrypt(text)
  if (text.startsWith('$argon2')) return parseArgon2(text, argon2)
  if (/^\$(?:2[abxy]?|[156]|y|apr1)\$/.test(text))
    throw new Error(
      'is a hash of a kind that is not understood: write what "rpi-webrtc hash-password" prints',
    )
  if (text === '')
    throw new Error(
      'is empty: write a password, or what "rpi-webrtc hash-password" prints, or delete the line',
    )
  if (/\p{Cc}/u.test(text)) throw new Error('has a control character in it: nobody could type it')
  return { kind: 'plain', text: normalForm(text) }
}

function parseScrypt(text: string): Password {
  const match = /^scrypt\$(\d{1,8})\$(\d{1,4})\$(\d{1,4})\$([\w-]+)\$([\w-]+)$/.exec(text)
  if (match === null) throw new Error('is not a whole scrypt$N$r$p$salt$hash: paste the line anew')
  const [cost, blockSize, parallelism] = match.slice(1, 4).map(Number) as [number, number, number]
  const [salt, hash] = match.slice(4).map((part) => Buffer.from(part, 'base64url')) as [Buffer, Buffer]
  if (cost < 1024 || !Number.isInteger(Math.log2(cost)))
    throw new Error('has an N that is not a power of two from 1024: write N = 16384')
  checkEffort(128 * cost * blockSize, parallelism)
  checkLengths(salt, hash)
  return { kind: 'scrypt', cost, blockSize, parallelism, salt, hash }
}

function parseArgon2(text: string, argon2: Argon2 | undefined): Password {
  if (argon2 === undefined)
    throw new Error(
      'is an argon2 hash, which Node.js can check from 24.7 on only: write what "rpi-webrtc hash-password" prints',
    )
  const match =
    /^\$(argon2(?:id|i|d))\$v=19\$m=(\d{1,7}),t=(\d{1,4}),p=(\d{1,4})\$([\w+/]+)\$([\w+/]+)$/.exec(text)
  if (match === null)
    throw new Error('is not a whole $argon2id$v=19$m=...,t=...,p=...$salt$hash: paste the line anew')
  const [memoryKib, passes, parallelism] = match.slice(2, 5).map(Number) as [number, number, number]
  const [salt, hash] = match.slice(5).map((part) => Buffer.from(part, 'base64')) as [Buffer, Buffer]
  if (passes < 1 || memoryKib < 8 * parallelism)
    throw new Error('has parameters that argon2 does not take: t is at least 1, m at least 8 times p')
  checkEffort(memoryKib * 1024, parallelism)
  checkLengths(salt, hash)
  return {
    kind: 'argon2',
    algorithm: match[1] as Argon2Algorithm,
    memoryKib,
    passes,
    parallelism,
    salt,
    hash,
  }
}

function checkEffort(memoryBytes: number, parallelism: number): void {
  if (memoryBytes === 0 || memoryBytes > MOST_MEMORY_BYTES)
    throw new Error('takes more than 256 MiB for each check, or none at all: hash it with less')
  if (parallelism < 1 || parallelism > MOST_PARALLELISM)
    throw new Error(`has a p that is not from 1 to ${MOST_PARALLELISM}`)
}

function checkLengths(salt: Buffer, hash: Buffer): void {
  if (salt.length < LEAST_SALT_BYTES)
    throw new Error(`has a salt below ${LEAST_SALT_BYTES} bytes: hash it anew`)
  if (hash.length < LEAST_HASH_BYTES || hash.length > MOST_HASH_BYTES)
    throw new Error(
      `has a hash that is not from ${LEAST_HASH_BYTES} to ${MOST_HASH_BYTES} bytes: paste it anew`,
    )
}

/** UAX #15 section 13: no language has more of them in a row. */
const MOST_MARKS = 30
const TOO_MANY_MARKS = new RegExp(`\\p{M}{${MOST_MARKS + 1}}`, 'u')

/**
 * The same text for the same letters, whichever keyboard they come from (NFC). One with more marks in a row than any language has
 * stays as it is: to put them in order takes quadratic time, 35 ms for what fits a header.
 */
export const normalForm = (text: string): string => (TOO_MANY_MARKS.test(text) ? text : text.normalize('NFC'))

/** Whether `given` is the password. A hash is computed in the thread pool: the event loop goes on meanwhile. */
export async function verifyPassword(
  given: string,
  password: Password,
  argon2: Argon2 | undefined = nodeArgon2,
): Promise<boolean> {
  const message = Buffer.from(normalForm(given))
  switch (password.kind) {
    case 'plain':
      return sameSecret(message, password.text)
    case 'scrypt': {
      const { cost, blockSize, parallelism, salt, hash } = password
      const found = await scrypt(message, salt, hash.length, scryptOptions(cost, blockSize, parallelism))
      return crypto.timingSafeEqual(found, hash)
    }
    case 'argon2': {
      const { algorithm, memoryKib, passes, parallelism, salt, hash } = password
      if (argon2 === undefined) return false
      const parameters = {
        message,
        nonce: salt,
        parallelism,
        tagLength: hash.length,
        memory: memoryKib,
        passes,
      }
      return crypto.timingSafeEqual(await promisify(argon2)(algorithm, parameters), hash)
    }
  }
}

/** `scrypt$N$r$p$SALT$HASH` of a password, with a salt of its own. */
export async function hashPassword(text: string): Promise<string> {
  const salt = crypto.randomBytes(SALT_BYTES)
  const message = Buffer.from(normalForm(text))
  const hash = await scrypt(message, salt, HASH_BYTES, scryptOptions(COST, BLOCK_SIZE, PARALLELISM))
  const parts = [
    'scrypt',
    COST,
    BLOCK_SIZE,
    PARALLELISM,
    salt.toString('base64url'),
    hash.toString('base64url'),
  ]
  return parts.join('$')
}

/** A key made of a secret: who has what was signed with it cannot quickly try secrets against it. */
export async function keyFrom(secret: string, purpose: string): Promise<Buffer> {
  return await scrypt(
    Buffer.from(secret),
    Buffer.from(purpose),
    HASH_BYTES,
    scryptOptions(COST, BLOCK_SIZE, 1),
  )
}

/** Compares secrets of any length: how long it takes tells nothing of where they differ. */
export const sameSecret = (a: string | Buffer, b: string | Buffer): boolean =>
  crypto.timingSafeEqual(sha256(a), sha256(b))

const sha256 = (data: string | Buffer): Buffer => crypto.createHash('sha256').update(data).digest()

const scrypt = promisify<Buffer, Buffer, number, crypto.ScryptOptions, Buffer>(crypto.scrypt)

const scryptOptions = (N: number, r: number, p: number): crypto.ScryptOptions => ({
  N,
  r,
  p,
  maxmem: 128 * N * r + 128 * r * p + 1024 * 1024,
})
