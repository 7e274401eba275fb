import { readFileSync } from 'node:fs'

const MS_PER_TICK = 10

/**
 * CPU time of a process's main thread in milliseconds, which is its event loop: what other processes of a busy machine take
 * does not count. In nanoseconds where the kernel keeps them (schedstat), else in ticks of 10 ms. NaN when it is gone.
 */
export function mainThreadMs(pid: number): number {
  const folder = `/proc/${pid}/task/${pid}`
  try {
    const ns = Number(readFileSync(`${folder}/schedstat`, 'utf8').split(' ')[0])
    if (ns > 0) return ns / 1e6
    const fields = readFileSync(`${folder}/stat`, 'utf8').split(') ').at(-1)!.split(' ')
    return (Number(fields[11]) + Number(fields[12])) * MS_PER_TICK // utime and stime, proc(5)
  } catch {
    return NaN
  }
}
