export interface SupervisorTiming {
  /** Time for a start; at least ten frames. */
  firstPacketMs: number
  /** Time without a packet until the stream counts as frozen; at least five frames. */
  silenceMs: number
  sampleMs: number
  graceMs: number
  frozenGraceMs: number
  /** From SIGKILL until the process counts as stuck in a driver. */
  killMs: number
  /** The longest wait for the list of cameras that explains a failure. */
  factsMs: number
}

/** libcamera withholds frames until exposure has settled: with one frame in ten seconds that takes longer than any start. */
export const STARTUP_FRAMES = 10

export const TIMING: SupervisorTiming = {
  firstPacketMs: 10_000,
  silenceMs: 2000,
  sampleMs: 250,
  graceMs: 2000,
  frozenGraceMs: 500,
  killMs: 3000,
  factsMs: 5000,
}
