import type { TlsFiles } from '../../config/types.js'
import { readableByAll, writableByOthers, type Exposure, type FileFacts } from '../../lib/file-access.js'

/**
 * Finds a key that all users can read, and a certificate or key that other users can replace. A key that a group can read is fine:
 * certbot's copies reach services that way.
 */
export async function pemExposures({ certPath, keyPath }: TlsFiles, files: FileFacts): Promise<Exposure[]> {
  const read = await readableByAll(keyPath, files)
  const changed = async (path: string) =>
    await writableByOthers(path, files, { consequence: '', trustedGid: undefined })
  return [
    ...named('server.tls-cert', await changed(certPath)),
    ...named('server.tls-key', [...(await changed(keyPath)), ...(read === undefined ? [] : [read])]),
  ]
}

const named = (configKey: string, exposures: Exposure[]): Exposure[] =>
  exposures.map(({ detail, hint }) => ({ detail: `${configKey}: ${detail}`, hint }))
