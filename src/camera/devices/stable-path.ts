import { readdir, realpath } from 'node:fs/promises'

/** Where udev keeps names that stay the same after a reboot, the better ones first. */
const FOLDERS = ['/dev/v4l/by-id', '/dev/v4l/by-path'] as const

/**
 * `/dev/videoN` is numbered in the order in which devices are found: each gets the name that stays, where it has one. Two
 * cameras of one model that know no serial number share a name by-id, and are told apart by the plug they are in.
 */
export async function withStablePaths<T extends { device: string; name: string }>(
  devices: readonly T[],
  folders: readonly string[] = FOLDERS,
): Promise<T[]> {
  const links = await Promise.all(folders.map(async (folder) => await linksIn(folder)))
  return devices.map((device) => {
    const hasTwin = devices.some((other) => other !== device && other.name === device.name)
    const [lasting] = links.slice(hasTwin ? 1 : 0).flatMap((links) => links.get(device.device) ?? [])
    return lasting === undefined ? device : { ...device, device: lasting }
  })
}

/** The device each link leads to -> the link. */
async function linksIn(folder: string): Promise<Map<string, string>> {
  const names = (await readdir(folder).catch(() => [])).sort()
  const links = await Promise.all(
    names.map(
      async (name) => [await realpath(`${folder}/${name}`).catch(() => ''), `${folder}/${name}`] as const,
    ),
  )
  return new Map(links)
}
