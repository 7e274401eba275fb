import { readdir, readFile, writeFile } from 'node:fs/promises'
import { output, run } from './commands.js'

const NODES = '/sys/class/video4linux'

/** A virtual camera of the kernel's vivid driver, by the name that survives a reboot. */
export const VIVID = '/dev/v4l/by-path/platform-vivid.0-video-index0'

/** The nodes of all vivid cameras. They share a device, so that only one of them has the name above. */
export async function vividNodes(): Promise<string[]> {
  return await nodesNamed(/^vivid-\d+-vid-cap$/)
}

/** Video nodes by the name that their driver gives them, in the order of these names. */
export async function nodesNamed(pattern: RegExp): Promise<string[]> {
  const named = await Promise.all(
    (await readdir(NODES)).map(async (node) => ({
      node: `/dev/${node}`,
      name: (await readFile(`${NODES}/${node}/name`, 'utf8')).trim(),
    })),
  )
  return named
    .filter(({ name }) => pattern.test(name))
    .sort((a, b) => a.name.localeCompare(b.name))
    .map(({ node }) => node)
}

/** As if the plugs of all vivid cameras were pulled, and put in again. */
export const unplug = async (): Promise<void> =>
  await writeFile('/sys/bus/platform/drivers/vivid/unbind', 'vivid.0')

export async function plugIn(): Promise<void> {
  await writeFile('/sys/bus/platform/drivers/vivid/bind', 'vivid.0')
  await run('udevadm', ['settle', '--timeout=60'])
}

export async function setControls(device: string, controls: Record<string, number>): Promise<void> {
  const list = Object.entries(controls).map(([name, value]) => `${name}=${value}`)
  const { code, stderr } = await run('v4l2-ctl', ['-d', device, '-c', list.join(',')])
  if (code !== 0) throw new Error(`v4l2-ctl set ${list.join(',')}: ${stderr}`)
}

export async function readControl(device: string, name: string): Promise<number> {
  const text = await output('v4l2-ctl', ['-d', device, '-C', name])
  return Number(text.split(':')[1])
}
