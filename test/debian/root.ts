import { execFileSync, spawn, spawnSync, type ChildProcess } from 'node:child_process'
import {
  chmodSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs'
import { join } from 'node:path'

/** A bare Debian 13, made once: what debootstrap installs by itself. */
export function makeBase(arch: string, cache: string): string {
  const base = join(cache, arch)
  if (existsSync(base)) return base
  mkdirSync(cache, { recursive: true })
  const unfinished = `${base}.unfinished`
  rmSync(unfinished, { recursive: true, force: true })
  const downloads = join(cache, 'downloads')
  mkdirSync(downloads, { recursive: true })
  const options = ['--variant=minbase', `--arch=${arch}`, `--cache-dir=${downloads}`]
  // debootstrap is verbose; its errors are in its own log, below the folder, too.
  execFileSync('debootstrap', [...options, 'trixie', unfinished], { stdio: ['ignore', 'ignore', 'inherit'] })
  renameSync(unfinished, base)
  return base
}

/**
 * The files of packages of another architecture and of all that they need, made once. They are not configured: that would run in the
 * emulator, which takes a quarter of an hour for the base alone.
 */
export function extractBase(arch: string, packages: readonly string[], cache: string): string {
  const base = join(cache, `${arch}-extracted`)
  if (existsSync(base)) return base
  mkdirSync(cache, { recursive: true })
  const unfinished = `${base}.unfinished`
  rmSync(unfinished, { recursive: true, force: true })
  const include = `--include=${[...packages, 'dash', 'coreutils', 'util-linux'].join(',')}`
  const options = ['--variant=extract', '--mode=root', `--arch=${arch}`, include]
  const aptOptions = ['--aptopt=APT::Install-Recommends "false"']
  execFileSync('mmdebstrap', ['--quiet', ...options, ...aptOptions, 'trixie', unfinished], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  if (!existsSync(join(unfinished, 'usr/bin/sh'))) symlinkSync('dash', join(unfinished, 'usr/bin/sh'))
  renameSync(unfinished, base)
  return base
}

export interface Root {
  readonly path: string
  /** Runs a command of this Debian, as root. @returns its output. @throws Error with the output, if it fails. */
  run(...command: string[]): string
  /** Starts one that goes on, as this user and the group of the same name. */
  start(user: string, command: string[], logFile: string): ChildProcess
}

/**
 * A copy of the base to write in: an overlay over it, so that the next run finds it bare again. The mounts are those of the mount
 * namespace of this process, and end with it.
 */
export function openRoot(base: string, folder: string): Root {
  const [upper, work, path] = ['upper', 'work', 'root'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ]
  for (const one of [upper, work, path]) mkdirSync(one, { recursive: true })
  chmodSync(folder, 0o755) // other users run in it
  mount('-t', 'overlay', '-o', `lowerdir=${base},upperdir=${upper},workdir=${work}`, 'overlay', path)
  mount('-t', 'proc', 'proc', join(path, 'proc'))
  mount('-t', 'tmpfs', '-o', 'mode=755', 'tmpfs', join(path, 'dev'))
  for (const name of ['null', 'zero', 'full', 'random', 'urandom']) {
    closeSync(openSync(join(path, 'dev', name), 'w'))
    mount('--bind', `/dev/${name}`, join(path, 'dev', name))
  }
  execFileSync('cp', ['--dereference', '/etc/resolv.conf', join(path, 'etc/resolv.conf')])
  const env = {
    PATH: '/usr/sbin:/usr/bin:/sbin:/bin',
    LANG: 'C.UTF-8',
    DEBIAN_FRONTEND: 'noninteractive',
    HOME: '/root',
  }
  return {
    path,
    run: (...command) => {
      const { status, stdout, stderr, error } = spawnSync('chroot', [path, ...command], {
        env,
        encoding: 'utf8',
        maxBuffer: 64 << 20,
        stdio: ['ignore', 'pipe', 'pipe'],
      })
      if (status === 0) return stdout + stderr
      throw new Error(`${command.join(' ')}: ${error?.message ?? status}\n${stdout}${stderr}`)
    },
    start: (user, command, logFile) => {
      const log = openSync(logFile, 'a')
      // The kernel kills it when this process ends in any way.
      const as = ['--reuid', user, '--regid', user, '--clear-groups', '--pdeathsig', 'KILL']
      const child = spawn('chroot', [path, '/usr/bin/setpriv', ...as, '--', ...command], {
        env: { ...env, HOME: '/tmp' },
        stdio: ['ignore', log, log],
      })
      closeSync(log)
      return child
    },
  }
}

const mount = (...args: string[]): void => void execFileSync('mount', args)
