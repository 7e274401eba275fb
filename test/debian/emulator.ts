import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Debian's names of the architectures for which there are packages -> qemu's names. */
export const ARCHITECTURES: Readonly<Record<string, string>> = {
  amd64: 'x86_64',
  arm64: 'aarch64',
  armhf: 'arm',
}

export const ownArchitecture = (): string =>
  execFileSync('dpkg', ['--print-architecture'], { encoding: 'utf8' }).trim()

const BINFMT = '/proc/sys/fs/binfmt_misc'

/** The rule of the package qemu-user-static, by which the kernel starts programs of another architecture in the emulator. */
export const ruleFile = (arch: string): string => `/usr/lib/binfmt.d/qemu-${ARCHITECTURES[arch]}.conf`

/** Gives the kernel the rule, unless it has it or needs none. @returns what takes it back. */
export function registerEmulator(arch: string): Disposable {
  const entry = join(BINFMT, `qemu-${ARCHITECTURES[arch]}`)
  if (arch === ownArchitecture()) return { [Symbol.dispose]: () => {} }
  if (!existsSync(join(BINFMT, 'register')))
    execFileSync('mount', ['-t', 'binfmt_misc', 'binfmt_misc', BINFMT])
  if (existsSync(entry)) return { [Symbol.dispose]: () => {} }
  writeFileSync(join(BINFMT, 'register'), readFileSync(ruleFile(arch), 'utf8').trim())
  return { [Symbol.dispose]: () => writeFileSync(entry, '-1') }
}
