import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { until } from './program.js'

/** Debian's package. */
export const hasCoturn = existsSync('/usr/bin/turnserver')

export interface Coturn extends AsyncDisposable {
  readonly port: number
  readonly secret: string
  /** For TLS, if it has a certificate. */
  readonly tlsPort: number
  output: () => string
  /** Ends it, and starts it again at the same port. */
  restart: (awayMs?: number) => Promise<void>
}

export interface CoturnOptions {
  port: number
  tlsPort?: number
  certificate?: { certPath: string; keyPath: string }
  /** More of its options. */
  words?: string[]
}

/** coturn on the loopback address, with `use-auth-secret`, which relays to this machine. */
export async function startCoturn({
  port,
  tlsPort = 0,
  certificate,
  words = [],
}: CoturnOptions): Promise<Coturn> {
  const folder = await mkdtemp(join(tmpdir(), 'coturn-'))
  const secret = 'the-secret-of-the-turn-server'
  let said = ''
  const options = [
    ...[
      '-n',
      '--log-file=stdout',
      '--simple-log',
      '--verbose',
      '--no-cli',
      '--no-dtls',
      '--allow-loopback-peers',
    ],
    ...['--listening-ip=127.0.0.1', '--relay-ip=127.0.0.1', `--listening-port=${port}`, '--no-rfc5780'],
    ...[`--pidfile=${join(folder, 'pid')}`, `--userdb=${join(folder, 'db')}`],
    ...['--use-auth-secret', `--static-auth-secret=${secret}`, '--realm=test'],
    ...(certificate === undefined
      ? ['--no-tls']
      : [
          `--tls-listening-port=${tlsPort}`,
          `--cert=${certificate.certPath}`,
          `--pkey=${certificate.keyPath}`,
        ]),
    ...words,
  ]
  const start = async () => {
    const before = said.length
    const child = spawn('setpriv', ['--pdeathsig', 'KILL', '--', 'turnserver', ...options], {
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => (said += chunk.toString()))
    const exit = once(child, 'exit')
    await until(() => /TCP listener opened on : 127.0.0.1/.test(said.slice(before)), 20_000).catch(() => {
      throw new Error(`coturn does not listen: ${said.slice(-2000)}`)
    })
    return async () => {
      child.kill('SIGKILL')
      await exit
    }
  }
  let stop = await start()
  return {
    port,
    secret,
    tlsPort,
    output: () => said,
    restart: async (awayMs = 0) => {
      await stop()
      await sleep(awayMs)
      stop = await start()
    },
    [Symbol.asyncDispose]: async () => {
      await stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
