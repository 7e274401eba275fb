import { isExternal } from '../../config/device.js'
import type { Config } from '../../config/types.js'
import { MissingError } from '../../errors.js'
import { chooseEncoder } from './encoder.js'
import { requireTransport, type Machine } from './machine.js'
import { aptInstall } from './packages.js'
import { sourceElements } from './source.js'

/**
 * @throws MissingError if no camera could ever play: an element of every pipeline is missing, no camera has an encoder, or
 * a test pattern cannot be drawn. A missing camera is no error: it may be plugged in later.
 */
export function requireEncoders(config: Config, machine: Machine): void {
  const captured = config.cameras.filter(({ device }) => !isExternal(device))
  if (captured.length === 0) return
  requireTransport(machine)
  const failures = captured
    .map((camera) => chooseEncoder(camera, machine))
    .filter((choice) => 'cause' in choice)
  const first = failures[0]
  if (first !== undefined && failures.length === captured.length) {
    throw new MissingError(first)
  }
  const missingForTest = captured
    .filter(({ device }) => device.kind === 'test')
    .flatMap((camera) => sourceElements(camera).filter((element) => !machine.elements.has(element)))
  if (missingForTest.length > 0) {
    throw new MissingError({
      message: `GStreamer lacks ${missingForTest[0]!}, which the test pattern needs`,
      hint: aptInstall(missingForTest),
    })
  }
}
