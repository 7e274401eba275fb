import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { exec } from '../../../src/lib/exec.js'

/** What the stand-in for gst-launch-1.0 does from one start to the next; see test/fakes/misbehaving-gst/misbehaving-gst.mjs. */
export type Deed =
  | { do: 'pass' | 'noise-instead' | 'noise-beside' | 'noise-payload' | 'noise-header' | 'new-ssrc' }
  | { do: 'die-before-first'; afterMs: number }
  | { do: 'die-after' | 'die-in-keyframe'; packets: number }

/** An environment in which capture processes do what they are told. */
export interface MisbehavingGst extends AsyncDisposable {
  env: Record<string, string>
  /** From now on; each entry for one start, the last for all that follow. */
  setPlan: (...plan: Deed[]) => Promise<void>
}

export async function misbehavingGst(...plan: Deed[]): Promise<MisbehavingGst> {
  const folder = await mkdtemp(join(tmpdir(), 'misbehaving-gst-'))
  const planFile = join(folder, 'plan.json')
  const setPlan = async (...entries: Deed[]): Promise<void> =>
    await writeFile(planFile, JSON.stringify(entries))
  await setPlan(...plan)
  const { stdout } = await exec('sh', ['-c', 'command -v gst-launch-1.0'], process.env)
  const standIn = fileURLToPath(new URL('../../fakes/misbehaving-gst', import.meta.url))
  return {
    env: {
      PATH: [standIn, process.env['PATH']].join(delimiter),
      MISBEHAVING_PLAN: planFile,
      MISBEHAVING_REAL: stdout.trim(),
    },
    setPlan,
    [Symbol.asyncDispose]: async () => await rm(folder, { recursive: true, force: true }),
  }
}
