import { randomBytes } from 'node:crypto'
import { constants, type Stats } from 'node:fs'
import { access, open, realpath, rename, stat, unlink } from 'node:fs/promises'
import { dirname } from 'node:path'

/** A file as it was read, with all symbolic links resolved. */
export interface ReadFile {
  path: string
  bytes: Buffer
  stats: Stats
}

/** @throws the error of fs. */
export async function readForReplacing(path: string): Promise<ReadFile> {
  const real = await realpath(path)
  const file = await open(real, 'r')
  try {
    return { path: real, stats: await file.stat(), bytes: await file.readFile() }
  } finally {
    await file.close()
  }
}

/** The file was written by another program since it was read. */
export class FileChanged extends Error {
  override name = 'FileChanged'
}

/**
 * Replaces a file in one step: a reader, or a power cut, sees the whole old or the whole new one. Mode and group are kept, and the owner
 * if this user may set it. The old content stays beside it, with `.bak` at its end.
 * @returns the path of the old content. @throws FileChanged; the error of fs, and then nothing changed.
 */
export async function replaceFile(file: ReadFile, content: Uint8Array): Promise<string> {
  const { path, bytes, stats } = file
  await access(path, constants.W_OK) // a folder that may be written would replace a file that may not
  const backup = `${path}.bak`
  await writeBeside(backup, bytes, stats, async () => {})
  await writeBeside(path, content, stats, async () => {
    const now = await stat(path)
    if (now.ino !== stats.ino || now.size !== stats.size || now.mtimeMs !== stats.mtimeMs)
      throw new FileChanged(`${path} was written by another program`)
  })
  return backup
}

export type FileOwner = Pick<Stats, 'uid' | 'gid' | 'mode'>

/**
 * Writes a whole file in one step, whether it exists or not. Its folder is not created.
 * @throws the error of fs, and then nothing changed.
 */
export const writeWhole = async (path: string, content: string, owner: FileOwner): Promise<void> =>
  await writeBeside(path, Buffer.from(content), owner, async () => {})

async function writeBeside(
  path: string,
  content: Uint8Array,
  { uid, gid, mode }: FileOwner,
  beforeRename: () => Promise<void>,
): Promise<void> {
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`
  const file = await open(temporary, 'wx', 0o600)
  try {
    try {
      await file.writeFile(content)
      const own = await file.stat()
      if (own.uid !== uid || own.gid !== gid)
        // Only root may give a file away. The group must stay: its members may read the file.
        await file.chown(uid, gid).catch(async () => await file.chown(own.uid, gid))
      await file.chmod(mode & 0o7777)
      await file.sync()
    } finally {
      await file.close()
    }
    await beforeRename()
    await rename(temporary, path)
  } catch (error) {
    await unlink(temporary).catch(() => {})
    throw error
  }
  await syncFolder(dirname(path))
}

/** Without it a power cut can undo the rename. */
async function syncFolder(folder: string): Promise<void> {
  try {
    const handle = await open(folder, 'r')
    await handle.sync().finally(async () => await handle.close())
  } catch {
    // Some file systems cannot sync a folder. The file has its new content already.
  }
}
