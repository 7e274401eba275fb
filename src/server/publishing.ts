import type { Config } from '../config/types.js'
import type { Log } from '../log.js'
import { Publishers, type PublishersOptions } from '../publisher/publishers.js'
import type { Reloadable } from './apply-config.js'
import type { Cameras } from './cameras.js'

/** The clients that publish to cameras, for as long as these exist. */
export function createPublishing(
  options: Omit<PublishersOptions, 'log'>,
  cameras: Cameras,
  log: Log,
): { publishers: Publishers; reload: Reloadable } & AsyncDisposable {
  const publishers = new Publishers({ ...options, log })
  cameras.observe({
    onStarted: ({ config: { key }, stream }) => {
      publishers.open(key, {
        codec: stream.codec,
        source: stream.published,
        requestKeyframe: () => stream.requestKeyframe(),
      })
    },
    onEnding: async (key, reason) => await publishers.close(key, reason),
  })
  return {
    publishers,
    // Whoever publishes with credentials that no longer exist stops.
    reload: {
      async apply({ before, next }) {
        const changed = next.cameras.filter(({ key, whipToken }) => {
          const old = before.cameras.find((camera) => camera.key === key)
          return old !== undefined && (old.whipToken !== whipToken || loginOf(before) !== loginOf(next))
        })
        for (const { key } of changed) await publishers.end(key, 'credentials-changed')
      },
    },
    [Symbol.asyncDispose]: async () => await publishers[Symbol.asyncDispose](),
  }
}

const loginOf = ({ server: { access } }: Config): string =>
  JSON.stringify([access.login?.username, access.login?.passwordText])
