/** Amazon IVS wants a keyframe every two seconds; an encoder answers within 0.2 s. */
const MAX_AGE_MS = 1750
const CHECK_MS = 250

interface KeyframeSource<Packet> {
  fanout: {
    readonly history: {
      /** Its index. */
      readonly lastKeyframe: number | undefined
      get(index: number): Packet | undefined
      ageMs(packet: Packet): number
    }
  }
  requestKeyframe(): void
}

/** Requests a keyframe when the last one is nearly two seconds old, from `start` until it is disposed. */
export function keepKeyframesComing<Packet>(
  source: KeyframeSource<Packet>,
  checkMs = CHECK_MS,
): Disposable & { start(): void } {
  let timer: NodeJS.Timeout | undefined
  const check = (): void => {
    const { history } = source.fanout
    const last = history.lastKeyframe
    const packet = last === undefined ? undefined : history.get(last)
    if (packet === undefined || history.ageMs(packet) >= MAX_AGE_MS) source.requestKeyframe()
  }
  return {
    start: () => {
      timer ??= setInterval(check, checkMs)
    },
    [Symbol.dispose]: () => clearInterval(timer),
  }
}
