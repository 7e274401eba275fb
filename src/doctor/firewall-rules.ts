import type { WantedPort } from './ports.js'

/** Whether a firewall lets packets from outside to a port; `unknown` where its rules say more than is read here. */
export type PortDecision = 'open' | 'closed' | 'unknown'
type VerdictOf = (port: Pick<WantedPort, 'port' | 'protocol'>) => PortDecision

/**
 * /etc/ufw/user.rules: a comment `### tuple ### allow tcp 80,443 0.0.0.0/0 any 0.0.0.0/0 in` stands before each rule:
 * action, protocol, port, to, from its port, from, direction. The first that fits counts, else what is not named is refused.
 */
export function parseUfwRules(text: string): VerdictOf {
  const rules = Array.from(
    text.matchAll(/^### tuple ### (\w+) (\S+) (\S+) \S+ \S+ (\S+) (?:\S+ \S+ )?in/gm),
    ([, action, protocol, ports, from]) => ({
      lets: action === 'allow' || action === 'limit',
      protocol: protocol!,
      ports: ports!,
      fromAll: from === '0.0.0.0/0' || from === '::/0' || from === 'any',
    }),
  )
  return ({ port, protocol }) => {
    const first = rules.find(
      (rule) => (rule.protocol === 'any' || rule.protocol === protocol) && hasPort(rule.ports, port),
    )
    if (first === undefined) return 'closed'
    // Somebody let his own network in by name: that is most likely the one the browsers are in.
    if (!first.fromAll) return 'unknown'
    return first.lets ? 'open' : 'closed'
  }
}

/** `firewall-cmd --list-all` of the default zone: `ports: 8080/tcp 8189/udp`, `target: default`. */
export function parseFirewalld(text: string): VerdictOf {
  const line = (key: string): string => new RegExp(`^\\s*${key}: *(.*)$`, 'm').exec(text)?.[1]?.trim() ?? ''
  if (line('target') === 'ACCEPT') return () => 'open'
  const ports = line('ports').split(/\s+/).filter(Boolean)
  const isRich = /^\s*rich rules: *\n\s+rule/m.test(text)
  return ({ port, protocol }) => {
    const named = ports.some((entry) => {
      const [range = '', kind] = entry.split('/')
      return kind === protocol && hasPort(range, port)
    })
    return named ? 'open' : isRich ? 'unknown' : 'closed'
  }
}

/** `80,443`, `6000:6100`, `6000-6100`, `any`. */
const hasPort = (text: string, port: number): boolean =>
  text === 'any' ||
  text.split(',').some((part) => {
    const [low, high = low] = part.split(/[:-]/)
    return Number(low) <= port && port <= Number(high)
  })

interface NftObject {
  chain?: { name: string; table: string; hook?: string; policy?: string }
  set?: { name: string; table: string; elem?: unknown[] }
  rule?: { chain: string; table: string; expr?: Record<string, unknown>[] }
}

/**
 * `nft -j list ruleset`. Read is what people write: an input chain that drops what it does not accept, and rules that
 * accept ports by number, range or set, in whichever chain.
 * @returns undefined where no chain refuses packets that come in.
 */
export function parseNft(json: string): VerdictOf | undefined {
  const objects = nftObjects(json)
  const refuses = objects.some(({ chain }) => chain?.hook === 'input' && chain.policy === 'drop')
  if (!refuses) return undefined
  const sets = new Map(
    objects.flatMap(({ set }) => (set === undefined ? [] : [[`@${set.name}`, set.elem ?? []]])),
  )
  const accepting = objects
    .map(({ rule }) => rule?.expr ?? [])
    .filter((expr) => expr.some((part) => 'accept' in part))
  return ({ port, protocol }) => {
    const verdicts = accepting.map((expr) => accepts(expr, port, protocol, sets))
    if (verdicts.includes('open')) return 'open'
    return verdicts.includes('unknown') ? 'unknown' : 'closed'
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

/** What one accepting rule means for a port. */
function accepts(
  expr: readonly Record<string, unknown>[],
  port: number,
  protocol: string,
  sets: ReadonlyMap<string, unknown>,
): PortDecision {
  const matches = expr.flatMap((part) => ('match' in part ? [part['match'] as Match] : []))
  const ports = matches.find(({ left }) => left.payload?.field === 'dport')
  // Of one interface, one connection or one protocol that is another: not for a stranger's first packet.
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
  } else if (expr.some((part) => 'xt' in part)) return 'unknown' // a match of iptables that nft cannot put into words
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
