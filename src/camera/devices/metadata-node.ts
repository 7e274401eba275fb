import type { CameraFailure } from '../camera-failure.js'

/** All this file needs of the machine. */
export interface NodeFacts {
  /** The path with all links resolved; undefined if it does not exist. */
  resolve(path: string): Promise<string | undefined>
  readText(path: string): Promise<string | undefined>
  /** The names in a folder. */
  list(folder: string): Promise<string[]>
  /** What `v4l2-ctl -d NODE --info` prints; undefined without v4l2-ctl. */
  describe(node: string): Promise<string | undefined>
}

export const SYSFS = '/sys/class/video4linux'

/**
 * A USB camera has a second node, which delivers metadata, and /dev/v4l/by-id shows both side by side. Cameras with several
 * pictures have higher numbers too, so the driver is asked.
 * @param path the device of the configuration.
 */
export async function metadataFailure(path: string, facts: NodeFacts): Promise<CameraFailure | undefined> {
  const node = await facts.resolve(path)
  const name = /^\/dev\/(video\d+)$/.exec(node ?? '')?.[1]
  if (node === undefined || name === undefined) return undefined
  const index = (await facts.readText(`${SYSFS}/${name}/index`))?.trim()
  if (index === undefined || index === '0') return undefined
  if (!isMetadata((await facts.describe(node)) ?? '')) return undefined
  const camera = await pictureOf(path, name, facts)
  return {
    cause: 'metadata-node',
    message: `${path} is the metadata node of that camera, and has no picture.`,
    hint:
      camera === undefined
        ? '"rpi-webrtc cameras" prints the line to write.'
        : `Write device = ${JSON.stringify(camera)}.`,
  }
}

/** The line "Device Caps" is about this node, "Capabilities" about all nodes of the device. */
export function isMetadata(info: string): boolean {
  const caps = /Device Caps\s*:.*\n((?:[ \t]{2,}.*\n?)*)/.exec(`${info}\n`)?.[1] ?? ''
  return /Metadata Capture/.test(caps) && !/Video Capture/.test(caps)
}

/** The node with index 0 of the same device, in the form in which the other one is written. */
async function pictureOf(path: string, name: string, facts: NodeFacts): Promise<string | undefined> {
  const link = path.replace(/-index\d+$/, '-index0')
  if (link !== path && (await facts.resolve(link)) !== undefined) return link
  const device = await facts.resolve(`${SYSFS}/${name}/device`)
  for (const other of (await facts.list(SYSFS)).filter(
    (entry) => /^video\d+$/.test(entry) && entry !== name,
  )) {
    if ((await facts.readText(`${SYSFS}/${other}/index`))?.trim() !== '0') continue
    if (device !== undefined && (await facts.resolve(`${SYSFS}/${other}/device`)) === device)
      return `/dev/${other}`
  }
  return undefined
}
