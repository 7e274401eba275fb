import { realpath } from 'node:fs/promises'
import { basename } from 'node:path'
import type { FoundCamera } from './found-camera.js'
import { listMicrophones, usbDeviceOf, type AlsaPlaces, type Microphone } from './microphones.js'

/** What decides between several microphones. */
export interface MicrophoneWish {
  /** The USB device of the camera, if it is a USB camera. */
  usbDevice?: string | undefined
  /** The USB devices of all cameras: a microphone in another camera hears another place. */
  cameraDevices?: readonly string[]
  /** The USB devices of other cameras that are to find a microphone too: each keeps its own. */
  reserved?: readonly string[]
  /** Values of `device` that other cameras use: a sound card can be opened once. */
  taken?: ReadonlySet<string>
}

/**
 * The microphone that `device = "auto"` stands for; undefined if there is none. In this order: the camera's own, the first USB
 * microphone that is in no camera, the first other capture device, one in another camera. A loopback card is never chosen: it
 * would send what another program plays.
 */
export function chooseMicrophone(
  microphones: readonly Microphone[],
  { usbDevice, cameraDevices = [], reserved = [], taken = new Set() }: MicrophoneWish = {},
): Microphone | undefined {
  const isReserved = (of: string | undefined): boolean =>
    of !== undefined && of !== usbDevice && reserved.includes(of)
  const free = microphones.filter(
    ({ device, kind, usbDevice: of }) => kind !== 'loopback' && !taken.has(device) && !isReserved(of),
  )
  const isInCamera = (one: Microphone): boolean =>
    one.usbDevice !== undefined && cameraDevices.includes(one.usbDevice)
  return (
    free.find((one) => usbDevice !== undefined && one.usbDevice === usbDevice) ??
    free.find((one) => one.kind === 'usb' && !isInCamera(one)) ??
    free.find((one) => one.kind !== 'usb') ??
    free[0]
  )
}

/** What a text of `[cameraN.audio] device` names: `hw:CARD=C920`, `hw:C920`, `plughw:CARD=C920,DEV=0`. */
export function findMicrophone(microphones: readonly Microphone[], device: string): Microphone | undefined {
  const [, card, number = '0'] =
    /^(?:plug)?hw:(?:CARD=)?([^,=]+)(?:,(?:DEV=)?(\d+))?(?:,|$)/.exec(device) ?? []
  const isNumber = /^\d+$/.test(card ?? '')
  return microphones.find(({ card: id, node }) => {
    const [, cardNumber, own] = /C(\d+)D(\d+)c$/.exec(node)!
    return own === number && (isNumber ? cardNumber === card : id === card)
  })
}

/** Where to look; the folders of the running system by default. */
export interface CameraPlaces extends AlsaPlaces {
  video: string
}

const VIDEO = '/sys/class/video4linux'

/**
 * The microphone of `device = "auto"` on this machine now.
 * @param path of a V4L2 camera; undefined for every other one.
 * @param others the other V4L2 cameras: their paths, and whether they are to find a microphone too.
 */
export async function autoMicrophone(
  path: string | undefined,
  others: readonly { path: string; isAuto: boolean }[] = [],
  taken: ReadonlySet<string> = new Set(),
  { video = VIDEO, ...places }: Partial<CameraPlaces> = {},
): Promise<Microphone | undefined> {
  const [microphones, usbDevice, cameraDevices] = await Promise.all([
    listMicrophones(places),
    path === undefined ? undefined : usbOfCamera(path, video),
    Promise.all(others.map(async (other) => ({ ...other, device: await usbOfCamera(other.path, video) }))),
  ])
  const devicesOf = (cameras: typeof cameraDevices): string[] => cameras.flatMap(({ device }) => device ?? [])
  return chooseMicrophone(microphones, {
    usbDevice,
    cameraDevices: devicesOf(cameraDevices),
    reserved: devicesOf(cameraDevices.filter(({ isAuto }) => isAuto)),
    taken,
  })
}

/** @param path `/dev/video0`, or a link of udev to it. */
export async function usbOfCamera(path: string, video = VIDEO): Promise<string | undefined> {
  const node = await realpath(path).catch(() => path)
  return await usbDeviceOf(`${video}/${basename(node)}`)
}

/** For each camera found, the microphone that `auto` would choose for it, in the order of the cameras; each at most once. */
export async function microphonesOf(
  cameras: readonly FoundCamera[],
  microphones: readonly Microphone[],
  video = VIDEO,
): Promise<(Microphone | undefined)[]> {
  const devices = await Promise.all(
    cameras.map(async ({ node }) => (node === undefined ? undefined : await usbOfCamera(node, video))),
  )
  const cameraDevices = devices.filter((device) => device !== undefined)
  const taken = new Set<string>()
  return devices.map((usbDevice) => {
    const chosen = chooseMicrophone(microphones, { usbDevice, cameraDevices, reserved: cameraDevices, taken })
    if (chosen !== undefined) taken.add(chosen.device)
    return chosen
  })
}
