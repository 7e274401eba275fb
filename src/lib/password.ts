import * as crypto from 'node:crypto'
import { promisify } from 'node:util'
import { normalForm, type Argon2Algorithm, type Password } from './password-format.js'

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

const nodeArgon2 = (crypto as { argon2?: Argon2 }).argon2

/** OWASP's recommendation for 16 MiB, which a Pi Zero can spare. */
const COST = 16_384
const BLOCK_SIZE = 8
const PARALLELISM = 5
const SALT_BYTES = 16
const HASH_BYTES = 32

/** Whether `given` is the password. Hashes are computed in the thread pool, off the event loop. */
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
      const { algorithm, memoryKib: memory, passes, parallelism, salt: nonce, hash } = password
      if (argon2 === undefined) return false
      const parameters = { message, nonce, parallelism, tagLength: hash.length, memory, passes }
      return crypto.timingSafeEqual(await promisify(argon2)(algorithm, parameters), hash)
    }
  }
}

/** Hashes a password with a random salt: `scrypt$N$r$p$SALT$HASH`. */
export async function hashPassword(text: string): Promise<string> {
  const salt = crypto.randomBytes(SALT_BYTES)
  const message = Buffer.from(normalForm(text))
  const hash = await scrypt(message, salt, HASH_BYTES, scryptOptions(COST, BLOCK_SIZE, PARALLELISM))
  const encoded = [salt, hash].map((bytes) => bytes.toString('base64url'))
  return ['scrypt', COST, BLOCK_SIZE, PARALLELISM, ...encoded].join('$')
}

/** Derives an HMAC key with scrypt: a leaked signature cannot be brute-forced cheaply. */
export async function keyFrom(secret: string, purpose: string): Promise<Buffer> {
  const options = scryptOptions(COST, BLOCK_SIZE, 1)
  return await scrypt(Buffer.from(secret), Buffer.from(purpose), HASH_BYTES, options)
}

/** Compares secrets of any length in a time that does not depend on where they differ. */
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
