import { watch } from 'node:fs'
import { basename, dirname } from 'node:path'
import type { TlsFiles } from '../../config/types.js'
import { ConfigError } from '../../errors.js'
import { messageOf } from '../../lib/error-message.js'
import { realFiles } from '../../lib/file-access.js'
import type { Log } from '../../log.js'
import { pemExposures } from './pem-access.js'
import { readPem, type Pem } from './pem.js'

/** The certificate in force, for every port. Connections that are there keep the one they began with. */
export interface Certificate extends Disposable {
  pem(): Pem
  onRenewed(listener: (pem: Pem) => void): Disposable
}

/** Certificate and key are written one after the other: they are looked at when both have been quiet for this long. */
const QUIET_MS = 500
/** For file systems that tell nothing of changes, as over a network. */
const POLL_INTERVAL_MS = 60_000

/**
 * Reads the certificate, and reads it again when its files change. A new one that cannot be used is refused with a line
 * in the log, once, and the old one stays.
 * @throws ConfigError with key, path, reason and hint if it cannot be used at start.
 */
export async function openCertificate(
  files: TlsFiles,
  {
    log,
    quietMs = QUIET_MS,
    pollIntervalMs: lookAgainMs = POLL_INTERVAL_MS,
    nowMs = Date.now,
  }: CertificateOptions,
): Promise<Certificate> {
  const { warnings: firstWarnings, ...first } = await readPem(files, nowMs)
  let current: Pem = first
  for (const warning of firstWarnings) log.warn(warning)
  const listeners = new Set<(pem: Pem) => void>()
  let refused: string | undefined
  let closed = false

  const renew = async (): Promise<void> => {
    try {
      const { warnings, ...pem } = await readPem(files, nowMs)
      refused = undefined
      if (closed || (pem.cert === current.cert && pem.key === current.key)) return
      current = pem
      for (const listener of listeners) listener(pem)
      log.info('the certificate was renewed')
      for (const warning of warnings) log.warn(warning)
      for (const { detail, hint } of await pemExposures(files, realFiles)) log.warn(`${detail}: ${hint}`)
    } catch (error) {
      const reason = error instanceof ConfigError ? error.problems.join('; ') : messageOf(error)
      if (!closed && reason !== refused)
        log.error(`the new certificate is refused, the old one stays: ${reason}`)
      refused = reason
    }
  }

  let quiet: NodeJS.Timeout | undefined
  const changed = (): void => {
    clearTimeout(quiet)
    quiet = setTimeout(() => void renew(), quietMs)
  }
  const watchers = watchFolders(files, changed, log)
  const lookingAgain = setInterval(() => void renew(), lookAgainMs)

  return {
    pem: () => current,
    onRenewed: (listener) => {
      listeners.add(listener)
      return { [Symbol.dispose]: () => void listeners.delete(listener) }
    },
    [Symbol.dispose]: () => {
      closed = true
      clearTimeout(quiet)
      clearInterval(lookingAgain)
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

/** The folders, for certbot puts other files in the place of these, and a watched file that is replaced tells nothing more. */
function watchFolders({ certPath, keyPath }: TlsFiles, changed: () => void, log: Log) {
  const names = [basename(certPath), basename(keyPath)]
  const folders = [...new Set([dirname(certPath), dirname(keyPath)])]
  return folders.flatMap((folder) => {
    const cannot = (error: unknown): void =>
      log.debug('a folder cannot be watched; its certificate is looked at every minute', {
        error: String(error),
      })
    try {
      const watcher = watch(folder, (_event, name) => {
        if (name === null || names.includes(name)) changed()
      })
      watcher.on('error', cannot)
      return [watcher]
    } catch (error) {
      cannot(error)
      return []
    }
  })
}
