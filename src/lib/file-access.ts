import { realpath, stat } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'

/** Owner and mode of a file, as stat(2) gives them. */
export interface FileOwner {
  uid: number
  gid: number
  mode: number
}

/** Reads owners and modes. Returns undefined if it cannot: neither function throws. */
export interface FileFacts {
  ownerOf(path: string): Promise<FileOwner | undefined>
  /** The path with all symbolic links resolved. */
  resolve(path: string): Promise<string | undefined>
}

/** A file that other users can read or change, and the command that prevents it. */
export interface Exposure {
  detail: string
  hint: string
}

export const realFiles: FileFacts = {
  ownerOf: async (path) => await stat(path).catch(() => undefined),
  resolve: async (path) => await realpath(path).catch(() => undefined),
}

/**
 * Reports other users who can change or replace a file. Reports nothing if its mode cannot be read.
 * @param consequence end of the message: the effect of a changed file.
 * @param trustedGid a group that may write the file, beside root's and the owner's private group, which has the owner's number;
 *   undefined skips the check of the group.
 */
export async function writableByOthers(
  path: string,
  files: FileFacts,
  { consequence, trustedGid }: { consequence: string; trustedGid: number | undefined },
): Promise<Exposure[]> {
  const file = await files.ownerOf(path)
  if (file === undefined) return []
  const found: Exposure[] = []
  const { uid, gid, mode } = file
  const real = (await files.resolve(path)) ?? resolve(path)
  if ((mode & 0o002) !== 0)
    found.push({
      detail: `any user of this machine can change ${real} (mode ${octal(mode)})${consequence}`,
      hint: `sudo chmod o-w ${quoted(real)}`,
    })
  else if ((mode & 0o020) !== 0 && trustedGid !== undefined && ![0, uid, trustedGid].includes(gid))
    found.push({
      detail: `every member of group ${gid} can change ${real} (mode ${octal(mode)})${consequence}`,
      hint: `sudo chmod g-w ${quoted(real)}`,
    })
  // A symbolic link can also be replaced in its own folder.
  const folders = new Set([...foldersAbove(real), ...foldersAbove(resolve(path))])
  for (const folder of folders) {
    const owner = await files.ownerOf(folder)
    if (owner === undefined || !isOpenFolder(owner.mode)) continue
    found.push({
      detail: `any user of this machine can replace ${real}, because all users can write to ${folder} (mode ${octal(owner.mode)})${consequence}`,
      hint: `sudo chmod o-w ${quoted(folder)}`,
    })
  }
  return found
}

/** Reports a file that every user of this machine can read. */
export async function readableByAll(path: string, files: FileFacts): Promise<Exposure | undefined> {
  const file = await files.ownerOf(path)
  if (file === undefined || (file.mode & 0o004) === 0) return undefined
  return {
    detail: `any user of this machine can read ${resolve(path)} (mode ${octal(file.mode)})`,
    hint: closeToReaders(resolve(path)),
  }
}

/** The program may read a file of root through the mode for all users, so its group comes first. */
export const closeToReaders = (path: string): string =>
  `sudo chgrp rpi-webrtc ${quoted(path)}, or the group of the user that runs this, and sudo chmod 640 ${quoted(path)}`

/** In a sticky folder (/tmp), only its owner can remove or rename a file (inode(7), S_ISVTX). */
const isOpenFolder = (mode: number): boolean => (mode & 0o002) !== 0 && (mode & 0o1000) === 0

function foldersAbove(path: string): string[] {
  const folder = dirname(path)
  return folder === path ? [] : [folder, ...foldersAbove(folder)]
}

/** The mode as chmod(1) expects it: `0644`. */
export const octal = (mode: number): string => (mode & 0o7777).toString(8).padStart(4, '0')

/** Quotes a path for a shell. */
const quoted = (path: string): string =>
  /^[\w./@:+-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`
