import { stat } from 'node:fs/promises'
import { readFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { messageOf } from '../lib/error-message.js'
import { writeWhole, type FileOwner } from '../lib/replace-file.js'
import { CertificateError } from './certificate-error.js'

/** The files of a folder: the authority, which devices trust, and the server's certificate, which it signed. */
export interface CertificateFiles {
  authority: string
  authorityKey: string
  cert: string
  key: string
}

const [CERT, KEY] = ['tls-cert.pem', 'tls-key.pem']

export const filesIn = (folder: string): CertificateFiles => ({
  authority: join(folder, 'tls-ca.pem'),
  authorityKey: join(folder, 'tls-ca-key.pem'),
  cert: join(folder, CERT),
  key: join(folder, KEY),
})

/** The files beside a configured certificate, if it has the names that the command gives. */
export function filesBeside(certPath: string, keyPath: string): CertificateFiles | undefined {
  const isOurs =
    basename(certPath) === CERT && basename(keyPath) === KEY && dirname(certPath) === dirname(keyPath)
  return isOurs ? filesIn(dirname(certPath)) : undefined
}

/** @returns undefined if there is no such file. @throws CertificateError if it cannot be read. */
export async function readIfPresent(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw new CertificateError(`${path} cannot be read: ${messageOf(error)}`)
  }
}

/** Keeps owner and mode of a file that exists. @throws CertificateError if it cannot be written. */
export async function write(path: string, content: string, owner: FileOwner): Promise<void> {
  try {
    const present = await stat(path).catch(() => undefined)
    // A key that was readable by more users does not stay so.
    const mode = present === undefined ? owner.mode : present.mode & (owner.mode | 0o040)
    await writeWhole(path, content, { uid: present?.uid ?? owner.uid, gid: present?.gid ?? owner.gid, mode })
  } catch (error) {
    throw new CertificateError(whyNotWritten(path, error))
  }
}

function whyNotWritten(path: string, error: unknown): string {
  switch ((error as NodeJS.ErrnoException).code) {
    case 'ENOENT':
      return `${path} cannot be written: its folder does not exist`
    case 'EACCES':
    case 'EPERM':
      return `${path} may not be written by this user: use sudo, or another --folder`
    case 'EROFS':
      return `${path} is on a file system that may not be written: use another --folder`
    default:
      return `${path} cannot be written: ${messageOf(error)}`
  }
}
