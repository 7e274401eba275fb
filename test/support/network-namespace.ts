import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readlink } from 'node:fs/promises'
import { promisify } from 'node:util'
import { fileURLToPath } from 'node:url'
import { until } from './program.js'

const run = promisify(execFile)

/** Only root can create network namespaces. */
export const hasNamespaces = process.getuid?.() === 0

/** A network of its own for programs that are started through `enter`. */
export interface NetworkNamespace extends AsyncDisposable {
  readonly pid: number
  /** Words that go before a command. */
  readonly enter: string[]
  /** Runs `ip` with these words in the namespace. */
  ip(words: string): Promise<void>
  /** Runs a script of this folder with tsx, and parses the JSON that it prints. */
  run<T>(script: string, ...args: string[]): Promise<T>
}

/** It lives as long as a process that the kernel ends with the test. */
export async function createNamespace(): Promise<NetworkNamespace> {
  const words = ['--pdeathsig', 'KILL', '--', 'unshare', '--net', 'sleep', 'infinity']
  const holder = spawn('setpriv', words, { stdio: 'ignore' })
  const ours = await readlink('/proc/self/ns/net')
  const pid = holder.pid!
  await until(async () => {
    const theirs = await readlink(`/proc/${pid}/ns/net`).catch(() => ours)
    return theirs !== ours
  }, 10_000)
  const enter = ['nsenter', '-t', String(pid), '-n']
  const inside = async (...command: string[]): Promise<string> => {
    const [file, ...args] = [...enter, ...command] as [string, ...string[]]
    return (await run(file, args, { timeout: 60_000 })).stdout
  }
  const namespace: NetworkNamespace = {
    pid,
    enter,
    ip: async (text) => {
      await inside('ip', ...text.split(' '))
    },
    run: async <T>(script: string, ...args: string[]) => {
      const path = fileURLToPath(new URL(script, import.meta.url))
      return JSON.parse(await inside(process.execPath, '--import', 'tsx', path, ...args)) as T
    },
    async [Symbol.asyncDispose]() {
      const gone = once(holder, 'exit')
      holder.kill('SIGKILL')
      await gone
    },
  }
  await namespace.ip('link set lo up')
  return namespace
}

/** Joins two namespaces by a cable, whose ends have these names and no addresses yet. */
export async function connectNamespaces(
  one: NetworkNamespace,
  oneName: string,
  other: NetworkNamespace,
  otherName: string,
): Promise<void> {
  await one.ip(`link add ${oneName} type veth peer name ${otherName} netns ${other.pid}`)
  await one.ip(`link set ${oneName} up`)
  await other.ip(`link set ${otherName} up`)
}
