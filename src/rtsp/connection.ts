import type { Socket } from 'node:net'
import { alignedInterval } from '../lib/aligned-interval.js'
import { TokenBucket } from '../lib/rate-limit.js'
import { Authentication, type RtspAccess } from './authentication.js'
import { RtspClient, SESSION_TIMEOUT_S } from './client.js'
import { InterleavedOutput } from './interleaved-output.js'
import { MessageReader } from './message-reader.js'
import type { RtspCameras } from './reader-session.js'
import type { RtspRequest } from './request.js'
import { errorResponse, writeResponse, type RtspResponse } from './response.js'
import { RtspError, rtspErrorOf } from './rtsp-error.js'
import { UdpOutput } from './udp-output.js'

export interface RtspLimits {
  readonly maxHeaderBytes: number
  /** For a whole message. */
  readonly headerTimeoutMs: number
  /** For the next request, without a session. */
  readonly requestTimeoutMs: number
  readonly messageBytesPerSecond: number
}

export interface RtspConnectionOptions {
  access: RtspAccess
  cameras: RtspCameras
  /** Read at each use. */
  limits: () => RtspLimits
  /** @throws AppError above the limit of an address. */
  countSetup: (address: string) => void
  log: { debug(message: string, facts?: object): void; error(message: string, facts?: object): void }
}

/** A player sends five requests within a second, and then one or two in a minute. */
const REQUEST_RATE = { perSecond: 10, burst: 40 }
/** Of the rate: a read of the kernel may have several messages. */
const BURST_SECONDS = 4
/** Responses that the client does not read; packets in between have a limit of their own. */
const MAX_UNSENT_BYTES = 512 * 1024
const CHECK_INTERVAL_MS = 1000
/** From the last response until the connection is closed, whether it has been read or not. */
const END_LIMIT_MS = 1000

/** Serves one connection until it is closed. Requests are answered one at a time, and nothing is read meanwhile. */
export function serveConnection(socket: Socket, options: RtspConnectionOptions): void {
  const { access, cameras, limits, countSetup, log } = options
  const { remoteAddress: address = '' } = socket
  const localAddress = unmapped(socket.localAddress ?? '')
  let close: () => void
  const lost = new Promise<void>((resolve) => (close = resolve))
  const reader = new MessageReader(() => limits().maxHeaderBytes)
  const client = new RtspClient({
    cameras,
    authentication: new Authentication(access, address),
    address,
    localAddress: localAddress.replace(/%.*$/, ''),
    countSetup,
    openOutput: async (wanted) =>
      wanted.kind === 'tcp'
        ? new InterleavedOutput(socket, wanted.channels)
        : await UdpOutput.open({
            localAddress,
            remoteAddress: unmapped(address),
            remotePorts: wanted.ports,
          }),
    lost,
    onEnded: (reason) => {
      log.debug('the reader of an RTSP connection was ended', { from: address, reason })
      // After its BYE, GStreamer still sends TEARDOWN.
      if (reason !== 'left') end()
    },
  })
  const requests = new TokenBucket(REQUEST_RATE, performance.now())
  const byteRate = (): { perSecond: number; burst: number } => {
    const perSecond = limits().messageBytesPerSecond
    return { perSecond, burst: Math.max(BURST_SECONDS * perSecond, limits().maxHeaderBytes * 2) }
  }
  const bytes = new TokenBucket(byteRate(), performance.now())
  let lastRequestAtMs = performance.now()
  let messageSinceMs = lastRequestAtMs
  let isBusy = false

  const end = (): void => {
    socket.end()
    setTimeout(() => socket.destroy(), END_LIMIT_MS).unref()
  }
  const write = (response: RtspResponse, request?: RtspRequest): void => {
    if (!socket.writable) return
    if (socket.writableLength > MAX_UNSENT_BYTES) {
      socket.destroy()
      return
    }
    socket.write(writeResponse(response, request?.sequence))
    response.afterwards?.()
    if (response.closes === true) end()
  }
  const answer = async (request: RtspRequest): Promise<void> => {
    const nowMs = performance.now()
    lastRequestAtMs = nowMs
    if (requests.consume(1, REQUEST_RATE, nowMs) > 0)
      return write({ ...errorResponse(new RtspError(503, 'too many requests')), closes: true }, request)
    try {
      write(await client.answer(request), request)
    } catch (error) {
      const known = rtspErrorOf(error)
      if (known.status === 500)
        log.error('an RTSP request failed', { method: request.method, error: String(error) })
      write(errorResponse(known), request)
    }
  }
  const drain = async (): Promise<void> => {
    for (;;) {
      const message = socket.writable ? reader.next() : undefined
      if (message === undefined) return
      messageSinceMs = performance.now()
      if ('frame' in message) client.onFrame(message.frame)
      else {
        socket.pause()
        await answer(message.request)
        socket.resume()
      }
    }
  }

  socket.on('data', (chunk) => {
    if (bytes.consume(chunk.length, byteRate(), performance.now()) > 0) {
      socket.destroy()
      return
    }
    if (!reader.isWithinMessage) messageSinceMs = performance.now()
    reader.push(chunk)
    if (isBusy) return
    isBusy = true
    drain()
      .catch((error: unknown) => write({ ...errorResponse(rtspErrorOf(error)), closes: true }))
      .finally(() => (isBusy = false))
  })
  const checks = alignedInterval(CHECK_INTERVAL_MS, () => {
    const nowMs = performance.now()
    const { headerTimeoutMs, requestTimeoutMs } = limits()
    const { session } = client
    const idleMs =
      session === undefined ? requestTimeoutMs : session.isPlaying ? Infinity : SESSION_TIMEOUT_S * 1000
    const isLate = reader.isWithinMessage && !isBusy && nowMs - messageSinceMs > headerTimeoutMs
    if (isLate || (!isBusy && nowMs - lastRequestAtMs > idleMs)) socket.destroy()
  })
  socket.on('error', () => {})
  socket.on('end', end)
  socket.on('close', () => {
    checks[Symbol.dispose]()
    close()
    client.close()
  })
}

/** IPv4 in IPv6 as IPv4, of a socket that accepts both. The zone of a link-local address stays. */
const unmapped = (address: string): string => address.replace(/^::ffff:(?=\d+\.)/i, '')
