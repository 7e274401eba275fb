import type { CameraConfig, Config } from '../config/types.js'
import type { AccessControl } from '../http/auth/access-control.js'
import type { Clients } from '../http/connection/clients.js'
import type { ConnectionCount } from '../http/connection/connection-limits.js'
import { messageOf } from '../lib/error-message.js'
import type { Log } from '../log.js'
import { SESSION_TIMEOUT_S } from '../rtsp/client.js'
import { listenRtsp, type RtspListener } from '../rtsp/listener.js'
import type { RtspCameras } from '../rtsp/reader-session.js'
import type { ViewerRegistry } from '../viewer/registry.js'
import { findParameterSets } from '../viewer/rtsp/parameter-sets.js'
import {
  audioTimestampAt,
  RTSP_AUDIO_PAYLOAD_TYPE,
  RTSP_PAYLOAD_TYPE,
  startTimestamp,
} from '../viewer/rtsp/rtsp-viewers.js'
import type { Bindable } from './bindable.js'

export interface RtspOptions {
  config: Config
  viewers: Pick<ViewerRegistry, 'streamOf' | 'admitRtsp'>
  access: AccessControl
  bindable: Bindable
  clients: Pick<Clients, 'isProxy'>
  connectionCount: Pick<ConnectionCount, 'open'>
  /** @throws AppError `too-many-offers`. */
  countOffer: (address: string) => void
  /** The address of this server, as a user on another machine types it. */
  host: () => string
  log: Log
}

/** The port of RTSP while the configuration has one. */
export interface RtspPort extends AsyncDisposable {
  /** The bound port; undefined while RTSP is off. */
  readonly port: number | undefined
  /** Frees the port if the configuration names another one or none. Readers of a port that has moved stay. */
  release(next: Config): Promise<void>
  /** Opens the port that the configuration in force names. If that fails, it stays where it was, and the log has the reason. */
  reopen(): Promise<void>
  disconnectAll(): void
}

/** @throws Error that names the key when the port cannot be bound. */
export async function openRtspPort(options: RtspOptions): Promise<RtspPort> {
  const { config, access, clients, connectionCount, countOffer, bindable, log } = options
  const cameras = rtspCameras(options)
  const retired = new Set<RtspListener>()
  let open: { endpoint: Endpoint; listener: RtspListener | undefined } | undefined

  const endpointOf = ({ rtsp, server }: Config): Endpoint | undefined =>
    rtsp.port === undefined ? undefined : { port: rtsp.port, address: bindable(server.bindIp) }
  const openAt = async (endpoint: Endpoint | undefined): Promise<void> => {
    if (endpoint === undefined) return
    const listener = await listenRtsp({
      ...endpoint,
      access,
      cameras,
      limits: () => config.limits,
      countSetup: countOffer,
      countConnection: (address) => connectionCount.open(address, clients.isProxy(address)),
      log,
    })
    open = { endpoint, listener }
    for (const { key } of config.cameras)
      log.info(`readers of RTSP: ${rtspUrl(options.host(), listener.port, key)}`)
  }
  const closeAll = async (): Promise<void> => {
    for (const listener of [open?.listener, ...retired]) await listener?.[Symbol.asyncDispose]()
  }
  await openAt(endpointOf(config))

  return {
    get port() {
      return open?.listener?.port
    },
    async release(next) {
      const endpoint = endpointOf(next)
      if (open === undefined || isSame(open.endpoint, endpoint)) return
      if (endpoint === undefined) {
        await closeAll()
        open = undefined
        log.info('RTSP is off')
        return
      }
      const { listener } = open
      open = { endpoint: open.endpoint, listener: undefined }
      if (listener === undefined) return
      retired.add(listener)
      void listener.retire().then(() => retired.delete(listener))
    },
    async reopen() {
      const endpoint = endpointOf(config)
      if (endpoint === undefined || open?.listener !== undefined) return
      const former = open?.endpoint
      try {
        await openAt(endpoint)
      } catch (error) {
        log.error(
          former === undefined
            ? messageOf(error)
            : `${messageOf(error)}; until then it stays at port ${former.port}`,
        )
        await openAt(former).catch((again: unknown) => {
          open = undefined
          log.error(`the previous port is lost as well: ${messageOf(again)}`)
        })
      }
    },
    disconnectAll() {
      open?.listener?.disconnectAll()
      for (const listener of retired) listener.disconnectAll()
    },
    [Symbol.asyncDispose]: closeAll,
  }
}

interface Endpoint {
  port: number
  address: string
}

const isSame = (one: Endpoint, other: Endpoint | undefined): boolean =>
  one.port === other?.port && one.address === other.address

/** Where players find a camera. */
export const rtspUrl = (host: string, port: number, key: string): string =>
  `rtsp://${host.includes(':') ? `[${host}]` : host}:${port}/${key}`

/** The cameras as RTSP uses them. */
function rtspCameras({ config, viewers }: Pick<RtspOptions, 'config' | 'viewers'>): RtspCameras {
  const configOf = (camera: string): CameraConfig | undefined =>
    config.cameras.find(({ key }) => key === camera)
  return {
    requireCamera: (camera) => void viewers.streamOf(camera),
    hasAudio: (camera) => viewers.streamOf(camera).audio !== undefined,
    describe: async (camera) => {
      const stream = viewers.streamOf(camera)
      const { codec } = stream
      const sets = codec === 'h264' ? await findParameterSets(stream) : { sps: [], pps: [] }
      const audioPayloadType = stream.audio && RTSP_AUDIO_PAYLOAD_TYPE
      const name = configOf(camera)?.name ?? camera
      return { name, codec, payloadType: RTSP_PAYLOAD_TYPE, ...sets, audioPayloadType }
    },
    play: (options) => {
      const stream = viewers.streamOf(options.camera)
      const firstTimestamp = startTimestamp(stream)
      const firstAudioTimestamp =
        firstTimestamp === undefined ? undefined : audioTimestampAt(stream, firstTimestamp)
      const session = viewers.admitRtsp({ ...options, sessionTimeoutMs: SESSION_TIMEOUT_S * 1000 })
      return {
        firstTimestamp,
        firstAudioTimestamp,
        ended: session.ended,
        dismiss: async () => await session.dismiss(),
      }
    },
  }
}
