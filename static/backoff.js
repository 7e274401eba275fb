/** How long to wait before the next try. Pure: chance is an argument. */

const stepsMs = [500, 1000, 2000, 4000, 8000]

/** A tenth up or down, so that the viewers of a server that restarts do not all come back in the same instant. */
export const backoffMs = (failures, chance = Math.random()) =>
  stepsMs[Math.min(failures, stepsMs.length - 1)] * (0.9 + 0.2 * chance)

/** A full camera has nothing wrong with it: ask often enough that a slot given back is taken within three seconds. */
export const fullRetryMs = (chance = Math.random()) => 1600 + 800 * chance
