import type { IncomingMessage } from 'node:http'
import { DtlsServer, parseMessage, RTCDtlsTransport } from 'werift'
import { parseAddress } from '../../../src/rtsp/address.js'
import { iceServersOf } from '../../../src/push/ice-server-links.js'
import { parseTransport } from '../../../src/rtsp/transport-header.js'
import { createGdpReader } from '../../../src/camera/snapshots/gdp.js'
import { nameOf } from '../../../src/http/auth/host-names.js'
import { reachedAddresses } from '../../../src/lib/reached-addresses.js'
import { createAuthenticator, presentedBy } from '../../../src/http/auth/authenticator.js'
import { createOrigins } from '../../../src/http/auth/origins.js'
import { createClients } from '../../../src/http/connection/clients.js'
import { returnAddress } from '../../../src/http/routes/return-address.js'
import { snapshotRoutes } from '../../../src/http/routes/snapshots.js'
import { silentLog } from '../../../src/log.js'
import { parseFeedback } from '../../../src/rtp/rtcp/feedback.js'
import { carriesKeyframe } from '../../../src/rtp/keyframe.js'
import { isRtp, payloadOf } from '../../../src/rtp/packet.js'
import { parseSenderReport } from '../../../src/rtp/rtcp/sender-report.js'
import {
  parseCameraStreamerBody,
  parseGo2rtcMessage,
  parseJsonOffer,
} from '../../../src/signalling/compat/messages.js'
import { cameraStreamerRoutes } from '../../../src/signalling/compat/camera-streamer.js'
import { go2rtcRoutes } from '../../../src/signalling/compat/go2rtc.js'
import { parseClientMessage } from '../../../src/signalling/websocket-messages.js'
import { parseSdpFragment } from '../../../src/signalling/sdp-fragment.js'
import { whepRoutes } from '../../../src/signalling/whep.js'
import { parseCandidate } from '../../../src/viewer/sdp/candidate.js'
import { DtlsGuard } from '../../../src/viewer/werift/dtls-guard.js'
import { acceptAnswer } from '../../../src/viewer/sdp/server-offer.js'
import { acceptOffer } from '../../../src/viewer/sdp/client-offer.js'
import { errorCodeOf, mappedAddressOf } from '../../../src/lib/stun.js'
import { FrameReader } from '../../../src/viewer/transport/rfc4571-frames.js'
import { isStun, localUfragOf } from '../../../src/viewer/transport/stun.js'
import { memoryPipe } from '../../../src/viewer/werift/socket-adapter.js'
import { accessWith, PASSWORD, TOKEN, USERNAME } from '../../support/access.js'
import { appWith } from '../../support/app.js'
import { compounds, dtls, frameStreams, gdps, rtps, SSRC, stuns } from './datagram-shapes.js'
import type { Case } from './growth.js'
import {
  accepts,
  addresses,
  authorizations,
  contentTypes,
  cookies,
  entityTags,
  forwarded,
  hostHeaders,
  origins,
  paths,
  queries,
} from './header-shapes.js'
import { bodies, messages } from './json-shapes.js'
import { links } from './link-shapes.js'
import { digests, proveDigest, readMessages, rtspAddresses, rtspMessages, transports } from './rtsp-cases.js'
import { candidates, descriptions, fragments } from './sdp-shapes.js'
import { parsePassword } from '../../../src/lib/password-format.js'

/** A table of parsers and of the shapes that each is given. */
const casesOf = <I>(
  parser: string,
  parse: (input: I) => unknown,
  shapes: Readonly<Record<string, (bytes: number) => I>>,
): Case[] =>
  Object.entries(shapes).map(([shape, make]) => ({
    parser,
    shape,
    prepare: (bytes) => {
      const input = make(bytes)
      return () => parse(input)
    },
  }))

/** Whoever looks for a session finds it, so that what a request says of it is read. */
const session = {
  id: 'x',
  answerSdp: '',
  clientUfrag: 'abcd',
  addCandidate: () => {},
  applyAnswer: () => {},
  dismiss: async () => await Promise.resolve(),
}
const noStun = (): [] => []
const viewers = {
  admit: () => session,
  find: () => session,
  createOffer: () => ({ id: 'x', offerSdp: '' }),
}
const picture = { jpeg: new Uint8Array(), capturedAtMs: 0 }
const camera = {
  key: 'camera1',
  capture: () => Promise.resolve(picture),
  captureFull: () => Promise.resolve(picture),
  next: () => Promise.resolve(picture),
  follow: () => ({ [Symbol.dispose]: () => {} }),
}
const app = appWith({
  access: accessWith(),
  signalling: [
    whepRoutes(viewers, noStun),
    cameraStreamerRoutes(viewers, () => 'camera1', noStun),
    go2rtcRoutes(viewers, noStun),
  ],
  snapshots: snapshotRoutes(
    () => [camera],
    () => 1,
  ),
})
const FRAGMENT_TYPE = 'application/trickle-ice-sdpfrag'
const patch = async (headers: Record<string, string>): Promise<Response> =>
  await app.request('/camera1/whep/x', {
    method: 'PATCH',
    headers: { 'content-type': FRAGMENT_TYPE, ...headers },
    body: 'a=ice-ufrag:abcd',
  })

const credentials = {
  login: { username: USERNAME, password: parsePassword(PASSWORD), passwordText: PASSWORD },
  token: TOKEN,
}
/** A judge for each, for one that has heard wrong credentials listens no more. */
const authorize = async (authorization: string): Promise<void> => {
  const judge = createAuthenticator(credentials, silentLog, () => 0)
  for (const { by: _by, ...credential } of presentedBy(authorization, undefined))
    await judge(credential, '192.0.2.1')
}

const named = accessWith({ password: PASSWORD, token: TOKEN })
const visit = {
  method: 'GET',
  permission: 'watch',
  isWebSocket: false,
  address: '192.0.2.1',
  token: undefined,
} as const
const nobody = { authorization: undefined, origin: undefined, host: undefined }
/** What a stranger opens in a browser becomes the form to sign in, with the address in it. */
const closed = appWith({ access: named })
const opened = async (path: string, accept = 'text/html'): Promise<Response> =>
  await closed.request(path, { headers: { accept } })
const pages = createOrigins({ allowed: undefined, hasCredentials: true, webPort: 8080 })

const key = Buffer.from('a password of ICE')
/** In the order of the mux and of who owns the user fragment. */
const readStun = (datagram: Buffer): unknown =>
  isStun(datagram) && localUfragOf(datagram) !== undefined ? parseMessage(datagram, key) : undefined

const readFrames = (stream: Buffer): boolean =>
  new FrameReader().read(
    stream,
    () => 2048,
    () => true,
  )

const { certPem, privateKey, signatureHash } = await RTCDtlsTransport.SetupCertificate()
/** What passes the guard of a new viewer goes to the library; what that answers goes nowhere. */
const readHandshake = (datagram: Buffer): void => {
  const [transport] = memoryPipe()
  const identity = { cert: certPem, key: privateKey, signatureHash, certificateRequest: true }
  const server = new DtlsServer({ ...identity, extendedMasterSecret: true, transport: transport as never })
  for (const record of new DtlsGuard().filter(datagram).pass) server.transport.socket.onData(record, ['', 0])
  server.close()
}

const readRtp = (datagram: Buffer): unknown => {
  const payload = isRtp(datagram) ? payloadOf(datagram) : undefined
  return payload && [carriesKeyframe.h264(payload), carriesKeyframe.vp8(payload)]
}

const proxies = createClients(() => ['10.0.0.0/8'])
const forwardedClient = (headers: Record<string, string>): unknown => {
  const socket = { remoteAddress: '10.0.0.1' }
  const { forwardedHosts } = proxies.of({ headers, socket } as unknown as IncomingMessage)
  return forwardedHosts.map((host) => [nameOf(host), pages.kindOf('http://pi.local', 'pi', [host])])
}

/** Every parser of what comes from outside, with the shapes that could cost it most. */
export const CASES: readonly Case[] = [
  ...casesOf('an offer to an H.264 camera', (text: string) => acceptOffer(text, 'h264'), descriptions),
  ...casesOf('an offer to a VP8 camera', (text: string) => acceptOffer(text, 'vp8'), descriptions),
  ...casesOf('an answer', (text: string) => acceptAnswer(text, 'vp8'), descriptions),
  ...casesOf('a candidate', parseCandidate, candidates),
  ...casesOf('an SDP fragment', parseSdpFragment, fragments),
  ...casesOf('a WebSocket message', parseClientMessage, messages),
  ...casesOf('a go2rtc message', parseGo2rtcMessage, messages),
  ...casesOf('a camera-streamer body', parseCameraStreamerBody, bodies),
  ...casesOf('an offer in JSON', parseJsonOffer, bodies),
  ...casesOf('Authorization', authorize, authorizations),
  ...casesOf('Cookie', (cookie: string) => named.decide({ ...visit, ...nobody, cookie }), cookies),
  ...casesOf('Origin', (origin: string) => pages.kindOf(origin, 'pi.local:8080'), origins),
  ...casesOf('Host', (host: string) => pages.kindOf('http://pi.local:8080', host), hostHeaders),
  ...casesOf('a host name', nameOf, hostHeaders),
  ...casesOf('reached addresses', (host: string) => reachedAddresses([host], {}), hostHeaders),
  ...['x-forwarded-for', 'x-forwarded-proto', 'x-forwarded-host', 'x-forwarded-prefix', 'forwarded'].flatMap(
    (name) => casesOf(name, (value: string) => forwardedClient({ [name]: value }), forwarded),
  ),
  ...casesOf('If-Match', (tags: string) => patch({ 'if-match': tags }), entityTags),
  ...casesOf('Content-Type', (type: string) => patch({ 'content-type': type }), contentTypes),
  ...casesOf(
    'If-None-Match',
    (tags: string) => app.request('/favicon.svg', { headers: { 'if-none-match': tags } }),
    entityTags,
  ),
  ...casesOf('a path', (path: string) => app.request(path), paths),
  ...casesOf('a query', (path: string) => app.request(path), queries),
  ...casesOf('a path that a stranger opens', async (path: string) => await opened(path), paths),
  ...casesOf('Accept', async (accept: string) => await opened('/', accept), accepts),
  ...casesOf('an address to return to', returnAddress, addresses),
  ...casesOf(
    'an address to return to in a query',
    async (address: string) => await opened(`/sign-in?to=${address}`),
    addresses,
  ),
  ...casesOf('a STUN message', readStun, stuns),
  ...casesOf('frames over TCP', readFrames, frameStreams),
  ...casesOf(
    'a STUN response',
    (response: Buffer) => [mappedAddressOf(response), errorCodeOf(response)],
    stuns,
  ),
  ...casesOf(
    'an RTCP compound',
    (compound: Buffer) => parseFeedback(compound, SSRC, { lastCommandSequence: undefined }),
    compounds,
  ),
  ...casesOf('a camera’s RTCP', parseSenderReport, compounds),
  ...casesOf('a DTLS datagram', (datagram: Buffer) => new DtlsGuard().filter(datagram), dtls),
  ...casesOf('a DTLS handshake', readHandshake, dtls),
  ...casesOf('an RTP packet', readRtp, rtps),
  ...casesOf('requests of RTSP', readMessages, rtspMessages),
  ...casesOf('Link headers of a media server', (line) => iceServersOf([line]), links),
  ...casesOf('an address of RTSP', parseAddress, rtspAddresses),
  ...casesOf('Transport', parseTransport, transports),
  ...casesOf('Digest', proveDigest, digests),
  ...casesOf('pictures', (stream: Buffer) => createGdpReader(() => {})(stream), gdps),
]
