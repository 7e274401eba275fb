import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  Extension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509'
import { createPrivateKey, createPublicKey, generateKeyPairSync, randomBytes, webcrypto } from 'node:crypto'
import { isIP } from 'node:net'
import { decodePermitted, encodePermitted, NAME_CONSTRAINTS, type Permitted } from './name-constraints.js'

const DAY_MS = 24 * 3600 * 1000
/** Safari accepts at most 398 days of a public certificate and 825 of others (Apple support 102028). */
export const CERTIFICATE_DAYS = 397
const AUTHORITY_DAYS = 3650
/** The clock of a phone may be behind. */
const BACKDATED_MS = DAY_MS
const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }

/** PEM texts. */
export interface Issued {
  cert: string
  key: string
}

export const newKey = (): string =>
  generateKeyPairSync('ec', { namedCurve: 'P-256' })
    .privateKey.export({ type: 'pkcs8', format: 'pem' })
    .toString()

/** Whether this is a key that `newKey` could have made. */
export function isOwnKey(pem: string): boolean {
  try {
    return createPrivateKey(pem).asymmetricKeyDetails?.namedCurve === 'prime256v1'
  } catch {
    return false
  }
}

/** A certificate authority that may sign servers only, and only these names. */
export async function issueAuthority(
  commonName: string,
  permitted: Permitted,
  nowMs: number,
): Promise<Issued> {
  const key = newKey()
  const { signingKey, publicKey } = await keysOf(key)
  const certificate = await X509CertificateGenerator.create({
    ...common([{ CN: [commonName.slice(0, 64)] }], nowMs, AUTHORITY_DAYS),
    issuer: [{ CN: [commonName.slice(0, 64)] }],
    publicKey,
    signingKey,
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      new Extension(NAME_CONSTRAINTS, true, encodePermitted(permitted)),
      await SubjectKeyIdentifierExtension.create(publicKey),
    ],
  })
  return { cert: pemOf(certificate), key }
}

/**
 * A server's certificate for these names and addresses. It does not outlive its authority.
 * @param key PEM of the server's key.
 */
export async function issueCertificate(
  authority: Issued,
  key: string,
  names: readonly string[],
  nowMs: number,
): Promise<string> {
  const issuer = new X509Certificate(authority.cert)
  const { publicKey } = await keysOf(key)
  const { signingKey } = await keysOf(authority.key)
  const dates = common([{ CN: [names[0]!.slice(0, 64)] }], nowMs, CERTIFICATE_DAYS)
  const certificate = await X509CertificateGenerator.create({
    ...dates,
    notAfter: new Date(Math.min(dates.notAfter.getTime(), issuer.notAfter.getTime())),
    issuer: issuer.subjectName.toJSON(),
    publicKey,
    signingKey,
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
      new SubjectAlternativeNameExtension(
        names.map((value) => ({ type: isIP(value) === 0 ? 'dns' : 'ip', value })),
      ),
      await SubjectKeyIdentifierExtension.create(publicKey),
      await AuthorityKeyIdentifierExtension.create(issuer.publicKey),
    ],
  })
  return pemOf(certificate)
}

/** Undefined for an authority without name constraints, which may sign every name. @throws Error if they have another form. */
export function permittedBy(authorityPem: string): Permitted | undefined {
  const extension = new X509Certificate(authorityPem).getExtension(NAME_CONSTRAINTS)
  return extension === null ? undefined : decodePermitted(Buffer.from(extension.value))
}

const common = (subject: { CN: string[] }[], nowMs: number, days: number) => ({
  serialNumber: serialNumber(),
  subject,
  notBefore: new Date(nowMs - BACKDATED_MS),
  notAfter: new Date(nowMs - BACKDATED_MS + days * DAY_MS),
  signingAlgorithm: ALGORITHM,
})

/** Positive, at most 20 bytes, and not to be guessed (RFC 5280 section 4.1.2.2). */
function serialNumber(): string {
  const bytes = randomBytes(16)
  bytes[0] = (bytes[0]! & 0x3f) | 0x40
  return bytes.toString('hex')
}

const { subtle } = webcrypto

async function keysOf(
  pem: string,
): Promise<{ signingKey: webcrypto.CryptoKey; publicKey: webcrypto.CryptoKey }> {
  const pkcs8 = createPrivateKey(pem).export({ type: 'pkcs8', format: 'der' })
  const spki = createPublicKey(pem).export({ type: 'spki', format: 'der' })
  return {
    signingKey: await subtle.importKey('pkcs8', pkcs8, ALGORITHM, false, ['sign']),
    publicKey: await subtle.importKey('spki', spki, ALGORITHM, true, ['verify']),
  }
}

const pemOf = (certificate: X509Certificate): string => `${certificate.toString('pem')}\n`
