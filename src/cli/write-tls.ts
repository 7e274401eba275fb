import { isDeepStrictEqual } from 'node:util'
import { editServer } from '../config/edit-server.js'
import { parseConfig } from '../config/parse.js'
import { decodeToml } from '../config/toml.js'
import type { TlsFiles } from '../config/types.js'
import { ConfigError } from '../errors.js'
import { messageOf } from '../lib/error-message.js'
import { readForReplacing, replaceFile } from '../lib/replace-file.js'

const BYTE_ORDER_MARK = '\uFEFF'

/**
 * Writes the paths into the configuration file.
 * @returns the path of the former file, undefined if nothing had to change; otherwise why nothing was written.
 */
export async function writeTls(
  path: string,
  tls: TlsFiles,
): Promise<{ backup: string | undefined } | { problem: string }> {
  try {
    const file = await readForReplacing(path)
    const toml = decodeToml(file.bytes, path)
    const before = parseConfig(toml, path)
    const present = before.server.tls
    if (isDeepStrictEqual(present, tls)) return { backup: undefined }
    if (present !== undefined)
      return {
        problem: `${path} names another certificate already, ${present.certPath}: remove its two lines first`,
      }
    const edited = editServer(toml, { 'tls-cert': tls.certPath, 'tls-key': tls.keyPath })
    if (!isDeepStrictEqual(parsedOrNothing(edited, path), { ...before, server: { ...before.server, tls } }))
      return { problem: `${path} has a form that cannot be edited: write the lines into its table [server]` }
    const hasMark = file.bytes.subarray(0, 3).equals(Buffer.from(BYTE_ORDER_MARK))
    return { backup: await replaceFile(file, Buffer.from(hasMark ? BYTE_ORDER_MARK + edited : edited)) }
  } catch (error) {
    if (error instanceof ConfigError) throw error
    return { problem: `${path} cannot be written: ${messageOf(error)}` }
  }
}

function parsedOrNothing(toml: string, path: string): unknown {
  try {
    return parseConfig(toml, path)
  } catch {
    return undefined
  }
}
