import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { until } from '../support/program.js'
import type { Site } from './internet.js'

export interface Watched {
  frames: number
  firstS?: number
  /** Candidate lines of the viewer, and of the server. */
  ours: string[]
  theirs: string[]
}

/** Watches camera1 from a host. @param stun `none` for a viewer that asks no server. */
export async function watchFrom(
  { host }: Pick<Site, 'host'>,
  origin: string,
  stun: string,
  limitS: number,
  answerAfterS = 0,
): Promise<Watched> {
  const script = fileURLToPath(new URL('viewer.ts', import.meta.url))
  const numbers = [String(limitS), String(answerAfterS)]
  const child = host.spawn(process.execPath, '--import', 'tsx', script, origin, stun, ...numbers)
  let said = ''
  child.stdout!.on('data', (chunk: Buffer) => (said += chunk.toString()))
  const closed = once(child, 'close')
  await Promise.race([until(() => said.endsWith('\n'), 1000 * limitS + 30_000), closed])
  child.kill('SIGKILL') // timers of werift go on
  await closed
  return JSON.parse(said) as Watched
}
