/**
 * Calls `look` every `ms` milliseconds, in step with all others of the same interval: a process that sleeps is woken once and
 * not by each of them, and its waking costs more than most of what they do. The first call comes half an interval from now
 * or later, and one and a half at most.
 */
export function alignedInterval(ms: number, callback: () => void): Disposable {
  let timer: NodeJS.Timeout
  const wait = (): void => {
    timer = setTimeout(() => {
      wait()
      callback()
    }, untilNextStep(ms)).unref()
  }
  wait()
  return { [Symbol.dispose]: () => clearTimeout(timer) }
}

function untilNextStep(ms: number): number {
  const left = ms - (performance.now() % ms)
  return left < ms / 2 ? left + ms : left // a timer may be early: that step was just taken
}
