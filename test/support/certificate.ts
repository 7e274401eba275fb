import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** A folder with a self-signed certificate and its key, which is deleted when disposed. */
export interface CertificateFolder extends AsyncDisposable {
  folder: string
  certPath: string
  keyPath: string
  /** Puts another certificate, with another key, into the same files or into others of the folder. */
  make(name: string, certFile?: string, keyFile?: string): Promise<void>
}

/** @param name what the certificate is for, as its owner's name: CN. */
export async function makeCertificate(name: string): Promise<CertificateFolder> {
  const folder = await mkdtemp(join(tmpdir(), 'rpi-webrtc-tls-'))
  const make = async (owner: string, certFile = 'cert.pem', keyFile = 'key.pem'): Promise<void> => {
    const key = [
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:prime256v1',
      '-noenc',
      '-keyout',
      join(folder, keyFile),
    ]
    const names = ['-subj', `/CN=${owner}`, '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1']
    await run('openssl', ['req', '-x509', ...key, ...names, '-days', '2', '-out', join(folder, certFile)])
  }
  await make(name)
  return {
    folder,
    certPath: join(folder, 'cert.pem'),
    keyPath: join(folder, 'key.pem'),
    make,
    [Symbol.asyncDispose]: async () => await rm(folder, { recursive: true }),
  }
}
