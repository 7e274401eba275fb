import { createPrivateKey, X509Certificate } from 'node:crypto'
import type { FileOwner } from '../lib/replace-file.js'
import { messageOf } from '../lib/error-message.js'
import { CertificateError } from './certificate-error.js'
import { readIfPresent, write, type CertificateFiles } from './files.js'
import { isOwnKey, issueAuthority, issueCertificate, newKey, permittedBy, type Issued } from './issue.js'
import { permittedWith } from './local-names.js'
import { permits, type Permitted } from './name-constraints.js'
import { namesIn, namesWithFormer, whyRenew } from './renewal.js'

/** Before this the clock was not set: a Pi without one starts at the time of its image, or in 1970. */
const EARLIEST_MS = Date.UTC(2026, 0, 1)

export interface MakeOptions {
  files: CertificateFiles
  /** Of this machine, found by itself; those that the authority may not sign are left out. */
  machineNames: readonly string[]
  /** Given by the user: one that the authority may not sign is an error. */
  askedNames: readonly string[]
  /** Replaces an existing authority, which devices then have to trust again. */
  newAuthority: boolean
  commonName: string
  /** Of new files. The authority's key is for its owner only, whatever the mode is. */
  owner: FileOwner
  nowMs: number
}

export interface Made {
  authority: 'new' | 'kept'
  certificate: 'new' | 'renewed' | 'kept'
  /** Why it was renewed. */
  reason: string | undefined
  names: string[]
  /** Names of this machine that the authority may not sign. */
  dropped: string[]
  validTo: Date
  authorityValidTo: Date
  /** SHA-256 of the authority, to be compared on a device. */
  fingerprint: string
}

/**
 * Makes what is missing or due: an authority, a key, a certificate. What is right already is left alone.
 * @throws CertificateError with what to do; the files are then as before.
 */
export async function makeCertificate(options: MakeOptions): Promise<Made> {
  const { files, owner, nowMs } = options
  if (nowMs < EARLIEST_MS)
    throw new CertificateError(
      `the clock of this machine says ${new Date(nowMs).toISOString().slice(0, 10)}: set it, or connect to a network that does`,
    )
  const kept = options.newAuthority ? undefined : await keptAuthority(files)
  const machineNames = options.machineNames
  const permitted = kept?.permitted ?? permittedWith([...machineNames, ...options.askedNames])
  const mayName = (name: string): boolean => kept?.isUnlimited === true || permits(permitted, name)
  const refused = options.askedNames.filter((name) => !mayName(name))
  if (refused.length > 0)
    throw new CertificateError(
      `${files.authority} was not made for ${refused.join(', ')}: --force makes a new authority, which every device has to trust again`,
    )
  const dropped = machineNames.filter((name) => !mayName(name))
  const wanted = [...new Set([...machineNames.filter(mayName), ...options.askedNames])]

  const authority = kept ?? (await issueAuthority(options.commonName, permitted, nowMs))
  const authorityCert = new X509Certificate(authority.cert)
  if (Date.parse(authorityCert.validTo) < nowMs)
    throw new CertificateError(
      `${files.authority} has expired: --force makes a new authority, which every device has to trust again`,
    )
  const present = await presentCertificate(files)
  const reason = present.cert === undefined ? undefined : whyRenew(present.cert, authorityCert, wanted, nowMs)
  if (kept === undefined) {
    await write(files.authorityKey, authority.key, { ...owner, mode: 0o600 })
    await write(files.authority, authority.cert, { ...owner, mode: 0o644 })
  }
  let cert = present.cert
  if (cert === undefined || reason !== undefined) {
    const key = present.key ?? newKey()
    const names = namesWithFormer(wanted, kept && cert).filter(mayName)
    const pem = await issueCertificate(authority, key, names, nowMs)
    if (present.key === undefined) await write(files.key, key, owner)
    await write(files.cert, pem, { ...owner, mode: 0o644 })
    cert = new X509Certificate(pem)
  }
  return {
    authority: kept === undefined ? 'new' : 'kept',
    certificate: present.cert === undefined ? 'new' : reason === undefined ? 'kept' : 'renewed',
    reason,
    names: namesIn(cert),
    dropped,
    validTo: new Date(cert.validTo),
    authorityValidTo: new Date(authorityCert.validTo),
    fingerprint: authorityCert.fingerprint256,
  }
}

interface Kept extends Issued {
  permitted: Permitted | undefined
  isUnlimited: boolean
}

/** @returns undefined if there is none. @throws CertificateError if it cannot sign. */
async function keptAuthority(files: CertificateFiles): Promise<Kept | undefined> {
  const cert = await readIfPresent(files.authority)
  const key = await readIfPresent(files.authorityKey)
  if (cert === undefined && key === undefined) return undefined
  const AGAIN = 'or --force makes a new authority, which every device has to trust again'
  if (cert === undefined || key === undefined)
    throw new CertificateError(
      `${cert === undefined ? files.authority : files.authorityKey} is missing: restore it, ${AGAIN}`,
    )
  try {
    const matches = new X509Certificate(cert).checkPrivateKey(createPrivateKey(key))
    if (!matches || !isOwnKey(key)) throw new Error(`${files.authorityKey} is not its key`)
    const permitted = permittedBy(cert)
    return { cert, key, permitted, isUnlimited: permitted === undefined }
  } catch (error) {
    throw new CertificateError(`${files.authority} cannot sign (${messageOf(error)}): restore it, ${AGAIN}`)
  }
}

/** The server's key is kept as long as it can be used, so that a renewal replaces one file. */
async function presentCertificate(
  files: CertificateFiles,
): Promise<{ cert: X509Certificate | undefined; key: string | undefined }> {
  const [cert, key] = [await readIfPresent(files.cert), await readIfPresent(files.key)]
  if (key === undefined || !isOwnKey(key)) return { cert: undefined, key: undefined }
  try {
    const parsed = cert === undefined ? undefined : new X509Certificate(cert)
    return { cert: parsed?.checkPrivateKey(createPrivateKey(key)) === true ? parsed : undefined, key }
  } catch {
    return { cert: undefined, key }
  }
}
