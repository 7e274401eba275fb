import type { WantedPort } from './wanted-ports.js'

/** Whether a firewall accepts packets from outside for a port; `unknown` if its rules are more complex than what is parsed here. */
export type PortDecision = 'open' | 'closed' | 'unknown'
export type DecisionFor = (port: Pick<WantedPort, 'port' | 'protocol'>) => PortDecision

/**
 * /etc/ufw/user.rules has a comment before each rule, `### tuple ### allow tcp 80,443 0.0.0.0/0 any 0.0.0.0/0 in`: action, protocol,
 * port, destination, source port, source, direction. The first matching rule applies; other packets are rejected.
 */
export function parseUfwRules(text: string): DecisionFor {
  const rules = Array.from(
    text.matchAll(/^### tuple ### (\w+) (\S+) (\S+) \S+ \S+ (\S+) (?:\S+ \S+ )?in/gm),
    ([, action, protocol, ports, from]) => ({
      accepts: action === 'allow' || action === 'limit',
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
    // A rule for one network, most likely the one the browsers are in.
    if (!first.fromAll) return 'unknown'
    return first.accepts ? 'open' : 'closed'
  }
}

/** `firewall-cmd --list-all` of the default zone: `ports: 8080/tcp 8189/udp`, `target: default`. */
export function parseFirewalld(text: string): DecisionFor {
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
