import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import type { Candidate, RTCIceTransport, StunProtocol } from 'werift'

/** Private members of werift that we use. prepare.ts checks them at start. */

export interface ConnectionInternals {
  protocols: unknown[]
  ensureProtocol(protocol: unknown): void
  localUsername: string
  localPassword: string
  userHistory: Record<string, string>
  stunServer: unknown
  checkComplete: (pair: unknown) => void
  candidatePairs: PairInternals[]
  nominated: PairInternals | undefined
  state: string
  /** Replaces the pair whose consent is checked (RFC 7675) by `nominated`. */
  queryConsent: () => void
  remotePassword: string
  remoteUsername: string
  iceControlling: boolean
  /** A check, without MESSAGE-INTEGRITY. */
  buildRequest(options: {
    nominate: boolean
    localUsername: string
    remoteUsername: string
    iceControlling: boolean
    localCandidate: Candidate | undefined
  }): Parameters<StunProtocol['request']>[0]
}

export interface ProtocolInternals {
  datagramReceived(datagram: Buffer, from: [string, number]): void
}

export interface PairInternals {
  protocol: unknown
  nominated: boolean
  remoteCandidate: { host: string; port: number }
  requestTransactionIds: Set<string>
}

/** Of a server, or of a client. */
export interface DtlsState {
  cipher: {
    remoteCertificate?: Buffer
    remoteKeyPair: { publicKey?: Buffer | Uint8Array; curve?: number }
    /** Of the two hellos (RFC 5246 section 7.4.1). */
    localRandom?: { serialize(): Uint8Array }
    remoteRandom?: { serialize(): Uint8Array }
    decryptPacket(record: DtlsRecord): Buffer
  }
  dtls: {
    sortedHandshakeCache: { msg_type: number; fragment: Buffer; serialize(): Buffer }[]
    /** The last one sent (RFC 6347 section 4.2.4). */
    flight: number
  }
}

export interface DtlsRecord {
  recordLayerHeader: {
    contentType: number
    protocolVersion: { major: number; minor: number }
    epoch: number
    sequenceNumber: number
    contentLen: number
  }
  fragment: Buffer
}

/** `present` may be undefined. */
type Kind = 'array' | 'boolean' | 'bytes' | 'function' | 'number' | 'object' | 'present' | 'set' | 'string'

export const internalsOf = (ice: RTCIceTransport): ConnectionInternals =>
  ice.connection as unknown as ConnectionInternals

/** werift repeats an unanswered flight for 30 s, even after its viewer has left, unless a later flight was sent: so it stays. */
export function abandonHandshake(state: DtlsState | undefined): void {
  if (state !== undefined) Object.defineProperty(state.dtls, 'flight', { get: () => Infinity, set: () => {} })
}

/** Includes public members, which can be renamed too. */
export const TRANSPORT_MEMBERS: Record<string, Kind> = {
  'Connection.protocols': 'array',
  'Connection.ensureProtocol': 'function',
  'Connection.localUsername': 'string',
  'Connection.localPassword': 'string',
  'Connection.userHistory': 'object',
  'Connection.stunServer': 'present',
  'Connection.checkComplete': 'function',
  'Connection.candidatePairs': 'array',
  'Connection.nominated': 'present',
  'Connection.state': 'string',
  'Connection.iceControlling': 'boolean',
  'Connection.remoteIsLite': 'boolean',
  'Connection.queryConsent': 'function',
  'Connection.buildRequest': 'function',
  'Connection.remotePassword': 'string',
  'Connection.remoteUsername': 'string',
  'Connection.gatherCandidates': 'function',
  'Connection.addRemoteCandidate': 'function',
  'StunProtocol.datagramReceived': 'function',
  'StunProtocol.request': 'function',
  'StunProtocol.sendStun': 'function',
  'StunProtocol.close': 'function',
  'StunProtocol.localIp': 'present',
  'StunProtocol.localCandidate': 'present',
  'StunProtocol.transport': 'present',
  'CandidatePair.protocol': 'object',
  'CandidatePair.nominated': 'boolean',
  'CandidatePair.requestTransactionIds': 'set',
  'CandidatePair.remoteCandidate.host': 'string',
  'CandidatePair.remoteCandidate.port': 'number',
  'RTCIceTransport.onStateChange.subscribe': 'function',
  'RTCIceTransport.setRemoteParams': 'function',
  'RTCIceTransport.start': 'function',
  'RTCDtlsTransport.role': 'string',
  'RTCDtlsTransport.onStateChange.subscribe': 'function',
  'RTCDtlsTransport.setRemoteParams': 'function',
  'RTCDtlsTransport.start': 'function',
  'RTCDtlsTransport.stop': 'function',
  'RTCDtlsTransport.sendData': 'function',
  'RTCDtlsTransport.dtls': 'present',
  'RTCDtlsTransport.srtp': 'present',
  'RTCDtlsTransport.srtcp': 'present',
  'RTCDtlsTransport.srtpStarted': 'boolean',
  'SrtpSession.config.profile': 'number',
  'SrtpSession.config.keys.localMasterKey': 'bytes',
  'SrtpSession.config.keys.localMasterSalt': 'bytes',
  'SrtpSession.config.keys.remoteMasterKey': 'bytes',
  'SrtpSession.config.keys.remoteMasterSalt': 'bytes',
  'SrtcpSession.encrypt': 'function',
  'SrtcpSession.decrypt': 'function',
}

/** After the handshake. */
export const DTLS_MEMBERS: Record<string, Kind> = {
  'DtlsServer.cipher.decryptPacket': 'function',
  'DtlsServer.cipher.remoteCertificate': 'bytes',
  'DtlsServer.cipher.remoteKeyPair.publicKey': 'bytes',
  'DtlsServer.dtls.flight': 'number',
  'DtlsServer.dtls.sortedHandshakeCache': 'array',
  'DtlsServer.dtls.sortedHandshakeCache.0.msg_type': 'number',
  'DtlsServer.dtls.sortedHandshakeCache.0.fragment': 'bytes',
  'DtlsServer.dtls.sortedHandshakeCache.0.serialize': 'function',
}

/** @param objects by class name. @throws Error with the missing members and the version of werift. */
export function assertMembers(objects: Record<string, unknown>, members: Record<string, Kind>): void {
  const missing = Object.entries(members).filter(([path, kind]) => !hasMember(objects, path.split('.'), kind))
  if (missing.length > 0)
    throw weriftMismatch(`it lacks ${missing.map(([path, kind]) => described(path, kind)).join(', ')}`)
}

export const weriftMismatch = (problem: string): Error =>
  new Error(
    `werift ${installedVersion()} does not fit this version of rpi-webrtc: ${problem}. ` +
      'Install the version of package.json with "npm ci", or install rpi-webrtc again.',
  )

const described = (path: string, kind: Kind): string => (kind === 'present' ? path : `${path} (${kind})`)

function hasMember(parent: unknown, [name, ...rest]: string[], kind: Kind): boolean {
  if (typeof parent !== 'object' || parent === null || !(name! in parent)) return false
  const value = (parent as Record<string, unknown>)[name!]
  return rest.length > 0 ? hasMember(value, rest, kind) : isOfKind(value, kind)
}

function isOfKind(value: unknown, kind: Kind): boolean {
  if (kind === 'present') return true
  if (kind === 'array') return Array.isArray(value)
  if (kind === 'set') return value instanceof Set
  if (kind === 'bytes') return value instanceof Uint8Array
  return typeof value === kind && value !== null
}

/** werift does not export its package.json. */
function installedVersion(): string {
  try {
    let folder = dirname(createRequire(import.meta.url).resolve('werift'))
    for (; folder !== dirname(folder); folder = dirname(folder)) {
      const found = packageIn(folder)
      if (found?.name === 'werift') return found.version
    }
  } catch {
    // The message does without it.
  }
  return '(unknown version)'
}

function packageIn(folder: string): { name: string; version: string } | undefined {
  try {
    return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { name: string; version: string }
  } catch {
    return undefined
  }
}
