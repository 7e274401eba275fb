import type { CameraList } from '../camera/devices/discover.js'
import type { CameraConfig } from '../config/types.js'
import type { System } from './system.js'

/**
 * For each table whose device was not found, a camera that no table uses yet. Two tables never get the same one, because a
 * camera can be opened only once.
 */
export async function suggestDevices(
  cameras: readonly CameraConfig[],
  { cameras: found, refused = [] }: CameraList,
  system: System,
): Promise<ReadonlyMap<string, string>> {
  const nodeOf = async (path: string): Promise<string> => (await system.resolve(path)) ?? path
  const free = new Map<string, { kind: string; device: string }>()
  for (const { kind, device } of found)
    free.set(kind === 'v4l2' ? await nodeOf(device) : device, { kind, device })
  const secondNodes = new Set(refused.flatMap(({ why, node }) => (why === 'second-node' ? [node] : [])))
  const isFound = async ({ device }: CameraConfig): Promise<boolean> => {
    if (device.kind === 'libcamera') return free.delete(device.name)
    if (device.kind !== 'v4l2') return true
    const node = await nodeOf(device.path)
    return free.delete(node) || secondNodes.has(node)
  }
  const homeless: CameraConfig[] = []
  for (const camera of cameras) if (!(await isFound(camera))) homeless.push(camera)
  const suggestions = new Map<string, string>()
  for (const { key, device } of homeless) {
    const [node, camera] = [...free].find(([, { kind }]) => kind === device.kind) ?? [...free][0] ?? []
    if (node === undefined) continue
    free.delete(node)
    suggestions.set(key, camera!.device)
  }
  return suggestions
}

/** A line to paste. */
export const deviceLine = (device: string): string => `device = ${JSON.stringify(device)}`
