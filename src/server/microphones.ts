import type { CameraFailure } from '../camera/camera-failure.js'
import { autoMicrophone, findMicrophone, type CameraPlaces } from '../camera/devices/choose-microphone.js'
import { listMicrophones, type Microphone } from '../camera/devices/microphones.js'
import type { CameraConfig } from '../config/types.js'
import { WorkQueue } from '../lib/work-queue.js'

/** Which camera uses which microphone: each can be opened once. */
export interface Microphones {
  /**
   * The microphone for a camera that is about to record; `auto` never takes one of another camera.
   * @returns the device, undefined for the test sound, or why there is none.
   */
  choose(camera: CameraConfig): Promise<{ device: string | undefined } | CameraFailure>
  /** The camera no longer records. */
  release(key: string): void
}

/** @param cameras those of the configuration in force. @param places where microphones are listed; the running system by default. */
export function createMicrophones(
  cameras: () => readonly CameraConfig[],
  places: Partial<CameraPlaces> = {},
): Microphones {
  const inUse = new Map<string, string>()
  const queue = new WorkQueue() // one after the other, or two cameras would choose the same

  /** What other cameras use, by the names that the list of microphones has. */
  const taken = async (key: string): Promise<ReadonlySet<string>> => {
    const found = await listMicrophones(places)
    const configured = cameras().flatMap((one) => {
      const device = one.key === key ? undefined : one.audio?.device
      return device === undefined || device === 'auto' || device === 'test' ? [] : [device]
    })
    const used = cameras().flatMap((one) =>
      one.key === key || one.audio?.device !== 'auto' ? [] : (inUse.get(one.key) ?? []),
    )
    return new Set([...configured, ...used].map((name) => findMicrophone(found, name)?.device ?? name))
  }

  const choose = async ({ key, device }: CameraConfig): Promise<{ device: string } | CameraFailure> => {
    const others = cameras().flatMap((one) =>
      one.key !== key && one.device.kind === 'v4l2'
        ? [{ path: one.device.path, isAuto: one.audio?.device === 'auto' }]
        : [],
    )
    const path = device.kind === 'v4l2' ? device.path : undefined
    const chosen = await autoMicrophone(path, others, await taken(key), places)
    if (chosen === undefined) return NO_MICROPHONE
    inUse.set(key, chosen.device)
    return { device: chosen.device }
  }

  return {
    choose: async (camera) => {
      const device = camera.audio?.device
      if (device === 'auto') return await queue.run(async () => await choose(camera))
      inUse.delete(camera.key)
      if (device === undefined || device === 'test') return { device: undefined }
      return whyMissing(device, await listMicrophones(places)) ?? { device }
    },
    release: (key) => void inUse.delete(key),
  }
}

/** Without an attempt to open it, which would take processor time every few seconds. ALSA decides where no microphone is listed. */
function whyMissing(device: string, found: readonly Microphone[]): CameraFailure | undefined {
  if (found.length === 0 || !/^(?:plug)?hw:/.test(device) || findMicrophone(found, device) !== undefined)
    return undefined
  return {
    cause: 'audio-no-device',
    message: `There is no microphone ${device}.`,
    hint: `Plug it in. This machine has ${found.map(({ device: name }) => name).join(', ')}.`,
  }
}

const NO_MICROPHONE: CameraFailure = {
  cause: 'audio-no-device',
  message: 'There is no microphone on this machine that no other camera uses.',
  hint: 'Plug one in: it is found by itself. "rpi-webrtc cameras" lists the microphones that exist.',
}
