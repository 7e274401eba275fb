import { readFileSync } from 'node:fs'

/** Whether a process runs; one that is dead but that nobody has asked after yet (a zombie) does not. */
export function isAlive(pid: number): boolean {
  try {
    const [state] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)!
    return state !== 'Z'
  } catch {
    return false
  }
}
