import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium, type Browser } from '@playwright/test'
import { chromiumOptions } from './chromium.js'

/**
 * Starts Chromium by another command, as in a network namespace or on one core.
 *
 * @param through words that go before its command and become it: `ip netns exec NAME`, `taskset -c 1`
 */
export async function launchChromium(through: readonly string[]): Promise<Browser> {
  const folder = await mkdtemp(join(tmpdir(), 'rpi-webrtc-chromium-'))
  try {
    const executablePath = join(folder, 'chromium')
    const command = [...through, chromiumOptions.executablePath].join(' ')
    await writeFile(executablePath, `#!/bin/sh\nexec ${command} "$@"\n`, { mode: 0o755 })
    return await chromium.launch({ ...chromiumOptions, executablePath })
  } finally {
    await rm(folder, { recursive: true })
  }
}
