import { readdir, realpath } from 'node:fs/promises'
import { basename } from 'node:path'
import type { CameraConfig } from '../../config/types.js'
import type { Env } from '../../lib/env.js'
import { exec } from '../../lib/exec.js'
import { sensorNameOf } from '../gstreamer/sensors.js'

/** The sensor whose driver has HDR as a control of its own. */
const HDR_SENSOR = 'imx708'
const CONTROL = 'wide_dynamic_range'
const LIMIT_MS = 10_000

/**
 * Sets HDR of an imx708, which the driver only accepts while no program has the camera open. libcamerasrc cannot set it in any version.
 * @returns a sentence if HDR is configured and could not be set.
 */
export async function setSensorHdr(
  { device, hdr }: Pick<CameraConfig, 'device' | 'hdr'>,
  env: Env,
  sysfs = '/sys/class/video4linux',
): Promise<string | undefined> {
  if (device.kind !== 'libcamera') return undefined
  if (sensorNameOf(device.name) !== HDR_SENSOR)
    return hdr ? `hdr: only a Camera Module 3 (imx708) has HDR, and this is ${device.name}.` : undefined
  const problem = await set(device.name, hdr, env, sysfs)
  // A sensor without the control has HDR off.
  return problem === undefined || !hdr ? undefined : `hdr: ${problem} The picture has no HDR.`
}

async function set(name: string, hdr: boolean, env: Env, sysfs: string): Promise<string | undefined> {
  const subdevice = await subdeviceOf(name, sysfs)
  if (subdevice === undefined) return `The driver of the imx708 has no v4l-subdev in ${sysfs}.`
  const path = `/dev/${subdevice}`
  const wanted = `${CONTROL}=${Number(hdr)}`
  const { code, stderr } = await exec(
    'v4l2-ctl',
    ['-d', path, '--set-ctrl', wanted],
    { ...env, LC_ALL: 'C' },
    LIMIT_MS,
  )
  if (code === undefined) return 'v4l2-ctl is not installed: sudo apt install v4l-utils.'
  const output = stderr.trim().split('\n').at(-1) ?? ''
  return code === 0
    ? undefined
    : `v4l2-ctl -d ${path} --set-ctrl ${wanted} failed: ${output || `code ${code}`}.`
}

/** As rpicam-apps finds it (set_imx708_subdev_hdr_ctrl): by the driver's module, and by the node of the device tree. */
async function subdeviceOf(name: string, sysfs: string): Promise<string | undefined> {
  const nodes = (await readdir(sysfs).catch(() => [])).filter((node) => /^v4l-subdev\d+$/.test(node)).sort()
  const target = async (path: string): Promise<string> => await realpath(path).catch(() => '')
  for (const node of nodes) {
    if (basename(await target(`${sysfs}/${node}/device/driver/module`)) !== HDR_SENSOR) continue
    const ofNode = await target(`${sysfs}/${node}/device/of_node`)
    if (!name.startsWith('/base/') || ofNode.endsWith(name)) return node
  }
  return undefined
}
