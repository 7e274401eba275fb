import { execFileSync, spawn, spawnSync } from 'node:child_process'
import type { Browser } from '@playwright/test'
import { launchChromium } from '../../test/support/launch-chromium.js'
import { until } from '../../test/support/program.js'

const ADDRESS = '192.0.2.1'
const namespaceOf = (pid: number | string): string =>
  execFileSync('readlink', [`/proc/${pid}/ns/net`]).toString()

/** Only root may create a network namespace and drop packets in it. */
export const canBlock =
  spawnSync('unshare', ['--net', 'nft', 'add', 'table', 'inet', 'f'], { stdio: 'ignore' }).status === 0

/** A machine's network in which everything but HTTP can be blocked, with a browser in it. */
export interface BlockedNetwork extends AsyncDisposable {
  readonly address: string
  /** Words that start a command in this network. */
  readonly enter: string[]
  readonly browser: Browser
  /** Drops all packets to and from a port of the server, UDP and TCP. */
  block(port: number): void
  /** Drops packets that match a rule of nftables, such as `udp sport 8189`, on their arrival. */
  drop(rule: string): void
  unblock(): void
}

export async function openBlockedNetwork(): Promise<BlockedNetwork> {
  const held = ['--pdeathsig', 'KILL', '--', 'unshare', '--net', 'sleep', '600']
  const holder = spawn('setpriv', held, { stdio: 'ignore' })
  const pid = String(holder.pid)
  await until(() => namespaceOf(pid) !== namespaceOf('self'), 5000)
  const enter = ['nsenter', '-t', pid, '-n']
  const output = (...words: string[]): string =>
    execFileSync(enter[0]!, [...enter.slice(1), ...words]).toString()
  const run = (...words: string[]): void => void output(...words)
  run('ip', 'link', 'set', 'lo', 'up')
  run('ip', 'link', 'add', 'lan', 'type', 'veth', 'peer', 'name', 'other')
  run('ip', 'addr', 'add', `${ADDRESS}/24`, 'dev', 'lan')
  // An IPv6 address is valid only seconds later, and Chromium ends all its requests at such a change.
  for (const device of ['lan', 'other']) run('ip', 'link', 'set', device, 'addrgenmode', 'none', 'up')
  run('ip', 'route', 'add', 'default', 'dev', 'lan')
  await until(() => output('ip', '-oneline', 'link', 'show', 'lan').includes('state UP'), 5000)
  const drop = (rule: string): void => {
    run('nft', 'add', 'table', 'inet', 'f')
    run('nft', 'add', 'chain', 'inet', 'f', 'in', '{ type filter hook input priority 0; }')
    run('nft', 'add', 'rule', 'inet', 'f', 'in', ...rule.split(' '), 'drop')
  }
  const browser = await launchChromium(enter)
  return {
    address: ADDRESS,
    enter,
    browser,
    block(port) {
      for (const protocol of ['udp', 'tcp'])
        for (const side of ['dport', 'sport']) drop(`${protocol} ${side} ${port}`)
    },
    drop,
    unblock: () => run('nft', 'delete', 'table', 'inet', 'f'),
    async [Symbol.asyncDispose]() {
      await browser.close()
      holder.kill('SIGKILL')
    },
  }
}
