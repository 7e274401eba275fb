import { readFile } from 'node:fs/promises'
import type { Machine } from '../camera/gstreamer/machine.js'
import type { Config } from '../config/types.js'
import { createConnectionCount } from '../http/connection-limits.js'
import type { Implementations } from '../http/routes/metrics.js'
import { createReloadableCertificate } from '../http/tls/reloadable-certificate.js'
import { createMessageLimits } from '../http/websocket/message-limits.js'
import { Scope } from '../lib/scope.js'
import { createOfferLimit } from '../signalling/offer-limit.js'
import { POLICY_VIOLATION } from '../signalling/websocket.js'
import { openSrtpBatch } from '../srtp/batch.js'
import { waitingBytesByPort } from '../systemd/proc-net-udp.js'
import type { MediaProgress } from '../systemd/stall-check.js'
import { statusLine } from '../systemd/status-line.js'
import { warmUpMediaPath } from '../viewer/media/warm-up.js'
import { ViewerRegistry } from '../viewer/registry.js'
import { prepareWerift } from '../viewer/werift/prepare.js'
import { createServerAccess, endSessionsOfOldCredentials } from './access.js'
import { createServerAddresses } from './addresses.js'
import { buildServerApp } from './app.js'
import { createConfigApplier } from './apply-config.js'
import { progressOf, viewerSourceOf } from './camera-views.js'
import { startCameras } from './cameras.js'
import type { ServerEnvironment } from './environment.js'
import { LiveConfig } from './live-config.js'
import { logImplementations, mediaEndpointOf, openMedia } from './media.js'
import { openPorts } from './ports.js'
import { createSignalling } from './signalling.js'

export interface RunningServer extends AsyncDisposable {
  /** Where to watch, as a user on another machine types it. */
  readonly url: string
  readonly webPort: number
  readonly udpPort: number
  /**
   * Applies another configuration. Unchanged parts run on: viewers of unchanged cameras notice nothing. A port that cannot be moved
   * is logged. Calls are queued.
   * @throws ConfigError when its certificate cannot be used; then nothing changes.
   */
  reload(next: Config, machine: Machine): Promise<void>
  /** One line for the service manager: what is live, how many watch, what fails and why. */
  status(): string
  /** Packet counts along the path, to be compared with an earlier sample. */
  progress(): Promise<MediaProgress>
}

/**
 * Builds every part in the order in which a packet travels, and closes them in reverse.
 * @throws Error that names the key when a port cannot be bound; ConfigError when the certificate cannot be used.
 */
export async function startServer(first: Config, environment: ServerEnvironment): Promise<RunningServer> {
  const [log, httpLog] = [environment.log('server'), environment.log('http')]
  const live = new LiveConfig(first)
  const addresses = createServerAddresses(live)

  await using scope = new Scope() // a step that throws closes the steps above it
  const certificate = scope.use(createReloadableCertificate(httpLog))
  await certificate.apply(live.server.tls)
  const access = createServerAccess(live, httpLog)

  // V8 must see the final hidden classes before the cameras' objects are created.
  await warmUpMediaPath(1)
  const cameras = scope.use(await startCameras(live, environment, log))

  const fingerprint = await prepareWerift(log)
  scope.use(warmUpInBackground())
  const srtp = openSrtpBatch()
  const media = scope.use(await openMedia(live, log))
  const implementations = (): Implementations => ({
    srtp: srtp.implementation,
    udpSend: media.mux.sendImplementation,
  })
  logImplementations(implementations(), log)

  const viewers = scope.use(
    new ViewerRegistry({
      config: live,
      media,
      srtp,
      fingerprint,
      addresses: addresses.media,
      log: environment.log('viewers'),
    }),
  )
  cameras.observe({
    onStarted: (part) => viewers.open(part.config.key, viewerSourceOf(part)),
    onEnding: async (key, reason) => await viewers.close(key, reason),
  })

  const limits = (): Config['limits'] => live.limits
  const countOffer = createOfferLimit(limits)
  const messageLimits = createMessageLimits(limits)
  const signallingLimits = { countOffer, maxBodyBytes: () => live.limits.maxBodyBytes, ...messageLimits }
  const signalling = createSignalling(live, cameras, viewers, signallingLimits, environment.log('signalling'))
  const app = buildServerApp({
    config: live,
    environment,
    addresses,
    cameras,
    viewers,
    signalling: signalling.routes,
    access,
    implementations,
    unfinishedBytes: () => messageLimits.unfinished.bytes,
    log: httpLog,
  })
  const ports = scope.use(
    await openPorts({
      config: live,
      app,
      signalling,
      access,
      certificate: () => certificate.inForce,
      shared: { limits, connectionCount: createConnectionCount(limits), messageLimits, countOffer },
      log: httpLog,
    }),
  )

  const reload = scope.use(
    createConfigApplier(live, async ({ server }) => await certificate.apply(server.tls), [
      access,
      endSessionsOfOldCredentials(async () => {
        ports.disconnectAll(POLICY_VIOLATION, 'credentials-changed')
        await viewers.endAll('credentials-changed')
      }),
      cameras,
      ports,
      {
        apply: async ({ next }) =>
          await media.move(mediaEndpointOf(next), async () => await viewers.endAll('port-changed')),
      },
    ]),
  )
  const running = scope.move()
  return {
    get url() {
      return `${certificate.inForce ? 'https' : 'http'}://${inUrl(addresses.page())}:${ports.webPort}`
    },
    get webPort() {
      return ports.webPort
    },
    get udpPort() {
      return media.mux.port
    },
    reload: async (next, machine) => await reload.apply(next, machine),
    status: () => {
      const states = cameras.inOrder().map(({ config: { key }, camera }) => ({ key, ...camera.status() }))
      const watching = states.reduce((sum, { key }) => sum + viewers.count(key), 0)
      return statusLine(states, watching)
    },
    progress: async () => {
      const waiting = waitingBytesByPort(await readFile('/proc/net/udp', 'utf8').catch(() => ''))
      return cameras.mapByKey((part, key) => progressOf(part, viewers.stats(key), waiting))
    },
    [Symbol.asyncDispose]: async () => await running[Symbol.asyncDispose](),
  }
}

/** Compiles the media path while no viewer waits for it. A failure only makes the first viewers cost more. */
function warmUpInBackground(): AsyncDisposable {
  const warm = warmUpMediaPath().catch(() => 0)
  return {
    [Symbol.asyncDispose]: async () => {
      await warm
    },
  }
}

const inUrl = (address: string): string => (address.includes(':') ? `[${address}]` : address)
