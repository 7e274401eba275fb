import type { CameraFailure } from '../camera-failure.js'

/** Which camera of the configuration has which device. The first one that starts keeps it until it is removed or changed. */
export class DeviceClaims {
  readonly #claims = new Map<string, { id: string; written: string }>()

  /**
   * @param id the same for every name of one device.
   * @param written the name in the configuration.
   * @returns why the camera may not start, if another camera has the device.
   */
  claim(key: string, id: string, written: string): CameraFailure | undefined {
    this.#claims.delete(key)
    for (const [other, claim] of this.#claims)
      if (claim.id === id) return sameCamera({ key, id, written }, other, claim.written)
    this.#claims.set(key, { id, written })
    return undefined
  }

  release(key: string): void {
    this.#claims.delete(key)
  }
}

export const SAME_CAMERA = 'same-camera'

function sameCamera(
  { key, id, written }: { key: string; id: string; written: string },
  other: string,
  itsName: string,
): CameraFailure {
  const ways = [written, itsName].filter((name) => name !== id).map((name) => `${name} leads to ${id}`)
  return {
    cause: SAME_CAMERA,
    message: `${key} is the device of ${other}: ${ways.length === 0 ? id : ways.join(', ')}.`,
    hint: `Delete [${key}], or set its device to another camera: "rpi-webrtc cameras" lists them.`,
  }
}
