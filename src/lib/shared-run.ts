/** Runs something slow for all who ask, one run at a time. A result serves for some seconds; an error only for those who wait. */
export function createSharedRun<T>(
  run: () => Promise<T>,
  keepMs: number,
  nowMs = () => performance.now(),
): () => Promise<{ value: T; atMs: number }> {
  let kept: { value: T; atMs: number } | undefined
  let running: Promise<{ value: T; atMs: number }> | undefined
  return async () => {
    if (running !== undefined) return await running
    if (kept !== undefined && nowMs() - kept.atMs < keepMs) return kept
    running = run()
      .then((value) => (kept = { value, atMs: nowMs() }))
      .finally(() => (running = undefined))
    return await running
  }
}
