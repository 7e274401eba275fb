import type { PortDecision, DecisionFor } from './firewall-rules.js'

interface NftObject {
  chain?: { name: string; table: string; hook?: string; policy?: string }
  set?: { name: string; table: string; elem?: unknown[] }
  rule?: { chain: string; table: string; expr?: Record<string, unknown>[] }
}

/**
 * Parses `nft -j list ruleset` as far as it is commonly used: an input chain with the policy drop, and rules in any chain that accept
 * ports by number, range or set.
 * @returns undefined if no chain drops incoming packets.
 */
export function parseNft(json: string): DecisionFor | undefined {
  const objects = nftObjects(json)
  const dropsInput = objects.some(({ chain }) => chain?.hook === 'input' && chain.policy === 'drop')
  if (!dropsInput) return undefined
  const sets = new Map(
    objects.flatMap(({ set }) => (set === undefined ? [] : [[`@${set.name}`, set.elem ?? []]])),
  )
  const accepting = objects
    .map(({ rule }) => rule?.expr ?? [])
    .filter((expr) => expr.some((part) => 'accept' in part))
  return ({ port, protocol }) => {
    const decisions = accepting.map((expr) => accepts(expr, port, protocol, sets))
    if (decisions.includes('open')) return 'open'
    return decisions.includes('unknown') ? 'unknown' : 'closed'
  }
}

function nftObjects(json: string): NftObject[] {
  try {
    return (JSON.parse(json) as { nftables?: NftObject[] }).nftables ?? []
  } catch {
    return []
  }
}

interface Match {
  left: { payload?: { protocol?: string; field?: string }; ct?: unknown; meta?: { key: string } }
  right: unknown
}

/** The decision of one accepting rule for a port. */
function accepts(
  expr: readonly Record<string, unknown>[],
  port: number,
  protocol: string,
  sets: ReadonlyMap<string, unknown>,
): PortDecision {
  const matches = expr.flatMap((part) => ('match' in part ? [part['match'] as Match] : []))
  const ports = matches.find(({ left }) => left.payload?.field === 'dport')
  // A rule for the loopback interface, a connection state or another protocol does not accept a new client's first packet.
  const isOther = matches.some(
    ({ left, right }) =>
      left.ct !== undefined ||
      (left.meta !== undefined && ['iif', 'iifname'].includes(left.meta.key) && right === 'lo') ||
      (left.meta?.key === 'l4proto' && right !== protocol) ||
      ['icmp', 'icmpv6'].includes(left.payload?.protocol ?? ''),
  )
  if (isOther) return 'closed'
  if (ports !== undefined) {
    if (ports.left.payload?.protocol !== protocol && ports.left.payload?.protocol !== 'th') return 'closed'
    const value = typeof ports.right === 'string' ? sets.get(ports.right) : ports.right
    if (!hasElement(value, port)) return 'closed'
  } else if (expr.some((part) => 'xt' in part)) return 'unknown' // a match of iptables that nft cannot express
  return matches.some((match) => match !== ports && match.left.meta?.key !== 'l4proto') ? 'unknown' : 'open'
}

/** A number, `{range: [a, b]}`, `{set: [...]}` or a list of those. */
function hasElement(value: unknown, port: number): boolean {
  if (typeof value === 'number') return value === port
  if (Array.isArray(value)) return value.some((element) => hasElement(element, port))
  if (typeof value !== 'object' || value === null) return false
  if ('set' in value) return hasElement(value.set, port)
  if ('elem' in value) return hasElement((value.elem as { val?: unknown }).val, port)
  if (!('range' in value)) return false
  const [low, high] = value.range as [number, number]
  return low <= port && port <= high
}
