import { watch } from 'node:fs'
import { basename, dirname } from 'node:path'
import type { TlsFiles } from '../../config/types.js'
import { ConfigError } from '../../errors.js'
import { messageOf } from '../../lib/error-message.js'
import { realFiles } from '../../lib/file-access.js'
import type { Log } from '../../log.js'
import { pemExposures } from './pem-access.js'
import { readPem, type Pem } from './pem.js'

/** The current certificate, for every port. Open connections keep the certificate of their handshake. */
export interface Certificate extends Disposable {
  pem(): Pem
  onRenewed(listener: (pem: Pem) => void): Disposable
}

/** Certificate and key are written one after the other, so both are read when neither has changed for this long. */
const QUIET_MS = 500
/** For file systems without change events, such as network mounts. */
const POLL_INTERVAL_MS = 60_000

/**
 * Reads the certificate, and again when its files change. An invalid new certificate is logged once, and the old one stays in use.
 * @throws ConfigError with key, path, reason and hint if it cannot be used at start.
 */
export async function openCertificate(
  files: TlsFiles,
  { log, quietMs = QUIET_MS, pollIntervalMs = POLL_INTERVAL_MS, nowMs = Date.now }: CertificateOptions,
): Promise<Certificate> {
  const { warnings: firstWarnings, ...first } = await readPem(files, nowMs)
  let current: Pem = first
  for (const warning of firstWarnings) log.warn(warning)
  const listeners = new Set<(pem: Pem) => void>()
  let rejected: string | undefined
  let closed = false

  const renew = async (): Promise<void> => {
    try {
      const { warnings, ...pem } = await readPem(files, nowMs)
      rejected = undefined
      if (closed || (pem.cert === current.cert && pem.key === current.key)) return
      current = pem
      for (const listener of listeners) listener(pem)
      log.info('the certificate was renewed')
      for (const warning of warnings) log.warn(warning)
      for (const { detail, hint } of await pemExposures(files, realFiles)) log.warn(`${detail}: ${hint}`)
    } catch (error) {
      const reason = error instanceof ConfigError ? error.problems.join('; ') : messageOf(error)
      if (!closed && reason !== rejected)
        log.error(`the new certificate is rejected, the old one stays in use: ${reason}`)
      rejected = reason
    }
  }

  let quiet: NodeJS.Timeout | undefined
  const changed = (): void => {
    clearTimeout(quiet)
    quiet = setTimeout(() => void renew(), quietMs)
  }
  const watchers = watchFolders(files, changed, log)
  const polling = setInterval(() => void renew(), pollIntervalMs)

  return {
    pem: () => current,
    onRenewed: (listener) => {
      listeners.add(listener)
      return { [Symbol.dispose]: () => void listeners.delete(listener) }
    },
    [Symbol.dispose]: () => {
      closed = true
      clearTimeout(quiet)
      clearInterval(polling)
      for (const watcher of watchers) watcher.close()
    },
  }
}

export interface CertificateOptions {
  log: Log
  quietMs?: number
  pollIntervalMs?: number
  nowMs?: () => number
}

/** Watches the folders: certbot replaces the files, and a watch on a replaced file reports nothing more. */
function watchFolders({ certPath, keyPath }: TlsFiles, changed: () => void, log: Log) {
  const names = [basename(certPath), basename(keyPath)]
  const folders = [...new Set([dirname(certPath), dirname(keyPath)])]
  return folders.flatMap((folder) => {
    const onError = (error: unknown): void =>
      log.debug('a folder cannot be watched; its certificate is checked every minute', {
        error: String(error),
      })
    try {
      const watcher = watch(folder, (_event, name) => {
        if (name === null || names.includes(name)) changed()
      })
      watcher.on('error', onError)
      return [watcher]
    } catch (error) {
      onError(error)
      return []
    }
  })
}
