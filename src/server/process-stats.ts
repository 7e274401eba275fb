import { readdirSync } from 'node:fs'
import { getHeapStatistics } from 'node:v8'

export type MeasuredProcess = Pick<NodeJS.Process, 'cpuUsage' | 'memoryUsage'>

export interface ProcessStats {
  residentBytes: number | undefined
  heapUsedBytes: number
  cpuSeconds: number
  openFileDescriptors: number | undefined
}

/** Values that need a file descriptor are undefined when none is left. */
export function processStats(measured: MeasuredProcess): ProcessStats {
  const { user, system } = measured.cpuUsage()
  return {
    residentBytes: orUndefined(() => measured.memoryUsage.rss()), // reads /proc/self/stat
    heapUsedBytes: getHeapStatistics().used_heap_size,
    cpuSeconds: (user + system) / 1e6,
    openFileDescriptors: orUndefined(() => readdirSync('/proc/self/fd').length - 1), // minus readdir's own
  }
}

function orUndefined<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch {
    return undefined
  }
}
