import { readFile } from 'node:fs/promises'
import { networkInterfaces } from 'node:os'
import {
  healthOf,
  lookAt,
  metricsOf,
  startCamera,
  toldOf,
  watchable,
  type CameraEnd,
  type CameraPart,
  type Surroundings,
} from './camera-part.js'
import { createStartGate } from './camera/gate.js'
import type { Machine } from './camera/machine.js'
import type { CameraConfig, Config } from './config.js'
import { changesOf } from './config/changes.js'
import { createAccess, type Access } from './http/access.js'
import { buildApp } from './http/app.js'
import { currentAccess } from './http/current-access.js'
import { currentCertificate } from './http/current-certificate.js'
import { createDoors, type Place } from './http/doors.js'
import { bindProblem } from './http/listen.js'
import { pictureRoutes } from './http/pictures.js'
import { socketOnlyApp } from './http/socket-only.js'
import { Scope } from './lib/scope.js'
import type { Log } from './log.js'
import type { PathLook } from './service/liveness.js'
import { statusLine } from './service/status-line.js'
import { waitingBytesByPort } from './service/udp-queue.js'
import { cameraStreamerRoutes } from './signalling/camera-streamer.js'
import { go2rtcRoutes } from './signalling/go2rtc.js'
import { serveGo2rtc } from './signalling/go2rtc-socket.js'
import { serveSignalling, type SignallingSocket } from './signalling/websocket.js'
import { whepRoutes } from './signalling/whep.js'
import { announcedAddresses, type AddressOptions } from './viewer/addresses.js'
import { openMediaPort, type MediaPlace } from './viewer/media-port.js'
import { prepareWerift } from './viewer/peer.js'
import { ViewerRegistry } from './viewer/registry.js'
import { openUdpMux, type UdpMux } from './viewer/udp-mux.js'
import { warmUpMediaPath } from './viewer/warm-up.js'

export interface RunningServer extends AsyncDisposable {
  /** Where to watch, as a person on another machine would type it. */
  readonly url: string
  readonly webPort: number
  readonly udpPort: number
  /**
   * Puts another configuration in force: what did not change runs on, viewers of unchanged cameras notice nothing. One
   * after the other, however often it is called. What cannot be done (a port that is taken) is in the log.
   * @throws ConfigError when its certificate cannot be used; then everything stays.
   */
  reload(next: Config, machine: Machine): Promise<void>
  /** One line for people: what is live, who watches, what fails and why. */
  status(): string
  /** How far packets have come, to be compared with another look. */
  look(): Promise<PathLook>
}

const WEB_PORT = 'server.web-port'

/**
 * Builds every part, in the order a packet travels, and closes them in reverse.
 * @throws Error with a sentence that names the key when a port cannot be had; ConfigError when the certificate cannot be used.
 */
export async function startServer(first: Config, surroundings: Surroundings): Promise<RunningServer> {
  let config = first // the one in force: what asks it at every use needs no more to follow a new one
  const { version, staticDir } = surroundings
  const log = surroundings.log('server')
  const httpLog = surroundings.log('http')
  const signallingLog = surroundings.log('signalling')
  const startedMs = performance.now()
  const uptimeS = (): number => Math.round((performance.now() - startedMs) / 1000)
  const addresses = (): string[] => announcedAddresses(addressOptions(config))
  const shownAddress = (): string => addresses()[0]!

  await using scope = new Scope() // a step that throws closes the steps above it
  const certificate = scope.use(currentCertificate(httpLog))
  await certificate.take(config.server.tls)
  const gate = createStartGate()
  const parts = new Map<string, CameraPart>()
  scope.defer(async () => await closeAll([...parts.values()]))
  const inOrder = (): CameraPart[] => config.cameras.flatMap(({ key }) => parts.get(key) ?? [])
  const capture = async (camera: CameraConfig, machine: Machine): Promise<CameraPart> => {
    const settings = { config: camera, machine, sharedBy: config.cameras.length }
    return await startCamera(settings, gate, surroundings)
  }
  for (const camera of config.cameras) parts.set(camera.key, await capture(camera, surroundings.machine))

  const byCamera = <T>(tell: (part: CameraPart, key: string) => T): Record<string, T> =>
    Object.fromEntries(inOrder().map((part) => [part.config.key, tell(part, part.config.key)]))

  const fingerprint = await prepareWerift()
  const warm = warmUpMediaPath() // nobody waits for it: a viewer who is here earlier only costs more
  scope.use({ [Symbol.asyncDispose]: async () => await warm })
  const media = scope.use(
    await openMediaPort(
      mediaPlace(config),
      async (place) => await openMux(place, log),
      async () => await viewers.endAll('port-changed'),
      log,
    ),
  )
  const viewers: ViewerRegistry = scope.use(
    new ViewerRegistry({
      get mux() {
        return media.mux
      },
      get maxClients() {
        return config.webrtc.maxClients
      },
      fingerprint,
      addresses,
      log: surroundings.log('viewers'),
    }),
  )
  for (const part of inOrder()) viewers.open(part.config.key, watchable(part))

  const access = currentAccess(accessOf(config, httpLog))
  const stunServer = (): string | undefined => config.webrtc.stunServer
  const app = buildApp({
    config: () => ({ ...config.webrtc, version, piIp: shownAddress(), cameras: config.cameras }),
    health: () => ({
      version,
      uptimeS: uptimeS(),
      cameras: byCamera((part, key) => healthOf(part, viewers.count(key))),
    }),
    metrics: () => {
      const watched = viewers.snapshot()
      return {
        version,
        uptimeS: uptimeS(),
        residentBytes: surroundings.residentBytes?.(),
        cameras: byCamera((part, key) => metricsOf(part, viewers.count(key), watched[key]!)),
      }
    },
    dialects: [
      whepRoutes(viewers, stunServer),
      cameraStreamerRoutes(viewers, () => config.cameras[0]!.key, stunServer),
      go2rtcRoutes(viewers, stunServer),
    ],
    pictures: pictureRoutes(
      () => inOrder().map(({ pictures }) => pictures),
      () => config.webrtc.maxClients,
    ),
    access,
    staticDir,
    log: httpLog,
  })
  const signallingOf = (key: string): ((socket: SignallingSocket) => void) | undefined => {
    const part = parts.get(key)
    return part && ((socket) => serveSignalling(socket, toldOf(part), viewers, signallingLog))
  }

  const doors = scope.use(createDoors(httpLog))
  const place = (port: number): Place => ({
    port,
    address: config.server.bindIp,
    certificate: certificate.inForce,
  })
  const openDoor = async ({ key, webrtcPort }: CameraConfig): Promise<void> =>
    await doors.open(`${key}.webrtc-port`, place(webrtcPort), {
      access,
      log: httpLog,
      app: socketOnlyApp(key, access),
      socketFor: () => signallingOf(key),
    })
  await doors.open(WEB_PORT, place(config.server.webPort), {
    access,
    log: httpLog,
    app,
    socketFor: (path, query) =>
      path === '/api/ws'
        ? (socket) => serveGo2rtc(socket, query.get('src') ?? '', viewers, signallingLog)
        : signallingOf(/^\/(camera\d+)\/ws$/.exec(path)?.[1] ?? ''),
  })
  for (const camera of config.cameras) await openDoor(camera)

  const end = async (key: string, why: CameraEnd): Promise<void> => {
    const part = parts.get(key)
    parts.delete(key)
    part?.end(why)
    await viewers.close(key, why)
    if (why === 'camera-removed') await doors.close(`${key}.webrtc-port`)
    await part?.[Symbol.asyncDispose]()
  }

  const putInForce = async (next: Config, machine: Machine): Promise<void> => {
    // What is running is compared, not what was asked for: what failed the last time is tried again.
    const running = { ...config, cameras: inOrder().map((part) => part.config) }
    const { removed, replaced, restarted, added } = changesOf(running, next)
    await certificate.take(next.server.tls)
    const old = config
    config = next
    if (asksOfVisitors(old) !== asksOfVisitors(next)) access.replace(accessOf(next, httpLog))
    for (const key of removed) await end(key, 'camera-removed')
    for (const { key } of replaced) await end(key, 'camera-changed')
    for (const camera of next.cameras) {
      const settings = { config: camera, machine, sharedBy: next.cameras.length }
      parts.get(camera.key)?.take(settings, restarted.includes(camera.key))
    }
    const say = (error: unknown): undefined => {
      log.error(error instanceof Error ? error.message : String(error))
      return undefined
    }
    for (const camera of [...replaced, ...added]) {
      const part = await capture(camera, machine).catch(say)
      if (part === undefined) continue
      parts.set(camera.key, part)
      viewers.open(camera.key, watchable(part))
    }
    const ownPorts = next.cameras.map(
      ({ key, webrtcPort }) => [`${key}.webrtc-port`, place(webrtcPort)] as const,
    )
    await doors.move(new Map([[WEB_PORT, place(next.server.webPort)], ...ownPorts]))
    for (const { config: camera } of inOrder())
      if (doors.port(`${camera.key}.webrtc-port`) === undefined) await openDoor(camera).catch(say)
    await media.move(mediaPlace(next))
  }

  const running = scope.move()
  let stopping = false
  let turn: Promise<unknown> = Promise.resolve()
  return {
    get url() {
      return `${certificate.inForce ? 'https' : 'http'}://${inUrl(shownAddress())}:${doors.port(WEB_PORT)!}`
    },
    get webPort() {
      return doors.port(WEB_PORT)!
    },
    get udpPort() {
      return media.mux.port
    },
    status: () => {
      const cameras = inOrder().map(({ config: { key }, camera }) => ({ key, ...camera.status() }))
      return statusLine(
        cameras,
        cameras.reduce((sum, { key }) => sum + viewers.count(key), 0),
      )
    },
    look: async () => {
      const waiting = waitingBytesByPort(await readFile('/proc/net/udp', 'utf8').catch(() => ''))
      return byCamera((part, key) => lookAt(part, viewers.figures(key), waiting))
    },
    reload: async (next, machine) => {
      const mine = turn.then(async () => (stopping ? undefined : await putInForce(next, machine)))
      turn = mine.catch(() => {}) // whoever asked for it is told
      await mine
    },
    async [Symbol.asyncDispose]() {
      stopping = true
      await turn
      await running[Symbol.asyncDispose]()
    },
  }
}

async function closeAll(parts: CameraPart[]): Promise<void> {
  await using all = new Scope()
  for (const part of parts) all.use(part)
}

const accessOf = ({ server }: Config, log: Log): Access =>
  createAccess(server.access, { webPort: server.webPort, tls: server.tls !== undefined, log })

/** What access rests on: while it is the same, so is who guessed how often. */
const asksOfVisitors = ({ server: { access, webPort, tls } }: Config): string =>
  JSON.stringify([access, webPort, tls !== undefined])

const addressOptions = ({ server, webrtc }: Config): AddressOptions => ({
  bindIp: server.bindIp,
  piIp: server.piIp,
  announce: webrtc.announce,
  interfaces: networkInterfaces(),
})

const mediaPlace = ({ server, webrtc }: Config): MediaPlace => ({
  port: webrtc.udpPort,
  address: server.bindIp,
})

async function openMux({ port, address }: MediaPlace, log: Log): Promise<UdpMux> {
  try {
    return await openUdpMux(port, address, (error) =>
      log.warn('the media socket reports an error', { error: error.message }),
    )
  } catch (error) {
    throw new Error(bindProblem(error, 'webrtc.udp-port', port, address), { cause: error })
  }
}

const inUrl = (address: string): string => (address.includes(':') ? `[${address}]` : address)
