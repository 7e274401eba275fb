import { randomBytes } from 'node:crypto'
import { AppError } from '../../errors.js'
import type { Log } from '../../log.js'
import type { VideoCodec } from '../../rtp/packet.js'
import type { CameraStream } from '../media/source.js'
import type { Claim, Slots, ViewerLimits } from '../slots.js'
import type { ViewerCounters } from '../stats/counters.js'
import type { EndReason, LeaveReason, ViewerSession } from '../types.js'
import type { ViewerList } from '../viewer-list.js'
import { runHttpSession } from './http-session.js'
import type { MediaOutput } from './mp4-sender.js'
import { SharedFrames } from './shared-frames.js'

const VIA = 'mse'

export interface HttpStream extends CameraStream {
  codec: VideoCodec
  watch?(): Disposable
}

export interface HttpAdmission extends Pick<Claim, 'camera' | 'address' | 'tab' | 'client'> {
  stream: HttpStream
  output: MediaOutput
}

/** What viewers over HTTP share with those over WebRTC. */
export interface SharedWithWebRtc {
  slots: Slots
  list: ViewerList
  counters: ViewerCounters
  /** Read for every viewer. */
  config: { readonly webrtc: { readonly maxClients: number }; readonly limits: ViewerLimits }
  log: Log
}

/** Starts the sessions of viewers over HTTP. The frames of a camera are put together once for all of them. */
export class HttpViewers {
  readonly #shared: SharedWithWebRtc
  readonly #frames = new WeakMap<CameraStream, SharedFrames>()

  constructor(shared: SharedWithWebRtc) {
    this.#shared = shared
  }

  /** @throws AppError `mse-unsupported`, `camera-full` or `server-full`. */
  admit(admission: HttpAdmission): ViewerSession {
    const { camera, stream, address, tab, client } = admission
    const { slots, config } = this.#shared
    if (stream.codec !== 'h264') throw notH264(camera)
    const limits = { ...config.limits, maxClients: config.webrtc.maxClients }
    slots.makeRoom(camera, address, limits, { tab, client })
    const id = randomBytes(16).toString('base64url')
    let end: (reason: LeaveReason) => void
    const left = new Promise<LeaveReason>((resolve) => (end = resolve))
    const ended = this.#run(admission, id, left, (reason) => end(reason))
    return {
      id,
      clientUfrag: undefined,
      applyAnswer: () => {},
      addCandidate: () => {},
      dismiss: async (reason = 'asked-to-leave') => {
        end(reason)
        await ended
      },
      ended,
      failure: undefined,
      explain: () => undefined,
      onStatus: () => ({ [Symbol.dispose]: () => {} }),
    }
  }

  async #run(
    { camera, stream, output, address, tab, client }: HttpAdmission,
    id: string,
    left: Promise<LeaveReason>,
    end: (reason: LeaveReason) => void,
  ): Promise<EndReason> {
    const { slots, list, counters, config, log } = this.#shared
    using slot = slots.claim({
      camera,
      address,
      tab,
      client,
      maxClients: () => config.webrtc.maxClients,
      supersede: (by) => end(by === 'same-tab' ? 'replaced' : 'superseded'),
    })
    using _wantsCapture = stream.watch?.()
    using _listed = list.enter({
      camera,
      via: VIA,
      path: () => ({ address, transport: 'http' }),
      stats: () => counters.of(camera, id),
      remove: () => end('removed'),
    })
    const startedMs = performance.now()
    let reason: EndReason = 'connection-lost'
    try {
      reason = await runHttpSession({
        frames: this.#framesOf(stream),
        stream,
        output,
        left,
        onLive: (stats, absentMs) => {
          const refusal = slot.goLive(absentMs)
          if (refusal !== undefined) return refusal
          counters.begin(camera, id, stats)
          log.info('viewer joined', { camera, via: VIA })
          return undefined
        },
      })
    } catch (error) {
      log.error('viewer failed', { camera, via: VIA, error: String(error) })
    } finally {
      counters.end(camera, id)
    }
    if (reason === 'page-left') slot.keep()
    const afterS = Math.round((performance.now() - startedMs) / 100) / 10
    log.info('viewer left', { camera, via: VIA, reason, afterS })
    return reason
  }

  #framesOf(stream: CameraStream): SharedFrames {
    const known = this.#frames.get(stream) ?? new SharedFrames(stream)
    this.#frames.set(stream, known)
    return known
  }
}

const notH264 = (camera: string): AppError =>
  new AppError(
    'mse-unsupported',
    415,
    `${camera} encodes VP8, which cannot be sent as MP4: use /${camera}/stream.mjpg, or set video.codec = "h264"`,
  )
