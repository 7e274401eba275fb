import { realpath } from 'node:fs/promises'
import type { CameraFailure } from '../camera-failure.js'
import type { CameraList } from './discover.js'
import type { FoundCamera } from './found-camera.js'
import { nearestSettings, type WantedMode } from './nearest-mode.js'

/** The camera that failed, as its configuration has it. */
export interface FailedCamera {
  device: { kind: 'libcamera'; name: string } | { kind: 'v4l2'; path: string }
  wanted: WantedMode
  /** The encoder's element. */
  encoder: string | undefined
}

export interface FailureFactsOptions {
  /** undefined if the camera has no device. */
  camera: () => FailedCamera | undefined
  /** The cameras of this kind: the others may be running. */
  list: (kind: FailedCamera['device']['kind']) => Promise<CameraList>
  resolve?: (path: string) => Promise<string>
  nowMs?: () => number
}

/** A camera that is retried every few seconds does not list the devices each time. */
const REUSE_MS = 60_000

/** Failures whose hint depends on what the machine has. */
const CAUSES: ReadonlySet<string> = new Set(['not-negotiated', 'unknown-camera', 'no-device', 'not-a-camera'])

/**
 * Replaces the hint of a failure by what this machine has: names, nodes and the nearest size of the camera. It lists the
 * devices only after such a failure, because the list costs a second.
 */
export function createFailureFacts({
  camera,
  list,
  resolve = async (path) => await realpath(path).catch(() => path),
  nowMs = () => performance.now(),
}: FailureFactsOptions): (failure: CameraFailure) => Promise<CameraFailure> {
  let known: Promise<CameraList> | undefined
  let listedAtMs = -Infinity
  return async (failure) => {
    const failed = camera()
    if (failed === undefined || !CAUSES.has(failure.cause)) return failure
    if (known === undefined || nowMs() - listedAtMs > REUSE_MS) {
      listedAtMs = nowMs()
      known = list(failed.device.kind)
    }
    const found = await known.catch((): CameraList => ({ cameras: [], notes: [] }))
    const node = failed.device.kind === 'v4l2' ? await resolve(failed.device.path) : undefined
    return { ...failure, ...factsOf(failure.cause, failed, node, found) }
  }
}

function factsOf(
  cause: string,
  failed: FailedCamera,
  node: string | undefined,
  { cameras, refused = [] }: CameraList,
): Partial<CameraFailure> {
  const ofKind = cameras.filter(({ kind }) => kind === failed.device.kind)
  switch (cause) {
    case 'unknown-camera':
      return ofKind.length === 0
        ? {}
        : { hint: `libcamera finds: ${quoted(ofKind)}. Set device to one of them.` }
    case 'no-device':
      return ofKind.length === 0
        ? {}
        : { hint: `Plug the camera in, or set device to one of: ${quoted(ofKind)}.` }
    case 'not-a-camera': {
      const refusal = refused.find((one) => one.node === node)
      if (refusal === undefined) return {}
      const picture = cameras.find((one) => one.node !== undefined && one.node === refusal.picture)
      return {
        message: `${refusal.node} ${refusal.detail}.`,
        hint: picture === undefined ? `${refusal.hint}.` : `Set device = ${JSON.stringify(picture.device)}.`,
      }
    }
    default:
      return sizeFacts(
        failed,
        ofKind.find((one) => isSame(one, failed, node)),
      )
  }
}

const isSame = (found: FoundCamera, { device }: FailedCamera, node: string | undefined): boolean =>
  device.kind === 'libcamera' ? found.device === device.name : found.node !== undefined && found.node === node

const quoted = (cameras: readonly FoundCamera[]): string =>
  cameras.map(({ device }) => JSON.stringify(device)).join(', ')

function sizeFacts(
  { device, wanted, encoder }: FailedCamera,
  found: FoundCamera | undefined,
): Partial<CameraFailure> {
  // A module scales each mode of its sensor, so that the list does not say which sizes it delivers.
  if (device.kind === 'libcamera' || found?.modes === undefined) return {}
  const nearest = nearestSettings(found.modes, wanted)
  if (nearest !== '') return { hint: `The camera has other modes. Nearest: ${nearest}.` }
  const { width, height } = wanted
  if (encoder !== 'v4l2h264enc') return {}
  return {
    hint: `The camera lists ${width}x${height} at this rate, so the encoder may refuse it: set encoder = "x264enc".`,
  }
}
