import { X509Certificate } from 'node:crypto'
import { dirname } from 'node:path'
import { filesBeside } from '../certificate/files.js'
import type { Config, TlsFiles } from '../config/types.js'
import { ConfigError } from '../errors.js'
import { readPem } from '../http/tls/pem.js'
import { pemExposures } from '../http/tls/pem-access.js'
import { ok, problem, warning, type Check } from './check.js'
import type { System } from './system.js'
import { mayUse, type User } from './users.js'

const SOON_MS = 14 * 24 * 3600 * 1000

/** @param service the user of the installed service, if there is one. */
export async function checkTls(config: Config, system: System, service: User | undefined): Promise<Check[]> {
  const { tls } = config.server
  if (tls === undefined) return []
  return [
    await assessCertificate(tls, system),
    ...(await pemExposures(tls, system)).map(({ detail, hint }) =>
      warning('tls-exposed', 'certificate', detail, hint),
    ),
    ...(service === undefined ? [] : await checkReadable(tls, system, service)),
  ]
}

async function assessCertificate(tls: TlsFiles, system: System): Promise<Check> {
  const title = 'certificate'
  try {
    const { cert, warnings } = await readPem(tls, () => system.nowMs())
    if (warnings.length > 0) return warning('tls', title, warnings.join('; '), howToRenew(tls))
    const { validTo } = new X509Certificate(cert)
    const day = new Date(validTo).toISOString().slice(0, 10)
    if (Date.parse(validTo) - system.nowMs() < SOON_MS)
      return warning('tls', title, `${tls.certPath} expires on ${day}`, howToRenew(tls))
    return ok('tls', title, `valid until ${day}`)
  } catch (error) {
    const detail = error instanceof ConfigError ? error.problems.join('; ') : String(error)
    return problem('tls', title, detail)
  }
}

const LOADED = 'rpi-webrtc loads the new files automatically'

/** Whoever made it renews it. */
const howToRenew = ({ certPath, keyPath }: TlsFiles): string =>
  filesBeside(certPath, keyPath) === undefined
    ? `Renew it (certbot renew); ${LOADED}`
    : `Renew it (sudo rpi-webrtc certificate); ${LOADED}`

/** Whether the user of the service may read the files, whichever user runs the doctor. */
async function checkReadable(tls: TlsFiles, system: System, service: User): Promise<Check[]> {
  for (const path of [tls.certPath, tls.keyPath]) {
    const real = (await system.resolve(path)) ?? path
    const obstacle =
      (await closedFolder(dirname(path), system, service)) ?? (await closedFile(real, system, service))
    if (obstacle !== undefined)
      return [
        problem(
          'tls-access',
          'certificate',
          `the service's user ${service.name} may not read ${obstacle}`,
          `sudo install -g ${service.name} -m 640 ${tls.certPath} ${tls.keyPath} /etc/rpi-webrtc/, and name the copies; docs/security.md shows how certbot copies them at each renewal`,
        ),
      ]
  }
  return []
}

async function closedFile(path: string, system: System, user: User): Promise<string | undefined> {
  const file = await system.ownerOf(path)
  if (file !== undefined && !mayUse(file, user, 4)) return path
  return await closedFolder(dirname(path), system, user)
}

async function closedFolder(folder: string, system: System, user: User): Promise<string | undefined> {
  for (let at = folder; ; at = dirname(at)) {
    const owner = await system.ownerOf(at)
    if (owner !== undefined && !mayUse(owner, user, 1)) return at
    if (at === dirname(at)) return undefined
  }
}
