import { chooseMicrophone, findMicrophone, usbOfCamera } from '../camera/devices/choose-microphone.js'
import type { Microphone } from '../camera/devices/microphones.js'
import type { Machine } from '../camera/gstreamer/machine.js'
import { aptInstall } from '../camera/gstreamer/packages.js'
import type { Device } from '../config/device.js'
import { ok, warning, type Check } from './check.js'
import { shownHolder, type Processes } from './processes.js'
import { forbidsSound, serviceLacksGroup } from './service.js'
import { stopAdvice } from './stop-advice.js'
import type { System } from './system.js'
import { currentUser, findUser, gidOf } from './users.js'

/** What this check needs of a camera's configuration. */
export interface SoundCamera {
  key: string
  device: Device
  audio?: { device: string } | undefined
}

export interface SoundContext {
  /** All cameras of the configuration. */
  cameras: readonly SoundCamera[]
  microphones: readonly Microphone[]
  machine: Pick<Machine, 'elements'> | undefined
  system: System
  processes: Pick<Processes, 'holdersOf'>
  /** The USB device of a V4L2 camera. */
  usbOf?: (path: string) => Promise<string | undefined>
}

const ENCODE = ['audioconvert', 'audioresample', 'opusenc', 'rtpopuspay'] as const
const LISTED = '"rpi-webrtc cameras" lists them'

/**
 * Whether the sound of a camera will be heard. Warnings only, because the picture plays without it.
 * @returns nothing for a camera without sound.
 */
export async function checkSound(camera: SoundCamera, context: SoundContext): Promise<Check[]> {
  if (camera.audio === undefined) return []
  const title = `${camera.key} sound`
  const plugins = checkElements(title, camera.audio.device, context.machine)
  if (camera.audio.device === 'test') return [ok('audio-device', title, 'test tone'), ...plugins]
  const chosen = await chosenMicrophone(camera, camera.audio.device, context)
  if ('status' in chosen) return [chosen, ...plugins]
  return [...(await checkMicrophone(title, chosen, context)), ...plugins]
}

async function chosenMicrophone(
  camera: SoundCamera,
  device: string,
  context: SoundContext,
): Promise<Microphone | Check> {
  const { microphones } = context
  const title = `${camera.key} sound`
  const others = microphones.map((one) => `"${one.device}"`).join(', ')
  if (device === 'auto') {
    const hint = others === '' ? 'Plug a microphone in' : `Write the one you want: ${others}`
    return (
      (await autoMicrophones(context)).get(camera.key) ??
      warning('audio-device', title, 'no microphone was found that "auto" may choose', hint)
    )
  }
  const found = findMicrophone(microphones, device)
  if (found !== undefined) return found
  if (!/^(?:plug)?hw:/.test(device))
    return ok('audio-device', title, `${device}, a name that only ALSA knows, so it was not checked`)
  const hint = others === '' ? 'Plug the microphone in' : `Write one that was found: ${others}; ${LISTED}`
  return warning('audio-device', title, `${device} does not exist`, hint)
}

/** What "auto" is for each camera: never a microphone that another one has, in the order of the configuration. */
async function autoMicrophones({
  cameras,
  microphones,
  usbOf = usbOfCamera,
}: SoundContext): Promise<ReadonlyMap<string, Microphone>> {
  const devices = new Map<string, string>()
  for (const { key, device } of cameras) {
    const usbDevice = device.kind === 'v4l2' ? await usbOf(device.path) : undefined
    if (usbDevice !== undefined) devices.set(key, usbDevice)
  }
  const cameraDevices = [...devices.values()]
  const reserved = cameras.flatMap(({ key, audio }) =>
    audio?.device === 'auto' ? (devices.get(key) ?? []) : [],
  )
  const taken = new Set(
    cameras.flatMap(({ audio }) => findMicrophone(microphones, audio?.device ?? '')?.device ?? []),
  )
  const chosen = new Map<string, Microphone>()
  for (const { key, audio } of cameras) {
    if (audio?.device !== 'auto') continue
    const one = chooseMicrophone(microphones, {
      usbDevice: devices.get(key),
      cameraDevices,
      reserved,
      taken,
    })
    if (one === undefined) continue
    chosen.set(key, one)
    taken.add(one.device)
  }
  return chosen
}

async function checkMicrophone(
  title: string,
  { device, name, node }: Microphone,
  { system, processes }: SoundContext,
): Promise<Check[]> {
  const access = await system.access(node)
  if (access === 'missing')
    return [
      warning(
        'audio-access',
        title,
        `${name} (${device}) is there, and its device file ${node} is not`,
        'In a container, pass --device /dev/snd --group-add audio',
      ),
    ]
  if (access === 'closed') return [await notAllowed(title, node, system)]
  const holder = (await processes.holdersOf([node]))[0]
  const busy =
    holder === undefined
      ? []
      : holder.isOurs
        ? [ok('audio-busy', title, 'in use by the running rpi-webrtc')]
        : [
            warning(
              'audio-busy',
              title,
              `${device} is in use by ${shownHolder(holder)}, and one program can use it at a time`,
              `Stop it: ${await stopAdvice(holder.pid, system)}`,
            ),
          ]
  return [ok('audio-device', title, `${name} (${device})`), ...busy, ...(await checkService(title, system))]
}

/** The service may be older than the sound. */
async function checkService(title: string, system: System): Promise<Check[]> {
  const user = await serviceLacksGroup(system, 'audio')
  const checks: Check[] = []
  if (user !== undefined)
    checks.push(
      warning(
        'audio-access',
        title,
        `the user ${user} of the service is not in the group audio`,
        `sudo usermod -aG audio ${user}; sudo systemctl restart rpi-webrtc`,
      ),
    )
  if (await forbidsSound(system))
    checks.push(
      warning(
        'audio-access',
        title,
        'the systemd unit of the service allows no sound devices',
        'Install rpi-webrtc again, or add DeviceAllow=char-116 rw with: sudo systemctl edit rpi-webrtc',
      ),
    )
  return checks
}

/** Groups change at the next login only. */
async function notAllowed(title: string, node: string, system: System): Promise<Check> {
  const user = await currentUser(system)
  const audio = await gidOf(system, 'audio')
  const configured = await findUser(system, user.name)
  const isMember = audio !== undefined && configured?.gids.includes(audio) === true
  const hint =
    isMember && !user.gids.includes(audio)
      ? `${user.name} joined the group audio after this login: log out and in again, or restart`
      : `sudo usermod -aG audio ${user.name}, then log out and in again`
  return warning('audio-access', title, `the user ${user.name} may not open ${node}`, hint)
}

function checkElements(title: string, device: string, machine: SoundContext['machine']): Check[] {
  if (machine === undefined) return []
  const needed = [device === 'test' ? 'audiotestsrc' : 'alsasrc', ...ENCODE]
  const missing = needed.filter((element) => !machine.elements.has(element))
  if (missing.length === 0) return []
  return [warning('audio-plugins', title, `missing: ${missing.join(', ')}`, aptInstall(missing))]
}
