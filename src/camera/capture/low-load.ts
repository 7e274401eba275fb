/** Of the configured frame rate: less is a camera that lacks the processor, if that has nothing left. */
const ENOUGH_FRAMES = 0.8
const BUSY_IDLE_FRACTION = 0.1
/** One slow interval may be an update of the system. */
const INTERVALS = 3

export interface LoadSample {
  /** Frames of the large size in each second. */
  fps: number
  /** Of the time of all processors. */
  idleFraction: number
}

/** Whether the small size costs the large one its frames: the camera is slow, and the machine has no time left. */
export class LowLoad {
  readonly #minFps: number
  #slow = 0

  /** @param minFps what the camera is to deliver at least, also in the dark. */
  constructor(minFps: number) {
    this.#minFps = minFps
  }

  /** @returns whether the small size has to go. */
  isTooMuch({ fps, idleFraction }: LoadSample): boolean {
    const isSlow = fps < this.#minFps * ENOUGH_FRAMES && idleFraction < BUSY_IDLE_FRACTION
    this.#slow = isSlow ? this.#slow + 1 : 0
    return this.#slow >= INTERVALS
  }
}
