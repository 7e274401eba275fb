import type { Config } from '../../config/types.js'
import { MissingError } from '../../errors.js'
import { chooseEncoder } from './encoder.js'
import { requireTransport, type Machine } from './machine.js'
import { aptInstall } from './packages.js'
import { sourceElements } from './source.js'

/**
 * Refuses to start where no camera could ever play: GStreamer's transport is missing, no camera has an encoder, or a test
 * picture cannot be drawn. A camera that is not there is no reason: it may be plugged in later.
 * @throws MissingError with the command that hints it.
 */
export function requireEncoders(config: Config, machine: Machine): void {
  const captured = config.cameras.filter(({ device }) => device.kind !== 'rtp')
  if (captured.length === 0) return
  requireTransport(machine)
  const failures = captured
    .map((camera) => chooseEncoder(camera, machine))
    .filter((choice) => 'cause' in choice)
  const first = failures[0]
  if (first !== undefined && failures.length === captured.length) {
    throw new MissingError(first)
  }
  const undrawable = captured
    .filter(({ device }) => device.kind === 'test')
    .flatMap((camera) => sourceElements(camera).filter((element) => !machine.elements.has(element)))
  if (undrawable.length > 0) {
    throw new MissingError({
      message: `GStreamer lacks ${undrawable[0]!}, which the test picture needs`,
      hint: aptInstall(undrawable),
    })
  }
}
