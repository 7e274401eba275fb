import { readFileSync, writeFileSync } from 'node:fs'

/**
 * Half of all memory, as the kernel counts it where it chooses whom to end (proc(5), oom_score_adj): a capture process goes
 * first unless this process has grown larger than it by that much, as it would by a leak.
 */
const ABOVE_OURS = 500
const MOST = 1000

/**
 * Makes the kernel, where memory runs out, end a capture process before this one: it is started again at once, and its
 * viewers stay. Raising the score takes no privilege; where /proc does not allow it, the kernel chooses by size alone.
 * @param pid a child that has not been waited for.
 */
export function preferForOomKiller(pid: number): void {
  try {
    const own = Number(readFileSync('/proc/self/oom_score_adj', 'utf8'))
    writeFileSync(`/proc/${pid}/oom_score_adj`, String(Math.min(MOST, own + ABOVE_OURS)))
  } catch {
    // No reason to do without the picture.
  }
}
