import { describe, expect, test } from 'vitest'
import { exampleSystem, fails, type SystemFacts } from '../../test/fakes/system.js'
import { checkFirewall } from './firewall.js'
import { parseFirewalld, parseUfwRules } from './firewall-rules.js'
import { parseNft } from './nft-rules.js'

const tcp = (port: number) => ({ port, protocol: 'tcp' as const })
const udp = (port: number) => ({ port, protocol: 'udp' as const })

const UFW_RULES = `*filter
:ufw-user-input - [0:0]
### RULES ###

### tuple ### allow tcp 22 0.0.0.0/0 any 0.0.0.0/0 in
-A ufw-user-input -p tcp --dport 22 -j ACCEPT

### tuple ### allow tcp 8080,5557:5558 0.0.0.0/0 any 0.0.0.0/0 in
-A ufw-user-input -p tcp -m multiport --dports 8080,5557:5558 -j ACCEPT

### tuple ### limit tcp 443 0.0.0.0/0 any 0.0.0.0/0 Nginx%20HTTPS - in
-A ufw-user-input -p tcp --dport 443 -j ACCEPT

### tuple ### deny udp 8189 0.0.0.0/0 any 0.0.0.0/0 in
-A ufw-user-input -p udp --dport 8189 -j DROP

### tuple ### allow any any 0.0.0.0/0 any 192.168.0.0/24 in
-A ufw-user-input -s 192.168.0.0/24 -j ACCEPT

### tuple ### allow udp 9000 0.0.0.0/0 any 0.0.0.0/0 out
-A ufw-user-output -p udp --dport 9000 -j ACCEPT
`

test('the rules of ufw are parsed', () => {
  const verdict = parseUfwRules(UFW_RULES)
  expect([22, 8080, 5558, 443].map((port) => verdict(tcp(port)))).toEqual(['open', 'open', 'open', 'open'])
  expect(verdict(udp(8189))).toBe('closed')
  expect(verdict(udp(22))).toBe('unknown') // one network may
  expect(parseUfwRules('')(tcp(8080))).toBe('closed')
})

test('the default zone of firewalld is parsed', () => {
  const zone =
    'public (active)\n  target: default\n  services: ssh\n  ports: 8080/tcp 8000-8200/udp\n  rich rules: \n'
  const verdict = parseFirewalld(zone)
  expect([verdict(tcp(8080)), verdict(udp(8189)), verdict(tcp(5557))]).toEqual(['open', 'open', 'closed'])
  expect(parseFirewalld('trusted (active)\n  target: ACCEPT\n  ports: \n')(tcp(5557))).toBe('open')
  expect(parseFirewalld(`${zone}\trule family="ipv4" accept\n`)(tcp(5557))).toBe('unknown')
})

/** What nft 1.0.6 printed of an input chain that drops, with the ways in which people let ports through. */
const NFT = JSON.stringify({
  nftables: [
    { metainfo: { version: '1.0.6', release_name: 'Lester Gooch #5', json_schema_version: 1 } },
    { table: { family: 'inet', name: 'filter', handle: 1 } },
    {
      set: {
        family: 'inet',
        name: 'ports',
        table: 'filter',
        type: 'inet_service',
        flags: ['interval'],
        elem: [80, { range: [6000, 6100] }],
      },
    },
    {
      chain: {
        family: 'inet',
        table: 'filter',
        name: 'input',
        type: 'filter',
        hook: 'input',
        prio: 0,
        policy: 'drop',
      },
    },
    { chain: { family: 'inet', table: 'filter', name: 'more' } },
    ...[
      [
        { match: { op: 'in', left: { ct: { key: 'state' } }, right: ['established', 'related'] } },
        { accept: null },
      ],
      [{ match: { op: '==', left: { meta: { key: 'iif' } }, right: 'lo' } }, { accept: null }],
      [dport('tcp', 22), { accept: null }],
      [dport('tcp', { set: [{ range: [5557, 5558] }, 8080] }), { accept: null }],
      [dport('tcp', '@ports'), { accept: null }],
      [dport('udp', 8189), { counter: { packets: 0, bytes: 0 } }, { accept: null }],
      [
        {
          match: {
            op: '==',
            left: { payload: { protocol: 'ip', field: 'saddr' } },
            right: { prefix: { addr: '192.168.0.0', len: 16 } },
          },
        },
        dport('tcp', 9000),
        { accept: null },
      ],
      [dport('tcp', 9999), { drop: null }],
    ].map((expr) => ({ rule: { family: 'inet', table: 'filter', chain: 'input', expr } })),
  ],
})
function dport(protocol: string, right: unknown) {
  return { match: { op: '==', left: { payload: { protocol, field: 'dport' } }, right } }
}

describe('nftables', () => {
  test('ports are accepted by number, range and set', () => {
    const verdict = parseNft(NFT)!
    expect([22, 5558, 8080, 80, 6050].map((port) => verdict(tcp(port)))).toEqual(Array(5).fill('open'))
    expect(verdict(udp(8189))).toBe('open')
    expect([tcp(8189), udp(8080), tcp(9999), tcp(7)].map(verdict)).toEqual(Array(4).fill('closed'))
    expect(verdict(tcp(9000))).toBe('unknown') // for one network
  })

  test('a match of iptables that nft cannot express is unknown', () => {
    const expr = [
      { match: { op: '==', left: { meta: { key: 'l4proto' } }, right: 'udp' } },
      { xt: { type: 'match', name: 'multiport' } },
      { accept: null },
    ]
    const chain = { family: 'ip', table: 'filter', name: 'INPUT', hook: 'input', policy: 'drop' }
    const verdict = parseNft(JSON.stringify({ nftables: [{ chain }, { rule: { chain: 'INPUT', expr } }] }))!
    expect([verdict(udp(8189)), verdict(tcp(8080))]).toEqual(['unknown', 'closed'])
  })

  test('that drops nothing is no firewall', () => {
    expect(parseNft(NFT.replace('"drop"', '"accept"'))).toBeUndefined()
    expect(parseNft('{"nftables": [{"metainfo": {}}]}')).toBeUndefined()
    expect(parseNft('no JSON')).toBeUndefined()
  })
})

describe('the check', () => {
  const wanted = [
    { ...tcp(8080), key: 'server.web-port', host: '0.0.0.0', isReplaceable: false },
    { ...udp(8189), key: 'webrtc.udp-port', host: '0.0.0.0', isReplaceable: false },
    { ...udp(30228), key: 'inner port', host: '127.0.0.1', isReplaceable: true },
  ]
  const check = async (facts: SystemFacts) => await checkFirewall(wanted, exampleSystem(facts))
  const ufw = { '/etc/ufw/ufw.conf': '# comment\nENABLED=yes\nLOGLEVEL=low\n' }

  test('reports nothing without a firewall', async () => {
    expect(await check({})).toEqual([])
    expect(await check({ files: { '/etc/ufw/ufw.conf': 'ENABLED=no\n' } })).toEqual([])
    expect(await check({ commands: { 'firewall-cmd --state': fails('not running', 252) } })).toEqual([])
  })

  test('names the ports that ufw blocks, with the commands', async () =>
    expect(await check({ files: { ...ufw, '/etc/ufw/user.rules': UFW_RULES } })).toEqual([
      {
        id: 'firewall',
        status: 'warning',
        title: 'firewall',
        detail: 'ufw blocks 8189/udp',
        hint: 'sudo ufw allow 8189/udp',
      },
    ]))

  test('says what needs root', async () =>
    expect(
      await check({ files: { ...ufw, '/etc/ufw/user.rules': '' }, closed: ['/etc/ufw/user.rules'] }),
    ).toMatchObject([
      {
        status: 'warning',
        detail: 'ufw is active; whether it blocks 8080/tcp, 8189/udp could not be determined',
        hint: 'Run sudo rpi-webrtc doctor to check its rules. To open the ports: sudo ufw allow 8080/tcp; sudo ufw allow 8189/udp',
      },
    ]))

  test('a ufw that accepts everything is ignored', async () =>
    expect(await check({ files: { ...ufw, '/etc/default/ufw': 'DEFAULT_INPUT_POLICY="ACCEPT"\n' } })).toEqual(
      [],
    ))

  test('firewalld is checked', async () => {
    const commands = {
      'firewall-cmd --state': 'running\n',
      'firewall-cmd --list-all': 'public (active)\n  target: default\n  ports: 8080/tcp\n',
    }
    expect(await check({ commands })).toMatchObject([
      {
        detail: 'firewalld blocks 8189/udp',
        hint: 'sudo firewall-cmd --permanent --add-port=8189/udp && sudo firewall-cmd --reload',
      },
    ])
    const denied = { ...commands, 'firewall-cmd --list-all': fails('Authorization failed.', 253) }
    expect(await check({ commands: denied })).toMatchObject([
      { detail: expect.stringContaining('could not be determined') as string },
    ])
  })

  test('nftables is checked', async () => {
    expect(await check({ commands: { 'nft -j list ruleset': NFT } })).toMatchObject([
      { status: 'ok', detail: 'nftables allows 8080/tcp, 8189/udp' },
    ])
    const commands = {
      'nft -j list ruleset': fails('Operation not permitted (you must be root)'),
      'systemctl is-active nftables': 'active\n',
    }
    expect(await check({ commands })).toMatchObject([
      { status: 'warning', detail: expect.stringContaining('nftables is active') as string },
    ])
  })
})
