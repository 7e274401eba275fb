import { chooseEncoder } from '../camera/gstreamer/encoder.js'
import { frameRateNote } from '../camera/gstreamer/frame-rate-caps.js'
import { overlayProblem } from '../camera/gstreamer/overlay.js'
import { missingTransport, type Machine } from '../camera/gstreamer/machine.js'
import { aptInstall } from '../camera/gstreamer/packages.js'
import { missingForSnapshots } from '../camera/gstreamer/snapshot-branch.js'
import { sourceElements } from '../camera/gstreamer/source.js'
import { isExternal } from '../config/device.js'
import type { CameraConfig } from '../config/types.js'
import type { MissingError } from '../errors.js'
import { ok, problem, warning, type Check } from './check.js'

/** @param machine result of probeMachine, or its error. @param cameras of the configuration. */
export function checkGStreamer(
  machine: Machine | MissingError,
  cameras: readonly Pick<CameraConfig, 'device'>[],
): Check[] {
  if (!('elements' in machine) && cameras.length > 0 && cameras.every(({ device }) => isExternal(device)))
    return [ok('gstreamer', 'GStreamer', 'not installed, and no camera needs it')]
  if (!('elements' in machine)) return [problem('gstreamer', 'GStreamer', machine.message, machine.hint)]
  const missing = missingTransport(machine)
  const missingSnapshots = missingForSnapshots(machine)
  return [
    ok('gstreamer', 'GStreamer', machine.gstreamer),
    missing.length === 0
      ? ok('gstreamer-plugins', 'plugins', 'all plugins that every camera needs are installed')
      : problem('gstreamer-plugins', 'plugins', `missing: ${missing.join(', ')}`, aptInstall(missing)),
    missingSnapshots.length === 0
      ? ok('pictures', 'pictures', 'snapshot.jpg and stream.mjpg are available')
      : warning(
          'pictures',
          'pictures',
          `missing: ${missingSnapshots.join(', ')}`,
          aptInstall(missingSnapshots),
        ),
    machine.setpriv
      ? ok('setpriv', 'setpriv', 'capture processes exit with this program')
      : warning(
          'setpriv',
          'setpriv',
          'missing: capture processes may outlive this program',
          'sudo apt install util-linux',
        ),
  ]
}

/** The elements of one camera's pipeline, and the encoder it would use. */
export function checkCapture(camera: CameraConfig, machine: Machine): Check[] {
  if (isExternal(camera.device)) return []
  const missing = sourceElements(camera).filter((element) => !machine.elements.has(element))
  const source: Check[] =
    missing.length === 0
      ? []
      : [
          problem(
            'camera-plugins',
            `${camera.key} plugins`,
            `missing: ${missing.join(', ')}`,
            aptInstall(missing),
          ),
        ]
  const note = frameRateNote(camera)
  if (note !== undefined) source.push(warning('camera-fps', `${camera.key} fps`, note))
  const overlay = overlayProblem(camera, machine)
  if (overlay !== undefined)
    source.push(warning('camera-overlay', `${camera.key} overlay`, overlay.message, overlay.hint))
  const title = `${camera.key} encoder`
  const encoder = chooseEncoder(camera, machine)
  if ('cause' in encoder) return [...source, problem('camera-encoder', title, encoder.message, encoder.hint)]
  const detail = [`${camera.codec} by ${encoder.element}`, ...encoder.notes].join('. ')
  return [
    ...source,
    encoder.notes.length === 0 ? ok('camera-encoder', title, detail) : softwareEncoder(title, detail),
  ]
}

const softwareEncoder = (title: string, detail: string): Check =>
  warning(
    'camera-encoder',
    title,
    detail,
    'It works; if the CPU load is too high, lower width, height or fps',
  )
