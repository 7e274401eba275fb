/** Why there is no certificate: a sentence with what to do. */
export class CertificateError extends Error {
  override name = 'CertificateError'
}
