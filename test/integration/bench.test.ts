import { spawnSync } from 'node:child_process'
import { mkdtemp, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { missingRequirement, type Host } from '../../bench/requirements.js'

const host: Host = { isInstalled: (program) => program !== 'tcpdump', uid: 0, cores: 2 }

test.each([
  [{ programs: { tcpdump: 'tcpdump' } }, 'This bench needs tcpdump: sudo apt install tcpdump'],
  [{ root: true }, undefined],
  [{ cores: 4 }, 'This bench needs 4 CPU cores, and this machine has 2.'],
  [{ programs: { nft: 'nftables' } }, undefined],
])('of %j this is missing: %s', (requirements, line) =>
  expect(missingRequirement(requirements, host)).toBe(line),
)

test('a bench that needs root says so', () =>
  expect(missingRequirement({ root: true }, { ...host, uid: 1000 })).toBe(
    'This bench needs root: run it with sudo.',
  ))

test('added-delay names tcpdump and its package in one line, and starts nothing', async () => {
  const bin = await mkdtemp(join(tmpdir(), 'bench-path-'))
  onTestFinished(async () => await rm(bin, { recursive: true }))
  await symlink('/bin/sh', join(bin, 'sh'))
  const script = fileURLToPath(new URL('../../bench/added-delay.ts', import.meta.url))
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--import', 'tsx', script], {
    env: { ...process.env, PATH: bin },
    encoding: 'utf8',
  })
  expect({ status, stdout, stderr }).toEqual({
    status: 1,
    stdout: '',
    stderr: 'This bench needs tcpdump, taskset: sudo apt install tcpdump util-linux\n',
  })
})
