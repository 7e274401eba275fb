/** The expected access of every kind of client, written by hand. */

/** Each kind of client has an address of its own, because wrong credentials lock out an address. */
export const CREDENTIALS = [
  'nothing',
  'nothing, in a browser',
  'wrong password',
  'wrong token',
  'forged cookie',
  'token in the address',
  'token in a header',
  'name and password',
  'cookie of the token',
  'cookie of the password',
  'password, from a foreign page',
  'cookie, from a foreign page',
] as const
export type Credential = (typeof CREDENTIALS)[number]

/** `yes`: the request reached its route. */
export type Outcome = 'yes' | '401' | '403'

type Row = Record<Credential, Outcome>

const outcomes = (...row: Outcome[]): Row =>
  Object.fromEntries(CREDENTIALS.map((credential, i) => [credential, row[i]!])) as Row

/** In the order of CREDENTIALS. */
const ROWS = {
  public: outcomes('yes', 'yes', '401', '401', 'yes', 'yes', 'yes', 'yes', 'yes', 'yes', '401', 'yes'),
  watch: outcomes('401', '401', '401', '401', '401', 'yes', 'yes', 'yes', 'yes', 'yes', '401', '401'),
  publicByWriting: outcomes(
    'yes',
    'yes',
    '401',
    '401',
    'yes',
    'yes',
    'yes',
    'yes',
    'yes',
    'yes',
    '403',
    '403',
  ),
  administer: outcomes('401', '401', '401', '401', '401', '403', '403', 'yes', '403', 'yes', '401', '401'),
  watchByWriting: outcomes(
    '401',
    '401',
    '401',
    '401',
    '401',
    'yes',
    'yes',
    'yes',
    'yes',
    'yes',
    '403',
    '403',
  ),
  administerByWriting: outcomes(
    '401',
    '401',
    '401',
    '401',
    '401',
    '403',
    '403',
    'yes',
    '403',
    'yes',
    '403',
    '403',
  ),
}

/** The token to watch does not permit to publish, nor does its cookie. */
const [PUBLISH, PUBLISH_BY_WRITING] = (['401', '403'] as const).map((foreign) =>
  outcomes('401', '401', '401', '401', '401', '401', '401', 'yes', '401', 'yes', foreign, foreign),
) as [Row, Row]

export const METHODS = ['GET', 'HEAD', 'OPTIONS', 'POST', 'PUT', 'PATCH', 'DELETE'] as const
export type Method = (typeof METHODS)[number]
export type Port = 'web-port' | 'webrtc-port'

/** Every address of the program, and unknown ones. */
export const PATHS = [
  '/',
  '/?action=snapshot',
  '/?action=stream',
  '/camera1',
  '/camera1/',
  '/camera1/?action=stream',
  '/camera9/',
  '/assets/app.js',
  '/rpi-camera.js',
  '/player/tile.css',
  '/favicon.svg',
  '/favicon.ico',
  '/api/config',
  '/api/cameras',
  '/api/cameras/camera1',
  '/api/cameras/camera9/restart',
  '/api/cameras/camera9/controls',
  '/api/cameras/camera9/controls/save',
  '/api/cameras/camera9/sizes',
  '/owner',
  '/api/settings',
  '/api/settings/preview',
  '/api/settings/undo',
  '/api/devices',
  '/api/doctor',
  '/api/log',
  '/api/restart',
  '/api/viewers',
  '/api/viewers/',
  '/api/viewers/1',
  '/api/viewers/1/2',
  '/api/publishers',
  '/api/publishers/camera9',
  '/api/events',
  '/api/openapi.json',
  '/api/',
  '/sign-in',
  '/sign-in?to=camera1/',
  '/sign-in/',
  '/sign-out',
  '/certificate',
  '/certificate/rpi-webrtc-ca.crt',
  '/api/webrtc',
  '/api/webrtc?src=camera1',
  '/api/ws',
  '/api/ws?src=camera1',
  '/api/frame.jpeg',
  '/api/stream.mjpeg',
  '/metrics',
  '/snapshot',
  '/snapshot.jpg',
  '/stream',
  '/stream.mjpg',
  '/webcam',
  '/webcam/?action=stream',
  '/camera1/snapshot.jpg',
  '/camera1/stream.mjpg',
  '/camera1/ws',
  '/camera1/ws?x',
  '/camera1/whep',
  '/camera1/whep/',
  '/camera1/whep/x',
  '/camera1/whepx',
  '/x/camera1/whep',
  '/camera1/whip',
  '/camera1/whip/',
  '/camera1/whip/x',
  '/camera1/whipx',
  '/camera1/webrtc',
  '/webrtc',
  '/health',
  '/health?x',
  '/x/../health',
  '/%2e%2e/health',
  '/x/%2E./health',
  '/health/',
  '//health',
  '/HEALTH',
  '/health%00',
  '/health;x',
  '/camera1/../health',
  '/nothing',
] as const
export type Path = (typeof PATHS)[number]

/** Addresses that equal /health after dot segments are resolved (RFC 3986 section 5.2.4). */
const IS_HEALTH =
  /^(?:\/health(?:\?x)?|\/x\/\.\.\/health|\/%2e%2e\/health|\/x\/%2E\.\/health|\/camera1\/\.\.\/health)$/
/** How a browser trusts the server, before it has signed in. */
const IS_ABOUT_TRUST = /^\/certificate(?:\/rpi-webrtc-ca\.crt)?$/
const IS_SIGN_IN = /^\/sign-in(?:\?to=camera1\/)?$/
/** Browsers request modules of another origin without credentials. */
const IS_PLAYER = /^\/(?:rpi-camera\.js|player\/tile\.css)$/
const IS_OF_ADMINISTRATORS =
  /^\/(?:owner|api\/(?:viewers|publishers|cameras\/camera9\/(?:controls|sizes)|settings|devices|doctor|log))$/
const IS_OFFER = /^(?:\/camera1\/whep(?:\/x?)?|\/camera1\/webrtc|\/webrtc|\/api\/webrtc(?:\?src=camera1)?)$/
const IS_PUBLICATION = /^\/camera1\/whip(?:\/x?)?$/
const IS_SOCKET = /^(?:\/camera1\/ws(?:\?x)?|\/api\/ws(?:\?src=camera1)?)$/

export function expected(port: Port, path: Path, method: Method, isUpgrade: boolean): Row {
  const isReading = method === 'GET' || method === 'HEAD' || method === 'OPTIONS'
  // Every WebSocket needs the permission to watch.
  if (isUpgrade) return ROWS.watchByWriting
  if (port === 'webrtc-port') return isReading ? ROWS.watch : ROWS.administerByWriting
  const isPublic = [IS_HEALTH, IS_ABOUT_TRUST, IS_PLAYER, IS_SIGN_IN].some((addresses) =>
    addresses.test(path),
  )
  if (isPublic && (method === 'GET' || method === 'HEAD')) return ROWS.public
  if ((IS_SIGN_IN.test(path) || path === '/sign-out') && method === 'POST') return ROWS.publicByWriting
  if (IS_OFFER.test(path)) return isReading ? ROWS.watch : ROWS.watchByWriting
  if (IS_PUBLICATION.test(path)) return isReading ? PUBLISH : PUBLISH_BY_WRITING
  if (!isReading) return ROWS.administerByWriting
  return IS_OF_ADMINISTRATORS.test(path) && method !== 'OPTIONS' ? ROWS.administer : ROWS.watch
}

/** Whether a WebSocket opens for a client with the permission. */
export const opensSocket = (port: Port, path: Path, method: Method): boolean =>
  method === 'GET' && (port === 'webrtc-port' || IS_SOCKET.test(path))
