const INTERVAL_MS = 10_000

/** Passes on one error in ten seconds: any stranger can cause many. */
export function occasionally(onError: (error: Error) => void): (error: unknown) => void {
  let lastMs = -Infinity
  return (error) => {
    const now = performance.now()
    if (now - lastMs < INTERVAL_MS) return
    lastMs = now
    onError(error instanceof Error ? error : new Error(String(error)))
  }
}
