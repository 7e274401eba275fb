import { AppError } from '../../errors.js'
import { abortReasonOf } from '../../lib/abort-reason.js'
import type { VideoCodec } from '../../rtp/packet.js'
import type { CameraStream } from '../media/source.js'
import { startPlainSession, type SharedWithWebRtc } from '../plain-session.js'
import type { Claim } from '../slots.js'
import type { LeaveReason, ViewerSession } from '../types.js'
import { runMseSession } from './mse-session.js'
import type { MediaOutput } from './mp4-sender.js'
import { SharedFrames } from './shared-frames.js'

export interface MseStream extends CameraStream {
  codec: VideoCodec
  watch?(): Disposable
}

export interface MseAdmission extends Pick<Claim, 'camera' | 'address' | 'tab' | 'client'> {
  stream: MseStream
  output: MediaOutput
}

/** Starts the sessions of viewers without WebRTC. The frames of a camera are put together once for all of them. */
export class MseViewers {
  readonly #shared: SharedWithWebRtc
  readonly #frames = new WeakMap<CameraStream, SharedFrames>()

  constructor(shared: SharedWithWebRtc) {
    this.#shared = shared
  }

  /** @throws AppError `mse-unsupported`, `camera-full` or `server-full`. */
  admit({ stream, output, ...client }: MseAdmission): ViewerSession {
    if (stream.codec !== 'h264') throw notH264(client.camera)
    const frames = this.#framesOf(stream)
    return startPlainSession(this.#shared, {
      ...client,
      via: 'mse',
      transport: 'http',
      stream,
      run: async (leave, onLive) =>
        await runMseSession({ frames, stream, output, left: abortReasonOf<LeaveReason>(leave), onLive }),
    })
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
