import { renameSync, writeFileSync } from 'node:fs'
import { setImmediate } from 'node:timers'

/**
 * Comes into the attacked program with `--expose-gc --import`: at SIGUSR2 it collects the garbage and writes what is left, as
 * JSON, to PID.json in the folder that FUZZ_FIGURES names. The program itself knows nothing of it.
 */
const path = `${process.env['FUZZ_FIGURES']}/${process.pid}.json`

process.on('SIGUSR2', () => {
  globalThis.gc()
  // What is let go of in the next turn, buffers above all, is gone with the second time.
  setImmediate(() => {
    globalThis.gc()
    const { heapUsed, external } = process.memoryUsage()
    writeFileSync(`${path}.new`, JSON.stringify({ heldBytes: heapUsed + external }))
    renameSync(`${path}.new`, path)
  })
})
