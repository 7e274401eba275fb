import { mkdir, stat } from 'node:fs/promises'
import { hostname, networkInterfaces } from 'node:os'
import { dirname, resolve } from 'node:path'
import { CertificateError } from '../certificate/certificate-error.js'
import { filesIn, type CertificateFiles } from '../certificate/files.js'
import { localNames } from '../certificate/local-names.js'
import { makeCertificate, type Made } from '../certificate/make.js'
import type { Config } from '../config/types.js'
import { isHostName } from '../lib/host-name.js'
import { createMachineNames } from '../lib/machine-names.js'
import { messageOf } from '../lib/error-message.js'
import type { FileOwner } from '../lib/replace-file.js'
import type { CertificateRequest } from './command-args.js'
import type { CommandIO } from './command-io.js'
import { writeTls } from './write-tls.js'

/** The service may write its state folder only, so a certificate there is renewed by the service itself. */
const SERVICE = { config: '/etc/rpi-webrtc/config.toml', folder: '/var/lib/rpi-webrtc' }

export interface CertificateMachine {
  config: Config
  /** Undefined without a configuration file. */
  configPath: string | undefined
  /** Of this process. */
  user: { uid: number; gid: number }
  nowMs: number
}

/** `rpi-webrtc certificate`: exit code 1 if there is no certificate, or the configuration was not written. */
export async function certificate(
  request: CertificateRequest,
  { config, configPath, user, nowMs }: CertificateMachine,
  shell: CommandIO,
): Promise<number> {
  const folder = resolve(request.folder ?? (await usualFolder(configPath)))
  const files = filesIn(folder)
  const tls = { certPath: files.cert, keyPath: files.key }
  try {
    const made = await makeCertificate({
      files,
      machineNames: namesFor(config),
      askedNames: request.names,
      newAuthority: request.force,
      commonName: `rpi-webrtc ${hostname()}`,
      owner: await ownerIn(folder, configPath, user),
      nowMs,
    })
    shell.print(report(made, files))
  } catch (error) {
    if (!(error instanceof CertificateError)) throw error
    shell.printError(error.message)
    return 1
  }
  const isConfigured =
    config.server.tls?.certPath === tls.certPath && config.server.tls.keyPath === tls.keyPath
  if (isConfigured) shell.print('\nA running server applies it within a second.')
  else if (!request.write) shell.print(linesToWrite(tls, configPath))
  else if (configPath === undefined) {
    shell.printError('There is no configuration file to write to: "rpi-webrtc init" writes one.')
    return 1
  } else {
    const written = await writeTls(configPath, tls)
    if ('problem' in written) {
      shell.printError(written.problem)
      return 1
    }
    shell.print(
      `\n${configPath} now names it; a running server applies it. The former file is ${written.backup!}.`,
    )
  }
  const address = `https://${addressOf(config)}:${config.server.webPort}/certificate`
  shell.print(`\nThen make your phones and computers trust the authority: open ${address}`)
  return 0
}

const namesFor = ({ server: { access, piIp } }: Config): string[] =>
  localNames({
    machineNames: createMachineNames()(),
    interfaces: networkInterfaces(),
    configured: [...access.names, ...(piIp === undefined ? [] : [piIp])],
  })

async function usualFolder(configPath: string | undefined): Promise<string> {
  const beside = dirname(resolve(configPath ?? 'config.toml'))
  if (configPath === undefined || resolve(configPath) !== SERVICE.config) return beside
  return (await isFolder(SERVICE.folder)) ? SERVICE.folder : beside
}

const isFolder = async (path: string): Promise<boolean> =>
  await stat(path).then(
    (stats) => stats.isDirectory(),
    () => false,
  )

/**
 * Who owns new files. Root gives them to the owner of the folder, the service for example. In a folder of root, the group of the
 * configuration may read the key, because the service reads the configuration as a member of that group.
 */
async function ownerIn(
  folder: string,
  configPath: string | undefined,
  user: CertificateMachine['user'],
): Promise<FileOwner> {
  await mkdir(folder, { recursive: true }).catch((error: unknown) => {
    throw new CertificateError(`${folder} cannot be created: ${messageOf(error)}`)
  })
  const own: FileOwner = { ...user, mode: 0o600 }
  if (user.uid !== 0) return own
  const { uid, gid } = await stat(folder)
  if (uid !== 0) return { uid, gid, mode: 0o600 }
  const config = configPath === undefined ? undefined : await stat(configPath).catch(() => undefined)
  const isShared = config !== undefined && config.gid !== 0 && (config.mode & 0o040) !== 0
  return isShared ? { uid: 0, gid: config.gid, mode: 0o640 } : own
}

function report(made: Made, files: CertificateFiles): string {
  const why = made.reason === undefined ? '' : ` because ${made.reason}`
  const state = { new: 'made', renewed: `renewed${why}`, kept: 'kept, nothing to do' }[made.certificate]
  return [
    `${files.cert}: ${state}`,
    `  valid until ${day(made.validTo)}, for ${made.names.join(', ')}`,
    ...(made.dropped.length === 0
      ? []
      : [
          `  not for ${made.dropped.join(', ')}: the authority was not made for that; --force makes a new one`,
        ]),
    `${files.authority}: certificate authority, ${made.authority === 'new' ? 'made' : 'kept'}`,
    `  valid until ${day(made.authorityValidTo)}, SHA-256 ${made.fingerprint}`,
  ].join('\n')
}

const day = (date: Date): string => date.toISOString().slice(0, 10)

const linesToWrite = (tls: { certPath: string; keyPath: string }, configPath: string | undefined): string =>
  [
    `\nWrite into [server] of ${configPath ?? 'the configuration'}, or use --write:`,
    `  tls-cert = ${JSON.stringify(tls.certPath)}`,
    `  tls-key = ${JSON.stringify(tls.keyPath)}`,
  ].join('\n')

function addressOf({ server }: Config): string {
  const [label = 'localhost'] = hostname().toLowerCase().split('.')
  return server.piIp ?? (isHostName(label) ? `${label}.local` : 'localhost')
}
