import { X509Certificate } from 'node:crypto'
import { isIP } from 'node:net'

/** A certificate is renewed when this is left, as most programs that ask Let's Encrypt do. */
export const RENEW_BEFORE_MS = 30 * 24 * 3600 * 1000
/** Addresses of former networks stay in the certificate up to this number of names. */
const MAX_NAMES = 100

/** Why a certificate has to be replaced; undefined if it can stay. */
export function whyRenew(
  cert: X509Certificate,
  authority: X509Certificate,
  wanted: readonly string[],
  nowMs: number,
): string | undefined {
  if (!isSignedBy(cert, authority)) return 'it was signed by another authority'
  const days = Math.floor((Date.parse(cert.validTo) - nowMs) / (24 * 3600 * 1000))
  if (days < 0) return 'it has expired'
  // One that ends with its authority cannot become longer.
  const canBecomeLonger = Date.parse(authority.validTo) > Date.parse(cert.validTo)
  if (days * 24 * 3600 * 1000 < RENEW_BEFORE_MS && canBecomeLonger) return `it expires in ${days} days`
  const missing = wanted.filter((name) => !covers(cert, name))
  return missing.length === 0 ? undefined : `it lacks ${missing.join(', ')}`
}

export const isSignedBy = (cert: X509Certificate, authority: X509Certificate): boolean =>
  cert.checkIssued(authority) && cert.verify(authority.publicKey)

const covers = (cert: X509Certificate, name: string): boolean =>
  (isIP(name) === 0 ? cert.checkHost(name, { subject: 'never' }) : cert.checkIP(name)) !== undefined

/** The wanted names, then those of the former certificate: a machine that comes back to a network keeps its address there. */
export const namesWithFormer = (wanted: readonly string[], former: X509Certificate | undefined): string[] =>
  [...new Set([...wanted, ...(former === undefined ? [] : namesIn(former))])].slice(0, MAX_NAMES)

/** As the certificate has them: `DNS:pi.local, IP Address:192.168.1.20`. */
export const namesIn = ({ subjectAltName = '' }: X509Certificate): string[] =>
  Array.from(subjectAltName.matchAll(/(?:DNS|IP Address):([\w.:*-]+)/g), ([, name]) => shortest(name!))

/** IPv6 addresses in the form of RFC 5952. */
const shortest = (name: string): string =>
  isIP(name) === 6 ? new URL(`http://[${name}]`).hostname.slice(1, -1) : name.toLowerCase()
