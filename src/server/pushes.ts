import { Pushes } from '../push/pushes.js'
import type { PushedCamera } from '../push/session.js'
import { PushSessions, type PushOptions } from '../viewer/push-sessions.js'
import type { ViewerRegistry } from '../viewer/registry.js'
import type { Reloadable } from './apply-config.js'
import { viewerSourceOf } from './camera-views.js'
import type { CameraPart } from './camera-part.js'
import type { Cameras } from './cameras.js'
import type { ServerEnvironment } from './environment.js'
import type { Config } from '../config/types.js'
import { iceServersFor, type IceServer } from '../signalling/ice-servers.js'
import type { TurnServer } from '../turn/turn-server.js'

/** Sends cameras to media servers, as their configuration says. */
export function createPushes(
  cameras: Cameras,
  viewers: Pick<ViewerRegistry, 'count'>,
  environment: Pick<ServerEnvironment, 'log'>,
  options: Omit<PushOptions, 'log' | 'turnServers' | 'config'> & { config: Config },
): Pushes & Reloadable {
  const turnServers = (): TurnServer[] =>
    turnServersOf(iceServersFor(options.config.webrtc, Date.now() / 1000))
  const sessions = new PushSessions({ ...options, turnServers, log: environment.log('push') })
  const pushes = new Pushes((camera) => environment.log(`${camera} push`))
  const pushedCamera = (part: CameraPart): PushedCamera => {
    const { key } = part.config
    const source = viewerSourceOf(part)
    return {
      key,
      isLive: () => part.camera.status().state === 'live',
      viewers: () => viewers.count(key),
      watch: () => source.watch!(),
      offer: async (server, named, signal) => await sessions.offer(key, source, server, named, signal),
    }
  }
  cameras.observe({
    onStarted: (part) => pushes.open(pushedCamera(part), part.config.push),
    onEnding: async (key) => await pushes.close(key),
  })
  return Object.assign(pushes, {
    apply: async () => {
      await Promise.all(
        cameras.inOrder().map(async ({ config: { key, push } }) => await pushes.change(key, push)),
      )
    },
  })
}

/** Those of viewers, with credentials. */
const turnServersOf = (servers: readonly IceServer[]): TurnServer[] =>
  servers.flatMap(({ urls: uri, username, credential: password }) =>
    username === undefined || password === undefined ? [] : [{ uri, username, password }],
  )
