import { hrtime } from 'node:process'

/** CLOCK_MONOTONIC (clock_gettime(2)), which GStreamer, V4L2 and systemd use; performance.now() has another origin. */
export const monotonicMs = (): number => Number(hrtime.bigint()) / 1e6
export const monotonicUs = (): bigint => hrtime.bigint() / 1000n
