import { readFileSync, writeFileSync } from 'node:fs'

/** Half of all memory on the scale of proc(5) oom_score_adj: our process would have to leak that much to be killed first. */
const ABOVE_OURS = 500
const MAX_SCORE = 1000

/**
 * Makes the OOM killer choose a capture process before this one: it is restarted at once and viewers stay connected.
 * Raising the score needs no privilege.
 * @param pid a child that has not been waited for.
 */
export function preferForOomKiller(pid: number): void {
  try {
    const own = Number(readFileSync('/proc/self/oom_score_adj', 'utf8'))
    writeFileSync(`/proc/${pid}/oom_score_adj`, String(Math.min(MAX_SCORE, own + ABOVE_OURS)))
  } catch {
    // Where /proc does not allow it, the kernel chooses by size alone.
  }
}
