import { realpath, stat } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'

/** Owner and mode of a file, as stat(2) gives them. */
export interface FileOwner {
  uid: number
  gid: number
  mode: number
}

/** Where owners and modes come from. What cannot be read is undefined: neither function throws. */
export interface FileFacts {
  ownerOf(path: string): Promise<FileOwner | undefined>
  /** Where a path leads, through every symbolic link. */
  resolve(path: string): Promise<string | undefined>
}

/** A file that is open to users who have no business with it, and the command that closes it. */
export interface Exposure {
  detail: string
  hint: string
}

/** The files of this machine. */
export const realFiles: FileFacts = {
  ownerOf: async (path) => await stat(path).catch(() => undefined),
  resolve: async (path) => await realpath(path).catch(() => undefined),
}

/**
 * Who else can change a file, or put another in its place.
 * @param consequence ends the sentence: what a user who changes the file can do.
 * @param trustedGid a group that may write the file, beside root's and the owner's private group, which has the owner's
 *   number; undefined where it does not matter who is in the group.
 * @returns nothing where the file cannot be looked at.
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
  // A symbolic link can be replaced in its own folder as well.
  const folders = new Set([...foldersAbove(real), ...foldersAbove(resolve(path))])
  for (const folder of folders) {
    const owner = await files.ownerOf(folder)
    if (owner === undefined || !isOpenFolder(owner.mode)) continue
    found.push({
      detail: `any user of this machine can replace ${real}, because anybody can write to ${folder} (mode ${octal(owner.mode)})${consequence}`,
      hint: `sudo chmod o-w ${quoted(folder)}`,
    })
  }
  return found
}

/** Whether every user of this machine can read a file; undefined where the file cannot be looked at, or is closed to them. */
export async function readableByAll(path: string, files: FileFacts): Promise<Exposure | undefined> {
  const file = await files.ownerOf(path)
  if (file === undefined || (file.mode & 0o004) === 0) return undefined
  return {
    detail: `any user of this machine can read ${resolve(path)} (mode ${octal(file.mode)})`,
    hint: closeToReaders(resolve(path)),
  }
}

/** Taking the right from all could take it from the program too, where the file belongs to root: first it gets the group. */
export const closeToReaders = (path: string): string =>
  `sudo chgrp rpi-webrtc ${quoted(path)}, or the group of the user that runs this, and sudo chmod 640 ${quoted(path)}`

/** In a sticky folder (/tmp), only its owner can remove or rename a file (inode(7), S_ISVTX). */
const isOpenFolder = (mode: number): boolean => (mode & 0o002) !== 0 && (mode & 0o1000) === 0

function foldersAbove(path: string): string[] {
  const folder = dirname(path)
  return folder === path ? [] : [folder, ...foldersAbove(folder)]
}

/** The mode as chmod(1) takes it: `0644`. */
export const octal = (mode: number): string => (mode & 0o7777).toString(8).padStart(4, '0')

/** As one word of a shell. */
const quoted = (path: string): string =>
  /^[\w./@:+-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`
