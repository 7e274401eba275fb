import { isDeepStrictEqual } from 'node:util'
import type { TlsFiles } from '../../config/types.js'
import type { Log } from '../../log.js'
import { openCertificate, type Certificate } from './certificate.js'

/** The certificate of the files that are configured at present; none where the server speaks plain HTTP. */
export interface CurrentCertificate extends Disposable {
  readonly inForce: Certificate | undefined
  /** @throws ConfigError where the new one cannot be used; then the one before it stays. */
  take(files: TlsFiles | undefined): Promise<void>
}

export function currentCertificate(log: Log): CurrentCertificate {
  let inForce: Certificate | undefined
  let current: TlsFiles | undefined
  return {
    get inForce() {
      return inForce
    },
    async take(files) {
      if (isDeepStrictEqual(files, current)) return
      const next = files && (await openCertificate(files, { log }))
      inForce?.[Symbol.dispose]()
      inForce = next
      current = files
    },
    [Symbol.dispose]: () => inForce?.[Symbol.dispose](),
  }
}
