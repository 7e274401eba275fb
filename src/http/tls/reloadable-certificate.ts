import { isDeepStrictEqual } from 'node:util'
import type { TlsFiles } from '../../config/types.js'
import type { Log } from '../../log.js'
import { openCertificate, type Certificate } from './certificate.js'

/** The certificate of the current configuration; none for plain HTTP. */
export interface ReloadableCertificate extends Disposable {
  readonly inForce: Certificate | undefined
  /** @throws ConfigError if the new certificate is invalid; then the old one stays in use. */
  apply(files: TlsFiles | undefined): Promise<void>
}

export function createReloadableCertificate(log: Log): ReloadableCertificate {
  let inForce: Certificate | undefined
  let current: TlsFiles | undefined
  return {
    get inForce() {
      return inForce
    },
    async apply(files) {
      if (isDeepStrictEqual(files, current)) return
      const next = files && (await openCertificate(files, { log }))
      inForce?.[Symbol.dispose]()
      inForce = next
      current = files
    },
    [Symbol.dispose]: () => inForce?.[Symbol.dispose](),
  }
}
