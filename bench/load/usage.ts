import { readdir, readFile } from 'node:fs/promises'

/** The kernel counts in ticks of 10 ms. */
const TICK_MS = 10

/** What a process, with all its threads, has used since it started. */
export interface Usage {
  atMs: number
  cpuMs: number
  /** Context switches: voluntary ones are sleeps, each ended by a wake-up. */
  wakeUps: number
  preemptions: number
}

export async function usageOf(pid: number): Promise<Usage> {
  const usage: Usage = { atMs: performance.now(), cpuMs: 0, wakeUps: 0, preemptions: 0 }
  for (const thread of await readdir(`/proc/${pid}/task`)) {
    const status = await readFile(`/proc/${pid}/task/${thread}/status`, 'utf8').catch(() => '')
    const count = (key: string): number =>
      Number(new RegExp(`^${key}:\\s+(\\d+)`, 'm').exec(status)?.[1] ?? 0)
    usage.wakeUps += count('voluntary_ctxt_switches')
    usage.preemptions += count('nonvoluntary_ctxt_switches')
  }
  const fields = (await readFile(`/proc/${pid}/stat`, 'utf8')).split(') ')[1]!.split(' ')
  usage.cpuMs = (Number(fields[11]) + Number(fields[12])) * TICK_MS
  return usage
}

export interface UsageRate {
  /** Of one core. */
  cpuPercent: number
  wakeUpsPerSecond: number
  switchesPerSecond: number
}

export function rateBetween(before: Usage, after: Usage): UsageRate {
  const seconds = (after.atMs - before.atMs) / 1000
  const wakeUps = after.wakeUps - before.wakeUps
  return {
    cpuPercent: (after.cpuMs - before.cpuMs) / 10 / seconds,
    wakeUpsPerSecond: wakeUps / seconds,
    switchesPerSecond: (wakeUps + after.preemptions - before.preemptions) / seconds,
  }
}
