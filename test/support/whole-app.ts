import type { Hono } from 'hono'
import { noSuchCamera } from '../../src/errors.js'
import { snapshotRoutes } from '../../src/http/routes/snapshots.js'
import { cameraStreamerRoutes } from '../../src/signalling/compat/camera-streamer.js'
import { go2rtcRoutes } from '../../src/signalling/compat/go2rtc.js'
import { whepRoutes } from '../../src/signalling/whep.js'
import { whipRoutes } from '../../src/signalling/whip.js'
import { accessWith, PASSWORD, TOKEN } from './access.js'
import { appWith } from './app.js'

const rejects = (): never => {
  throw noSuchCamera('camera1')
}
const noViewers = { admit: rejects, createOffer: rejects, find: () => undefined }

/** The application with every route of the program and no camera, with a password and a token. */
export const wholeApp = (): Hono =>
  appWith({
    signalling: [
      whepRoutes(noViewers, () => []),
      cameraStreamerRoutes(
        noViewers,
        () => 'camera1',
        () => [],
      ),
      go2rtcRoutes(noViewers, () => []),
    ],
    publishing: whipRoutes({ publish: rejects, find: () => undefined }, () => []),
    snapshots: snapshotRoutes(
      () => [],
      () => 1,
    ),
    authority: async () => await Promise.resolve({ pem: 'PEM', fingerprint: 'AA:BB' }),
    access: accessWith({ password: PASSWORD, token: TOKEN }),
  })
