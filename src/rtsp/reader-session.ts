import { randomBytes, randomInt } from 'node:crypto'
import type { MediaOutput } from './media-output.js'
import { CONTROL, type DescribedStream } from './sdp.js'

/** A reader that gets packets. */
export interface Reader {
  /** RTP timestamp of its first packet, as far as it is known. */
  readonly firstTimestamp: number | undefined
  /** Resolves with the reason. */
  readonly ended: Promise<string>
  /** Resolves when its slot is free. */
  dismiss(): Promise<void>
}

export interface ReaderOptions {
  camera: string
  /** Of the client. */
  address: string
  output: MediaOutput
  /** `sequence` is that of the next packet, and is kept up to date. */
  numbers: { readonly ssrc: number; sequence: number }
  /** Resolves when packets may be sent. */
  ready: Promise<unknown>
  /** Resolves when the connection is closed. */
  lost: Promise<unknown>
}

/** All that RTSP needs of the cameras and their viewers. */
export interface RtspCameras {
  /** @throws AppError `no-such-camera`. */
  requireCamera(camera: string): void
  /** Waits some seconds for the parameter sets. @throws AppError `no-such-camera`. */
  describe(camera: string): Promise<DescribedStream>
  /** @throws AppError `no-such-camera`, `camera-full` or `server-full`. */
  play(options: ReaderOptions): Reader
}

export interface SessionOptions {
  cameras: RtspCameras
  camera: string
  address: string
  /** Of the camera, with a slash at its end. */
  base: string
  output: MediaOutput
  lost: Promise<unknown>
  /** Called when a reader was ended by this server, with the reason. */
  onEnded: (reason: string) => void
}

/** From SETUP to TEARDOWN: the transport of one reader. It has a place among the viewers while it plays. */
export class ReaderSession {
  readonly id = randomBytes(8).toString('hex')
  readonly base: string
  readonly output: MediaOutput
  readonly #options: SessionOptions
  readonly #numbers = { ssrc: randomInt(1, 2 ** 32), sequence: randomInt(0x8000) }
  #reader: Reader | undefined
  #start: () => void = () => {}

  constructor(options: SessionOptions) {
    this.#options = options
    this.base = options.base
    this.output = options.output
  }

  get isPlaying(): boolean {
    return this.#reader !== undefined
  }

  get transport(): string {
    return `${this.output.header};ssrc=${this.#numbers.ssrc.toString(16).toUpperCase().padStart(8, '0')};mode="PLAY"`
  }

  /**
   * Packets follow when `start` has been called.
   * @returns the header RTP-Info (RFC 2326 section 12.33). @throws AppError of `play`.
   */
  play(): string {
    const { cameras, camera, address, output, lost, onEnded } = this.#options
    const numbers = this.#numbers
    const { sequence } = numbers
    const ready = new Promise<void>((resolve) => (this.#start = resolve))
    const reader = (this.#reader = cameras.play({ camera, address, output, numbers, ready, lost }))
    void reader.ended.then((reason) => {
      if (this.#reader !== reader) return
      this.#reader = undefined
      onEnded(reason)
    })
    const { firstTimestamp } = reader
    const time = firstTimestamp === undefined ? '' : `;rtptime=${firstTimestamp}`
    return `url=${this.base}${CONTROL};seq=${sequence}${time}`
  }

  start(): void {
    this.#start()
  }

  /** A reader that plays again continues with the next sequence number. */
  async pause(): Promise<void> {
    const reader = this.#reader
    this.#reader = undefined
    await reader?.dismiss()
  }

  async close(): Promise<void> {
    await this.pause()
    this.output.close()
  }

  /** The connection is closed: the reader ends by itself. */
  abandon(): void {
    this.#reader = undefined
    this.output.close()
  }
}
