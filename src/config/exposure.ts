import { closeToReaders, octal, writableByOthers, type Exposure, type FileFacts } from '../lib/file-access.js'
import type { Config } from './types.js'

/** @param ownGid the primary group of this process, which may write the file. */
export async function configExposures(
  config: Config,
  source: string,
  files: FileFacts,
  ownGid: number | undefined,
): Promise<Exposure[]> {
  const consequence = ', and with it the devices, the password and the right to watch'
  const changed = await writableByOthers(source, files, { consequence, trustedGid: ownGid ?? 0 })
  const path = (await files.resolve(source)) ?? source
  const read = readableSecrets(config, path, (await files.ownerOf(source))?.mode)
  return read === undefined ? changed : [...changed, read]
}

/** A hash of a password may be readable. */
function readableSecrets(
  { server: { access }, cameras, webrtc }: Config,
  path: string,
  mode: number | undefined,
): Exposure | undefined {
  const { login, token } = access
  const keys = [
    ...(login?.password.kind === 'plain' ? ['server.password'] : []),
    ...(token === undefined ? [] : ['server.token']),
    ...cameras.flatMap(({ key, whipToken }) => (whipToken === undefined ? [] : [`${key}.whip-token`])),
    ...(webrtc.turnSecret === undefined ? [] : ['webrtc.turn-secret']),
    ...cameras.flatMap(({ key, push }) => (push.length > 0 ? [`${key}.push`] : [])),
  ]
  if (keys.length === 0 || mode === undefined || (mode & 0o004) === 0) return undefined
  return {
    detail: `every user of this machine can read ${keys.join(' and ')} in ${path} (mode ${octal(mode)})`,
    hint: closeToReaders(path),
  }
}
