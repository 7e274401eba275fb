import type { Namespace } from './namespaces.js'

/** What a router forwards: `nothing`, TCP without UDP, or TCP to these ports and nothing else. */
export type Forwards = 'nothing' | 'TCP' | readonly number[]

/** Drops everything else, in both directions and also of connections that exist. */
export function restrict(router: Namespace, forwards: Forwards): void {
  const both = (rule: (side: 'dport' | 'sport') => string): string => `${rule('dport')}\n    ${rule('sport')}`
  const accepts =
    forwards === 'nothing'
      ? ''
      : forwards === 'TCP'
        ? 'meta l4proto tcp accept'
        : both((side) => `tcp ${side} { ${forwards.join(', ')} } accept`)
  const rules = `
table inet restriction {
  chain forwards {
    type filter hook forward priority filter - 1; policy drop;
    meta l4proto ipv6-icmp accept
    ${accepts}
  }
}
`
  router.feed(rules, 'nft', '-f', '-')
}

export const lift = (router: Namespace): void =>
  void router.run('nft', 'delete', 'table', 'inet', 'restriction')
