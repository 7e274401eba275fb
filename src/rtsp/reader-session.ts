import { randomBytes, randomInt } from 'node:crypto'
import type { MediaOutput } from './media-output.js'
import type { InterleavedFrame } from './message-reader.js'
import { AUDIO_CONTROL, CONTROL, type DescribedStream } from './sdp.js'

/** A reader that gets packets. */
export interface Reader {
  /** RTP timestamp of its first packet, as far as it is known. */
  readonly firstTimestamp: number | undefined
  /** RTP timestamp of the sound at the same moment. */
  readonly firstAudioTimestamp: number | undefined
  /** Resolves with the reason. */
  readonly ended: Promise<string>
  /** Resolves when its slot is free. */
  dismiss(): Promise<void>
}

/** One stream of a reader. */
export interface ReaderTrack {
  output: MediaOutput
  /** `sequence` is that of the next packet, and is kept up to date. */
  numbers: { readonly ssrc: number; sequence: number }
}

export interface ReaderOptions extends ReaderTrack {
  camera: string
  /** Of the client. */
  address: string
  /** Undefined for a reader that did not set it up. */
  audio: ReaderTrack | undefined
  /** Resolves when packets may be sent. */
  ready: Promise<unknown>
  /** Resolves when the connection is closed. */
  lost: Promise<unknown>
}

/** All that RTSP needs of the cameras and their viewers. */
export interface RtspCameras {
  /** @throws AppError `no-such-camera`. */
  requireCamera(camera: string): void
  hasAudio(camera: string): boolean
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
  #audio: ReaderTrack | undefined
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
    return transportOf({ output: this.output, numbers: this.#numbers })
  }

  /** Sets up the sound, or sets it up anew. @returns the header Transport. */
  addAudio(output: MediaOutput): string {
    this.#audio?.output.close()
    const ssrc = (this.#numbers.ssrc % 0xffffffff) + 1 // another one than that of the video
    this.#audio = { output, numbers: { ssrc, sequence: randomInt(0x8000) } }
    return transportOf(this.#audio)
  }

  onFrame(frame: InterleavedFrame): void {
    this.output.onFrame?.(frame)
    this.#audio?.output.onFrame?.(frame)
  }

  /**
   * Packets follow when `start` has been called.
   * @returns the header RTP-Info (RFC 2326 section 12.33). @throws AppError of `play`.
   */
  play(): string {
    const { cameras, camera, address, output, lost, onEnded } = this.#options
    const numbers = this.#numbers
    const audio = this.#audio
    const { sequence } = numbers
    const audioSequence = audio?.numbers.sequence
    const ready = new Promise<void>((resolve) => (this.#start = resolve))
    const reader = (this.#reader = cameras.play({
      camera,
      address,
      output,
      numbers,
      audio,
      ready,
      lost,
    }))
    void reader.ended.then((reason) => {
      if (this.#reader !== reader) return
      this.#reader = undefined
      onEnded(reason)
    })
    const info = (control: string, next: number, timestamp: number | undefined): string =>
      `url=${this.base}${control};seq=${next}${timestamp === undefined ? '' : `;rtptime=${timestamp}`}`
    const video = info(CONTROL, sequence, reader.firstTimestamp)
    if (audioSequence === undefined) return video
    return `${video},${info(AUDIO_CONTROL, audioSequence, reader.firstAudioTimestamp)}`
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
    this.#closeOutputs()
  }

  /** The connection is closed: the reader ends by itself. */
  abandon(): void {
    this.#reader = undefined
    this.#closeOutputs()
  }

  #closeOutputs(): void {
    this.output.close()
    this.#audio?.output.close()
  }
}

const transportOf = ({ output, numbers: { ssrc } }: ReaderTrack): string =>
  `${output.header};ssrc=${ssrc.toString(16).toUpperCase().padStart(8, '0')};mode="PLAY"`
