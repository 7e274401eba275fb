/**
 * Calls `callback` every `ms` milliseconds. All timers of the same interval are aligned, so that an idle process wakes once per
 * interval. The first call comes after half an interval to one and a half.
 */
export function alignedInterval(ms: number, callback: () => void): Disposable {
  let timer: NodeJS.Timeout
  const schedule = (): void => {
    timer = setTimeout(() => {
      schedule()
      callback()
    }, untilNextTick(ms)).unref()
  }
  schedule()
  return { [Symbol.dispose]: () => clearTimeout(timer) }
}

function untilNextTick(ms: number): number {
  const left = ms - (performance.now() % ms)
  return left < ms / 2 ? left + ms : left // a timer may fire early: its tick has just passed
}
