import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Case, Outcome } from './stage.js'

/** The network between program and viewer; each in a network namespace of its own, with a cable between them. */
export const networkCases: Case[] = [3, 10, 40].map((seconds) => ({
  title: `network interface down for ${seconds} s`,
  play: async () => {
    const script = fileURLToPath(new URL('network-down.ts', import.meta.url))
    // A network of its own, which the case lays and which is gone with it.
    const tied = ['--pdeathsig', 'KILL', '--']
    const child = spawn(
      'setpriv',
      [...tied, 'unshare', '--net', process.execPath, '--import', 'tsx', script, String(seconds)],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    )
    let said = ''
    child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()))
    await once(child, 'close')
    return JSON.parse(said.trim().split('\n').at(-1) ?? '') as Outcome
  },
}))
