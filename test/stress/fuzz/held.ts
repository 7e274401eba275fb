import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** What programs hold in memory when their garbage is collected, asked from outside. */
export interface HeldFigures extends AsyncDisposable {
  /** To start each of the programs with. */
  readonly nodeFlags: string[]
  readonly env: Record<string, string>
  /** Heap and buffers in bytes. @throws Error when the program does not answer within `ANSWER_LIMIT_MS`. */
  heldBytes(pid: number): Promise<number>
}

const ANSWER_LIMIT_MS = 20_000
const SAMPLE_INTERVAL_MS = 10

export async function openHeldFigures(): Promise<HeldFigures> {
  const folder = await mkdtemp(join(tmpdir(), 'rpi-webrtc-fuzz-'))
  return {
    nodeFlags: ['--expose-gc', '--import', new URL('inside-figures.mjs', import.meta.url).href],
    env: { FUZZ_FIGURES: folder },
    heldBytes: async (pid) => {
      const path = join(folder, `${pid}.json`)
      await rm(path, { force: true })
      process.kill(pid, 'SIGUSR2')
      for (let waitedMs = 0; waitedMs < ANSWER_LIMIT_MS; waitedMs += SAMPLE_INTERVAL_MS) {
        await new Promise((resolve) => setTimeout(resolve, SAMPLE_INTERVAL_MS))
        const text = await readFile(path, 'utf8').catch(() => undefined)
        if (text !== undefined) return (JSON.parse(text) as { heldBytes: number }).heldBytes
      }
      throw new Error(`the program does not say within ${ANSWER_LIMIT_MS} ms what it holds`)
    },
    [Symbol.asyncDispose]: async () => await rm(folder, { recursive: true, force: true }),
  }
}
