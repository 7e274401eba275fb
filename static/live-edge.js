// @ts-check
/** Keeps a buffered video close to its newest frame. Pure. All times are in seconds. */

/** Below this the next frame may come too late, which stops the video for a moment. */
const tightest = 0.1
const relaxed = 0.3
/** Catching up from here by playing faster would take too long. */
const farthest = 1.5

/**
 * @param {number} position of the video
 * @param {{ start: number, end: number } | null} buffered the newest range
 * @returns {{ seek: number | null, rate: number }}
 */
export function follow(position, buffered) {
  if (!buffered) return { seek: null, rate: 1 }
  const { start, end } = buffered
  const behind = end - position
  if (position < start || behind > farthest) return { seek: Math.max(start, end - tightest), rate: 1 }
  if (behind < tightest / 2) return { seek: null, rate: 0.95 }
  return { seek: null, rate: behind > relaxed ? Math.min(1.5, 1 + (behind - relaxed)) : 1 }
}

/** Frames before this can be removed from the buffer. @param {number} position */
export const removableUntil = (position) => position - 4
