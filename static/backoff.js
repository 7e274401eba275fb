// @ts-check
/** Delays before the next attempt. Pure: the random number is an argument. */

const stepsMs = [500, 1000, 2000, 4000]
const longestMs = 8000

/**
 * With a jitter of a tenth, so that viewers do not all return to a restarted server at the same moment.
 * @param {number} failures @param {number} [random] from 0 to 1
 */
export const backoffMs = (failures, random = Math.random()) =>
  (stepsMs[failures] ?? longestMs) * (0.9 + 0.2 * random)

/** A full camera is retried often enough to use a free slot within three seconds. @param {number} [random] from 0 to 1 */
export const fullRetryMs = (random = Math.random()) => 1600 + 800 * random

const peerStepsMs = [500, 1000]
const peerRetryUntil = 30
const peerRetryLaterMs = 10_000

/**
 * Before the next peer connection, while the camera is shown over HTTP: at most 2 s for the first minutes, so that WebRTC is back
 * within 3 s after a network lets it through.
 * @param {number} failures @param {number} [random] from 0 to 1
 */
export const peerRetryMs = (failures, random = Math.random()) =>
  (failures < peerRetryUntil ? (peerStepsMs[failures] ?? 1800) : peerRetryLaterMs) * (0.9 + 0.2 * random)
