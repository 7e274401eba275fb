import { spawnSync } from 'node:child_process'
import { requireOnHost } from '../require.js'

/** Chromium needs a default route before it opens a socket; an interface without a network is enough. */
const OPEN_NETWORK =
  'ip link set lo up && ip link add out type veth peer name in && ip link set in up && ip addr add 192.0.2.1/24 dev out && ip link set out up && ' +
  'ip route add default dev out && exec "$0" "$@"'
const INSIDE = 'RPI_WEBRTC_OWN_NETWORK'

/**
 * Runs a script again in a network namespace of its own, with all that it starts.
 *
 * @param script its path
 * @param measure runs in there; the caller gets the exit status
 * @throws what `measure` throws
 */
export async function inOwnNetwork(script: string, measure: () => Promise<void>): Promise<void> {
  if (process.env[INSIDE] !== undefined) return await measure()
  requireOnHost({ programs: { ip: 'iproute2', nft: 'nftables', unshare: 'util-linux' }, root: true })
  const words = ['--net', 'sh', '-c', OPEN_NETWORK, process.execPath, '--import', 'tsx', script]
  const { status } = spawnSync('unshare', words, {
    stdio: 'inherit',
    env: { ...process.env, [INSIDE]: '1' },
  })
  process.exitCode = status ?? 1
}

/** From now on so many of the datagrams from and to a port are lost, at random. */
export function losePackets(port: number, percent: number): void {
  const rules = ['dport', 'sport'].map(
    (side) => `add rule inet lossy in udp ${side} ${port} numgen random mod 100 < ${percent} drop`,
  )
  const script = [
    'flush ruleset',
    'add table inet lossy',
    'add chain inet lossy in { type filter hook input priority 0; }',
    ...rules,
  ]
  const { status } = spawnSync('nft', ['-f', '-'], {
    input: script.join('\n'),
    stdio: ['pipe', 'inherit', 'inherit'],
  })
  if (status !== 0) throw new Error('nft rejected the rules')
}
