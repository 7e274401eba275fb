import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { readlinkSync } from 'node:fs'
import { until } from '../support/program.js'

/** A network of its own (network_namespaces(7)), which ends with the test process. */
export class Namespace implements Disposable {
  /** Comes before the words of a command, to run it in this namespace. */
  readonly through: string[]
  readonly #keeper: ChildProcess

  private constructor(keeper: ChildProcess) {
    this.#keeper = keeper
    this.through = ['nsenter', '-t', String(keeper.pid), '-n']
  }

  static async open(): Promise<Namespace> {
    // A namespace without a process is gone.
    const words = ['--pdeathsig', 'KILL', '--', 'unshare', '--net', 'sleep', 'infinity']
    const keeper = spawn('setpriv', words, { stdio: 'ignore' })
    const network = (pid: number | 'self'): string => readlinkSync(`/proc/${pid}/ns/net`)
    await until(() => Promise.resolve(network(keeper.pid!) !== network('self')), 10_000)
    const opened = new Namespace(keeper)
    opened.run('ip', 'link', 'set', 'lo', 'up')
    return opened
  }

  /** @throws Error with what the command wrote to stderr. */
  run(...words: string[]): string {
    const [file, ...args] = [...this.through, ...words]
    return execFileSync(file!, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
  }

  /** Runs a command with `input` on stdin. */
  feed(input: string, ...words: string[]): void {
    const [file, ...args] = [...this.through, ...words]
    execFileSync(file!, args, { input, stdio: ['pipe', 'pipe', 'pipe'] })
  }

  /** Ended with the test process. */
  spawn(...words: string[]): ChildProcess {
    return spawn('setpriv', ['--pdeathsig', 'KILL', '--', ...this.through, ...words], {
      stdio: ['pipe', 'pipe', 'inherit'],
    })
  }

  /** A cable to another namespace. @param address of each end, with the length of its prefix. */
  connect(
    name: string,
    address: string | undefined,
    other: Namespace,
    otherName: string,
    otherAddress?: string,
  ): void {
    const pid = String(other.#keeper.pid)
    this.run('ip', 'link', 'add', name, 'type', 'veth', 'peer', 'name', otherName, 'netns', pid)
    this.setUp(name, address)
    other.setUp(otherName, otherAddress)
  }

  setUp(name: string, ...addresses: (string | undefined)[]): void {
    for (const address of addresses)
      // Without the second in which IPv6 looks for duplicates.
      if (address !== undefined) this.run('ip', 'addr', 'add', address, 'dev', name, 'nodad')
    this.run('ip', 'link', 'set', name, 'up')
  }

  [Symbol.dispose](): void {
    this.#keeper.kill('SIGKILL')
  }
}
