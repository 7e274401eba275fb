/** The limits on memory of a unit of systemd, for a machine of any size. */
export interface UnitLimits {
  /** The flags of Node.js in ExecStart. */
  nodeFlags: string[]
  /** What V8's heap takes at most, in MB: the old space, and the young one, which is three semi-spaces. */
  heapMb: number
  /** @param machineMb what the kernel reports as MemTotal. */
  highMb(machineMb: number): number
  maxMb(machineMb: number): number
  /** What may be swapped out, as it stands in the unit. */
  swapMax: string
}

/** @throws Error where the unit lacks one of the limits. */
export function unitLimits(unit: string): UnitLimits {
  const valueOf = (pattern: RegExp): string => {
    const value = pattern.exec(unit)?.[1]
    if (value === undefined) throw new Error(`the unit has no ${pattern.source}`)
    return value
  }
  const words = valueOf(/^ExecStart=(.*)$/m).split(' ')
  const script = words.findIndex((word, i) => i > 0 && !word.startsWith('-'))
  const nodeFlags = words.slice(1, script)
  const share = (key: string) => {
    const percent = Number(valueOf(new RegExp(`^${key}=(\\d+)%$`, 'm')))
    return (machineMb: number): number => (machineMb * percent) / 100
  }
  return {
    nodeFlags,
    heapMb:
      Number(valueOf(/^ExecStart=.* --max-old-space-size=(\d+) /m)) +
      3 * Number(valueOf(/^ExecStart=.* --max-semi-space-size=(\d+) /m)),
    highMb: share('MemoryHigh'),
    maxMb: share('MemoryMax'),
    swapMax: valueOf(/^MemorySwapMax=(.*)$/m),
  }
}
