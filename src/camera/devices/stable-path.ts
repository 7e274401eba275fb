import { readdir, realpath } from 'node:fs/promises'

/** udev names that survive a reboot, in order of preference. */
const FOLDERS = ['/dev/v4l/by-id', '/dev/v4l/by-path'] as const

/**
 * Replaces `/dev/videoN`, which depends on the order of detection, with a udev name if there is one. Two cameras of one
 * model without serial numbers share a by-id name, so they get their by-path names.
 */
export async function withStablePaths<T extends { device: string; name: string }>(
  devices: readonly T[],
  folders: readonly string[] = FOLDERS,
): Promise<T[]> {
  const links = await Promise.all(folders.map(async (folder) => await linksIn(folder)))
  return devices.map((device) => {
    const hasTwin = devices.some((other) => other !== device && other.name === device.name)
    const [stable] = links.slice(hasTwin ? 1 : 0).flatMap((links) => links.get(device.device) ?? [])
    return stable === undefined ? device : { ...device, device: stable }
  })
}

async function linksIn(folder: string): Promise<Map<string, string>> {
  const names = (await readdir(folder).catch(() => [])).sort()
  const links = await Promise.all(
    names.map(
      async (name) => [await realpath(`${folder}/${name}`).catch(() => ''), `${folder}/${name}`] as const,
    ),
  )
  return new Map(links)
}
