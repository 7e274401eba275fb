import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { basename, join } from 'node:path'
import { MODULE, patchVicodec } from '../kernel/patch-vicodec.js'

export interface Kernel {
  /** As `uname -r` prints it. */
  release: string
  /** Its image, modules and initrd are in this folder. */
  folder: string
  vmlinuz: string
  initrd: string
}

const SCRIPTS = ['kernel/fetch.sh', 'kernel/make.sh', 'inside/init.sh']
const SOURCES = [...SCRIPTS, 'kernel/fake-h264.h', 'kernel/patch-vicodec.ts']

/** The newest kernel whose headers are installed. @throws Error when there is none. */
export function chooseRelease(headers: string[]): string {
  const releases = headers.flatMap((name) => /^linux-headers-(.*-amd64)$/.exec(name)?.[1] ?? [])
  const newest = releases.sort((a, b) => a.localeCompare(b, 'en', { numeric: true })).at(-1)
  if (newest === undefined)
    throw new Error('Install the headers of the kernel: apt-get install linux-headers-amd64')
  return newest
}

/**
 * Downloads, patches and compiles, unless that was done before with these sources. The kernel is that of the guest's root file
 * system, and is compiled there.
 */
export function buildKernel(
  sources: string,
  cache: string,
  root: string,
  progress: (line: string) => void,
): Kernel {
  const isForeign = root !== '/'
  const release = chooseRelease(readdirSync(join(root, 'usr/src')))
  const inside = join(isForeign ? '/var/cache/rpi-webrtc-guest' : cache, release)
  const folder = isForeign ? join(root, inside) : inside
  const kernel = {
    release,
    folder,
    vmlinuz: join(folder, `boot/vmlinuz-${release}`),
    initrd: join(folder, 'initrd.img'),
  }
  const stamp = join(folder, 'stamp')
  const version = hashOf(SOURCES.map((name) => join(sources, name)))
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === version) return kernel

  mkdirSync(folder, { recursive: true })
  rmSync(stamp, { force: true })
  for (const script of SCRIPTS) copyFileSync(join(sources, script), join(folder, basename(script)))
  const run = (script: string, ...args: string[]): void => {
    const words = [
      ...(isForeign ? ['chroot', root] : []),
      'sh',
      join(inside, script),
      release,
      inside,
      ...args,
    ]
    execFileSync(words[0]!, words.slice(1), { stdio: ['ignore', 'inherit', 'inherit'] })
  }
  progress(`download Linux ${release} and the source of its virtual drivers`)
  run('fetch.sh')
  progress('compile vimc and the virtual encoder')
  writeEncoder(join(sources, 'kernel'), join(folder, 'drivers'))
  run('make.sh', join(inside, 'init.sh'))
  writeFileSync(stamp, version)
  return kernel
}

function writeEncoder(kernelSources: string, drivers: string): void {
  const folder = join(drivers, MODULE)
  renameSync(join(drivers, 'vicodec'), folder)
  const core = join(folder, `${MODULE}-core.c`)
  renameSync(join(folder, 'vicodec-core.c'), core)
  writeFileSync(core, patchVicodec(readFileSync(core, 'utf8')))
  copyFileSync(join(kernelSources, 'fake-h264.h'), join(folder, 'fake-h264.h'))
  const objects = [`${MODULE}-core.o`, 'codec-fwht.o', 'codec-v4l2-fwht.o'].join(' ')
  writeFileSync(join(folder, 'Makefile'), `${MODULE}-objs := ${objects}\nobj-m += ${MODULE}.o\n`)
  writeFileSync(join(drivers, 'Makefile'), `obj-m += v4l2-mem2mem.o vimc/ ${MODULE}/\n`)
}

function hashOf(files: string[]): string {
  const hash = createHash('sha256')
  for (const file of files) hash.update(readFileSync(file))
  return hash.digest('hex')
}
