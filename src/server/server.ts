import type { Config } from '../config/types.js'
import { createClients } from '../http/connection/clients.js'
import { createConnectionCount } from '../http/connection/connection-limits.js'
import type { Implementations } from '../http/routes/metrics-facts.js'
import { createReloadableCertificate } from '../http/tls/reloadable-certificate.js'
import { createMessageLimits } from '../http/websocket/message-limits.js'
import { readLanguages } from '../http/routes/page-words.js'
import { Scope } from '../lib/scope.js'
import { createOfferLimit } from '../signalling/offer-limit.js'
import { POLICY_VIOLATION } from '../signalling/websocket.js'
import { openSrtpBatch } from '../srtp/batch.js'
import { chooseSrtp } from '../srtp/choice.js'
import { openUdpBatches } from '../udp/open.js'
import { warmUpMediaPath } from '../viewer/media/warm-up.js'
import { ViewerRegistry } from '../viewer/registry.js'
import { prepareWerift } from '../viewer/werift/prepare.js'
import { createServerAccess, endSessionsOfOldCredentials } from './access.js'
import { createServerAddresses } from './addresses.js'
import { buildServerApp } from './app.js'
import { createConfigApplier } from './apply-config.js'
import { detectBindable } from './bindable.js'
import { viewerSourceOf } from './camera-views.js'
import { startCameras } from './cameras.js'
import type { ServerEnvironment } from './environment.js'
import { LiveConfig } from './live-config.js'
import { implementationsOf, logImplementations } from './implementations.js'
import { tcpPortsOf, mediaEndpointOf, openMedia, openPublicAddress } from './media.js'
import { createOwnCertificate } from './own-certificate.js'
import { openPorts } from './ports.js'
import { createPublishing } from './publishing.js'
import { createPushes } from './pushes.js'
import { runningServer, type RunningServer } from './running-server.js'
import { createSignalling } from './signalling.js'

/**
 * Builds every part in the order in which a packet travels, and closes them in reverse.
 * @throws Error that names the key when a port cannot be bound; ConfigError when the certificate cannot be used.
 */
export async function startServer(first: Config, environment: ServerEnvironment): Promise<RunningServer> {
  const log = environment.log('server')
  const httpLog = environment.log('http')
  const live = new LiveConfig(first)

  await using scope = new Scope() // a step that throws closes the steps above it
  const bindable = await detectBindable(log)
  const addresses = scope.use(createServerAddresses(live, bindable, log))
  const certificate = scope.use(createReloadableCertificate(httpLog))
  const ownCertificate = scope.use(createOwnCertificate(live, httpLog))
  await ownCertificate.renew()
  await certificate.apply(live.server.tls)
  const access = createServerAccess(live, httpLog)

  const { batches, unusable } = await openUdpBatches()
  // V8 must see the final hidden classes before the cameras' objects are created.
  await warmUpMediaPath(batches, 1)
  const choosing = chooseSrtp() // while the cameras start
  const cameras = scope.use(await startCameras(live, environment, batches, log))

  const fingerprint = await prepareWerift(log)
  const choice = await choosing
  const warm = warmUpMediaPath(batches, undefined, choice).catch(() => 0) // in the background; a failure only makes the first viewers cost more
  scope.defer(async () => {
    await warm
  })
  const srtp = openSrtpBatch(() => batches.flush(), choice)
  const media = scope.use(await openMedia(live, bindable, batches, log))
  const implementations = (): Implementations => implementationsOf(choice, media.mux.sendImplementation)
  logImplementations(implementations(), choice.costs, unusable, log)

  const publicAddress = scope.use(openPublicAddress(live, media, log))
  const shared = { config: live, media, srtp, fingerprint, addresses: addresses.media, publicAddress }
  const viewers = scope.use(
    new ViewerRegistry({ ...shared, networks: addresses.networks, log: environment.log('viewers') }),
  )
  cameras.observe({
    onStarted: (part) => viewers.open(part.config.key, viewerSourceOf(part)),
    onEnding: async (key, reason) => await viewers.close(key, reason),
  })

  const pushes = scope.use(createPushes(cameras, viewers, environment, shared))
  const publishing = scope.use(createPublishing(shared, cameras, environment.log('publishers')))

  const limits = (): Config['limits'] => live.limits
  const countOffer = createOfferLimit(limits)
  const messageLimits = createMessageLimits(limits)
  const signallingLimits = { countOffer, maxBodyBytes: () => live.limits.maxBodyBytes, ...messageLimits }
  const sessions = { viewers, publishers: publishing.publishers }
  const signalling = createSignalling(
    live,
    cameras,
    sessions,
    signallingLimits,
    environment.log('signalling'),
  )
  const languages = readLanguages(environment.staticDir)
  const web = { config: live, cameras, viewers, signalling, access, languages, log: httpLog }
  const app = buildServerApp({
    ...web,
    environment,
    addresses,
    pushes,
    publishers: publishing.publishers,
    authority: () => ownCertificate.authority(certificate.inForce?.pem().cert),
    implementations,
    stun: () => publicAddress.counts,
    limits: signallingLimits,
    onControlsSaved: (part, saved) => {
      part.controlsSaved(saved)
      live.replaceControls(part.config.key, saved)
    },
    unfinishedBytes: () => messageLimits.unfinished.bytes,
  })
  const ports = scope.use(
    await openPorts({
      ...web,
      app,
      host: addresses.page,
      certificate: () => certificate.inForce,
      bindable,
      shared: {
        limits,
        clients: createClients(() => live.server.trustedProxies),
        connectionCount: createConnectionCount(limits),
        messageLimits,
        countOffer,
      },
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
      publishing.reload,
      { apply: async ({ next }) => await media.yieldTcp(tcpPortsOf(next)) },
      ports,
      addresses,
      {
        apply: async ({ next }) =>
          await media.move(mediaEndpointOf(next, bindable), async () => {
            pushes.renew()
            await Promise.all([viewers.endAll('port-changed'), publishing.publishers.endAll('port-changed')])
          }),
      },
      { apply: () => publicAddress.refresh() },
      pushes,
    ]),
  )
  const parts = { live, certificate, addresses, cameras, media, viewers, ports, reload: reload.apply }
  return runningServer(parts, scope.move())
}
