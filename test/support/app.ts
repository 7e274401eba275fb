import { noPublisherCounts } from '../../src/publisher/publisher-view.js'
import { readFileSync } from 'node:fs'
import { Hono } from 'hono'
import { buildApp, type AppParts } from '../../src/http/app.js'
import { controlRoutes, MAX_CONTROLS_BODY_BYTES } from '../../src/http/routes/controls.js'
import { MAX_SIGN_IN_BODY_BYTES } from '../../src/http/routes/sign-in.js'
import { MAX_OWNER_BODY_BYTES, ownerRoutes, type OwnerParts } from '../../src/http/routes/owner.js'
import { readLanguages } from '../../src/http/routes/page-words.js'
import { AppError, noSuchCamera } from '../../src/errors.js'
import { boundedBody, noLimits } from '../../src/signalling/http-common.js'
import { silentLog } from '../../src/log.js'
import { ViewerList } from '../../src/viewer/viewer-list.js'
import { accessWith } from './access.js'

const noFile = async (): Promise<never> =>
  await Promise.reject(new AppError('no-file', 409, 'there is no file'))

/** The owner's page of a server without a configuration file and without a supervisor. */
const noOwner: OwnerParts = {
  settings: {
    describe: async () => await Promise.resolve({ found: false, cameras: [], restart: { possible: false } }),
    preview: noFile,
    apply: noFile,
    undo: noFile,
  },
  devices: async () => await Promise.resolve({ cameras: [], notes: [] }),
  sizes: async (camera) => await Promise.reject(noSuchCamera(camera)),
  diagnose: async () => await Promise.resolve({ ok: true, seconds_ago: 0, chapters: [] }),
  log: () => ({ lines: [] }),
  restart: noFile,
}

export const noPublishers: AppParts['admin']['publishers'] = {
  views: () => [],
  counts: noPublisherCounts,
  remove: () => false,
}

/** The application with the real page and no camera, open to all, but for the parts that a test brings. */
export const appWith = (about: Partial<AppParts>): Hono =>
  buildApp({
    config: () => ({ version: '1', piIp: '', maxClients: 1, iceServers: [], cameras: [] }),
    health: () => ({ version: '1', uptimeS: 0, connectFailures: {}, cameras: {} }),
    metrics: () => ({
      version: '1',
      uptimeS: 0,
      process: undefined,
      implementations: { srtp: 'simd', aes: { by: 'openssl', profile: 'aes-cm' }, udpSend: 'direct' },
      stun: { requests: 0, responses: 0, forged: 0 },
      unfinishedBytes: 0,
      connectFailures: {},
      cameras: {},
    }),
    admin: {
      cameras: () => [],
      maxClients: () => 1,
      viewers: new ViewerList(),
      publishers: noPublishers,
      failures: { recent: [] },
    },
    events: { controls: () => ({}) },
    signalling: [],
    publishing: new Hono(),
    snapshots: new Hono(),
    controls: controlRoutes(() => undefined, boundedBody(noLimits, MAX_CONTROLS_BODY_BYTES)),
    owner: ownerRoutes(noOwner, boundedBody(noLimits, MAX_OWNER_BODY_BYTES)),
    access: accessWith(),
    readSignInBody: boundedBody(noLimits, MAX_SIGN_IN_BODY_BYTES),
    openApi: readFileSync('docs/openapi.json', 'utf8'),
    version: '1',
    authority: async () => await Promise.resolve(undefined),
    staticDir: 'static',
    languages: readLanguages('static'),
    log: silentLog,
    ...about,
  })
