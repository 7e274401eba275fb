import { X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { messageOf } from '../lib/error-message.js'
import { CertificateError } from './certificate-error.js'
import type { CertificateFiles } from './files.js'
import { makeCertificate } from './make.js'
import { isSignedBy, whyRenew } from './renewal.js'

export interface OwnAuthority {
  pem: string
  fingerprint: string
}

/** The authority beside a certificate, if it signed this certificate. Never throws. */
export async function authorityOf(
  files: CertificateFiles,
  certPem: string,
): Promise<OwnAuthority | undefined> {
  try {
    const pem = await readFile(files.authority, 'utf8')
    const authority = new X509Certificate(pem)
    if (!isSignedBy(new X509Certificate(certPem), authority)) return undefined
    // Not the file: it may have more in it than the certificate.
    return { pem: authority.toString(), fingerprint: authority.fingerprint256 }
  } catch {
    return undefined
  }
}

/**
 * Renews a certificate of our own authority if that is due, for the running server.
 * @returns why it was renewed, or why it is due and could not be; undefined if nothing is due.
 */
export async function renewOwn(
  files: CertificateFiles,
  machineNames: readonly string[],
  nowMs: number,
): Promise<{ renewed: string } | { failed: string; validTo: Date } | undefined> {
  const certPem = await readFile(files.cert, 'utf8').catch(() => '')
  const authority = await authorityOf(files, certPem)
  if (authority === undefined) return undefined
  const cert = new X509Certificate(certPem)
  const due = whyRenew(cert, new X509Certificate(authority.pem), [], nowMs)
  try {
    const made = await makeCertificate({
      files,
      machineNames,
      askedNames: [],
      newAuthority: false,
      commonName: '',
      owner: { uid: -1, gid: -1, mode: 0o600 },
      nowMs,
    })
    return made.reason === undefined ? undefined : { renewed: made.reason }
  } catch (error) {
    if (!(error instanceof CertificateError))
      return { failed: messageOf(error), validTo: new Date(cert.validTo) }
    // Without the right to write the folder, only the end of the certificate is worth a warning.
    return due === undefined ? undefined : { failed: error.message, validTo: new Date(cert.validTo) }
  }
}
