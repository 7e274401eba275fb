import type { Hono } from 'hono'
import type { CameraConfig, Config } from '../config/types.js'
import type { AccessControl } from '../http/auth/access-control.js'
import { createListeners, type Endpoint, type ListenerOptions, type Listeners } from '../http/listeners.js'
import type { Certificate } from '../http/tls/certificate.js'
import type { Languages } from '../http/routes/page-words.js'
import { websocketOnlyApp } from '../http/websocket-only-app.js'
import { messageOf } from '../lib/error-message.js'
import { Scope } from '../lib/scope.js'
import type { Log } from '../log.js'
import type { Reloadable } from './apply-config.js'
import type { Bindable } from './bindable.js'
import type { Cameras } from './cameras.js'
import { openRtspPort, type RtspOptions } from './rtsp.js'
import type { Signalling } from './signalling.js'

const WEB_PORT = 'server.web-port'

/** Web-port, each camera's own WebSocket port, and the port of RTSP. */
export interface Ports extends AsyncDisposable, Reloadable, Pick<Listeners, 'disconnectAll'> {
  readonly webPort: number
  /** Undefined while RTSP is off. */
  readonly rtspPort: number | undefined
}

export interface PortOptions {
  config: Config
  /** A camera that could not be started has no port. */
  cameras: Pick<Cameras, 'inOrder'>
  app: Hono
  signalling: Signalling
  viewers: RtspOptions['viewers']
  /** The address of this server, as a user on another machine types it. */
  host: () => string
  access: AccessControl
  certificate: () => Certificate | undefined
  bindable: Bindable
  languages: Languages
  /** What all ports share. */
  shared: Omit<ListenerOptions, 'app' | 'socketFor' | 'access' | 'log'>
  log: Log
}

/** @throws Error that names the key when a port cannot be bound. */
export async function openPorts(options: PortOptions): Promise<Ports> {
  const { config, cameras, app, signalling, access, shared, log } = options
  await using scope = new Scope()
  const listeners = scope.use(createListeners(log))
  const at = (port: number): Endpoint => ({
    port,
    address: options.bindable(config.server.bindIp),
    certificate: options.certificate(),
  })
  const openCameraPort = async ({ key, webrtcPort }: CameraConfig): Promise<void> =>
    await listeners.open(cameraPort(key), at(webrtcPort), {
      ...shared,
      access,
      log,
      app: websocketOnlyApp(key, access, () => listeners.port(WEB_PORT), options.languages),
      socketFor: () => signalling.cameraSocket(key),
    })

  await listeners.open(WEB_PORT, at(config.server.webPort), {
    ...shared,
    access,
    log,
    app,
    socketFor: signalling.socketFor,
  })
  for (const part of cameras.inOrder()) await openCameraPort(part.config)
  const rtsp = scope.use(await openRtspPort({ ...options, ...shared }))
  const running = scope.move()
  return {
    get webPort() {
      return listeners.port(WEB_PORT)!
    },
    get rtspPort() {
      return rtsp.port
    },
    disconnectAll: (code, reason) => {
      listeners.disconnectAll(code, reason)
      rtsp.disconnectAll()
    },
    async apply({ before, next }) {
      const keys = new Set(next.cameras.map(({ key }) => key))
      for (const { key } of before.cameras) if (!keys.has(key)) await listeners.close(cameraPort(key))
      await rtsp.release(next)
      const cameraPorts = next.cameras.map(
        ({ key, webrtcPort }) => [cameraPort(key), at(webrtcPort)] as const,
      )
      await listeners.move(new Map([[WEB_PORT, at(next.server.webPort)], ...cameraPorts]))
      for (const { config: camera } of cameras.inOrder())
        if (listeners.port(cameraPort(camera.key)) === undefined)
          await openCameraPort(camera).catch((error: unknown) => log.error(messageOf(error)))
      await rtsp.reopen()
    },
    [Symbol.asyncDispose]: async () => await running[Symbol.asyncDispose](),
  }
}

const cameraPort = (key: string): string => `${key}.webrtc-port`
