import { planV4l2 } from '../camera/controls/apply-v4l2.js'
import { parseV4l2Controls } from '../camera/controls/v4l2-list.js'
import type { CameraList } from '../camera/devices/discover.js'
import { noirTuningFile } from '../camera/devices/noir.js'
import { controlObstacle, fixedFocusNote } from '../camera/gstreamer/libcamera-controls.js'
import type { Machine } from '../camera/gstreamer/machine.js'
import type { CameraConfig } from '../config/types.js'
import { ok, problem, warning, type Check } from './check.js'
import type { System } from './system.js'

interface Around {
  machine: Machine | undefined
  cameras: CameraList
  system: System
}

/** Whether the camera and its driver have what [cameraN.controls], hdr and tuning-file ask for. */
export async function checkControls(camera: CameraConfig, around: Around): Promise<Check[]> {
  const title = `${camera.key} controls`
  switch (camera.device.kind) {
    case 'libcamera':
      return [
        ...moduleControls(title, camera, around.machine),
        ...(await tuning(camera, around)),
        ...(await hdr(camera, around.system)),
      ]
    case 'v4l2':
      return await v4l2Controls(title, camera, camera.device.path, around.system)
    case 'test':
    case 'rtp':
    case 'whip':
      return []
  }
}

function moduleControls(title: string, camera: CameraConfig, machine: Machine | undefined): Check[] {
  const names = Object.keys(camera.controls)
  if (names.length === 0 || machine === undefined) return []
  const obstacle = controlObstacle(camera, machine)
  if (obstacle !== undefined) return [problem('camera-controls', title, obstacle.message, obstacle.hint)]
  const note = fixedFocusNote(camera)
  return [
    note === undefined
      ? ok('camera-controls', title, names.join(', '))
      : warning('camera-controls', title, note, `Delete them from [${camera.key}.controls]`),
  ]
}

async function tuning(camera: CameraConfig, { cameras, machine, system }: Around): Promise<Check[]> {
  const { key, device, tuningFile } = camera
  const title = `${key} tuning file`
  if (tuningFile !== undefined) {
    const access = await system.access(tuningFile)
    if (access === 'open') return [ok('camera-tuning', title, tuningFile)]
    const detail = `${tuningFile} ${access === 'closed' ? 'may not be read by this user' : 'does not exist'}`
    return [problem('camera-tuning', title, detail, `Change tuning-file in [${key}]`)]
  }
  const found = cameras.cameras.find((one) => device.kind === 'libcamera' && one.device === device.name)
  const processor = /Raspberry Pi (?:Compute Module )?5/.test(machine?.model ?? '') ? 'pisp' : 'vc4'
  const file = found && noirTuningFile(found.name, processor)
  return file === undefined
    ? []
    : [
        ok(
          'camera-tuning',
          title,
          `a module without infrared filter. If its colours are wrong: tuning-file = "${file}"`,
        ),
      ]
}

async function hdr({ key, hdr: isOn }: CameraConfig, system: System): Promise<Check[]> {
  if (!isOn || (await system.run('v4l2-ctl', ['--version'])).code !== undefined) return []
  return [
    problem('camera-hdr', `${key} hdr`, 'v4l2-ctl is missing, which sets HDR', 'sudo apt install v4l-utils'),
  ]
}

async function v4l2Controls(
  title: string,
  { controls, fps }: CameraConfig,
  path: string,
  system: System,
): Promise<Check[]> {
  const names = Object.keys(controls)
  if (names.length === 0) return []
  const { code, stdout } = await system.run('v4l2-ctl', ['-d', path, '--list-ctrls-menus'])
  if (code === undefined)
    return [
      problem('camera-controls', title, 'v4l2-ctl is missing, which sets them', 'sudo apt install v4l-utils'),
    ]
  if (code !== 0)
    return [warning('camera-controls', title, `could not be checked: v4l2-ctl cannot read ${path}`)]
  const { problems } = planV4l2(controls, parseV4l2Controls(stdout), fps.min < fps.max)
  if (problems.size === 0) return [ok('camera-controls', title, names.join(', '))]
  return Array.from(problems, ([name, message]) =>
    warning(
      'camera-controls',
      title,
      `${name}: ${message}`,
      `v4l2-ctl -d ${path} --list-ctrls-menus lists them`,
    ),
  )
}
