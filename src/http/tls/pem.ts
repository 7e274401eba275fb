import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { createSecureContext } from 'node:tls'
import type { TlsFiles } from '../../config/types.js'
import { ConfigError } from '../../errors.js'
import { messageOf } from '../../lib/error-message.js'
import { exhaustedError } from '../../lib/exhausted.js'

/** A certificate chain and its key, as text. */
export interface Pem {
  cert: string
  key: string
}

/**
 * Reads both files and checks that they match.
 * @returns also warnings about a certificate that is still usable.
 * @throws ConfigError with every problem, each with key, path, reason and hint; ExhaustedError if no file descriptor is free.
 */
export async function readPem(
  files: TlsFiles,
  nowMs: () => number,
  readText: ReadText = async (path) => await readFile(path, 'utf8'),
): Promise<Pem & { warnings: string[] }> {
  const [cert, key] = await Promise.all([
    read('server.tls-cert', files.certPath, readText, certificateIn),
    read('server.tls-key', files.keyPath, readText, keyIn),
  ])
  const problems = [cert, key].flatMap((file) => ('problem' in file ? [file.problem] : []))
  if ('problem' in cert || 'problem' in key) throw new ConfigError(problems, 'the configuration')
  if (!cert.value.checkPrivateKey(key.value)) {
    const problem = `${key.name} is not the key of ${cert.name}: set the key that this certificate was made for`
    throw new ConfigError([problem], 'the configuration')
  }
  try {
    createSecureContext({ cert: cert.text, key: key.text }) // parses the whole chain
  } catch (error) {
    const problem = `${cert.name} cannot be used: ${messageOf(error)}; create a new certificate and key`
    throw new ConfigError([problem], 'the configuration')
  }
  return { cert: cert.text, key: key.text, warnings: datesOf(cert.value, cert.name, nowMs()) }
}

type ReadText = (path: string) => Promise<string>

type Read<T> = { name: string; text: string; value: T } | { problem: string }

async function read<T>(
  configKey: string,
  path: string,
  readText: ReadText,
  parse: (text: string) => T,
): Promise<Read<T>> {
  const name = `${configKey}: ${resolve(path)}`
  try {
    const text = await readText(path)
    return { name, text, value: parse(text) }
  } catch (error) {
    const exhausted = exhaustedError(`${name} cannot be read`, error)
    if (exhausted !== undefined) throw exhausted
    return { problem: `${name} ${whyUnusable(error)}` }
  }
}

function whyUnusable(error: unknown): string {
  switch ((error as NodeJS.ErrnoException).code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return 'does not exist: check the path'
    case 'EACCES':
    case 'EPERM':
      return 'is not readable by this user: change its mode or owner, or use a readable copy'
    case 'EISDIR':
      return 'is a folder: name the file in it'
    default:
      return messageOf(error)
  }
}

/** @throws Error with the end of a sentence. */
function certificateIn(text: string): X509Certificate {
  if (!text.includes('-----BEGIN CERTIFICATE-----')) {
    if (/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(text))
      throw new Error('holds a key and no certificate: are tls-cert and tls-key swapped?')
    throw new Error(notPem('certificate', 'openssl x509 -inform DER -in FILE -out FILE.pem'))
  }
  try {
    return new X509Certificate(text)
  } catch (error) {
    throw new Error(`holds a certificate that cannot be read (${messageOf(error)}): create a new one`, {
      cause: error,
    })
  }
}

/** @throws Error with the end of a sentence. */
function keyIn(text: string): KeyObject {
  if (!/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(text)) {
    if (text.includes('-----BEGIN CERTIFICATE-----'))
      throw new Error('holds a certificate and no key: are tls-cert and tls-key swapped?')
    throw new Error(notPem('key', 'openssl pkey -inform DER -in FILE -out FILE.pem'))
  }
  if (text.includes('ENCRYPTED'))
    throw new Error(
      'is protected by a passphrase, which a service cannot enter: remove it with "openssl pkey -in FILE -out FILE.pem"',
    )
  try {
    return createPrivateKey(text)
  } catch (error) {
    throw new Error(`holds a key that cannot be read (${messageOf(error)}): create a new one`, {
      cause: error,
    })
  }
}

const notPem = (kind: string, command: string): string =>
  `is not a PEM file with a ${kind}: it has no line "-----BEGIN"; convert a binary file with "${command}"`

/** Warnings only: browsers report an expired certificate themselves, and a Pi without a clock starts in the past. */
function datesOf(certificate: X509Certificate, name: string, nowMs: number): string[] {
  const { validFrom, validTo } = certificate
  if (Date.parse(validTo) <= nowMs) return [`${name} expired on ${validTo}: browsers reject it; renew it`]
  if (Date.parse(validFrom) > nowMs)
    return [`${name} is not valid before ${validFrom}: check the clock of this machine`]
  return []
}
