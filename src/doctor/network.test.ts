import type { NetworkInterfaceInfo } from 'node:os'
import { describe, expect, test } from 'vitest'
import { exampleSystem, fails, type SystemFacts } from '../../test/fakes/system.js'
import { defaultConfig } from '../config/parse.js'
import type { Config } from '../config/types.js'
import { checkNetwork, assessAddresses, assessStun } from './network.js'
import { parseWireless } from './wifi.js'

const config = (about: { piIp?: string; bindIp?: string; stunServer?: string } = {}): Config => {
  const { server, webrtc, ...rest } = defaultConfig()
  const { piIp, bindIp = webrtc.udpBindIp, stunServer } = about
  return { ...rest, server: { ...server, piIp }, webrtc: { ...webrtc, udpBindIp: bindIp, stunServer } }
}

const address = (address: string): NetworkInterfaceInfo[] => [
  {
    address,
    family: 'IPv4',
    internal: address.startsWith('127.'),
    netmask: '255.255.255.0',
    mac: '00:00:00:00:00:00',
    cidr: `${address}/24`,
  },
]
const lo = address('127.0.0.1')

describe('addresses', () => {
  test('a single address is reported', () =>
    expect(assessAddresses(config(), { lo, eth0: address('192.168.1.20') })).toMatchObject({
      status: 'ok',
      detail: '192.168.1.20',
    }))

  test('several networks are reported with the key that selects one', () =>
    expect(
      assessAddresses(config(), { lo, eth0: address('192.168.1.20'), wlan0: address('10.0.0.5') }).detail,
    ).toBe('192.168.1.20, 10.0.0.5: several networks, browsers try all of them; pi-ip selects the first'))

  test('a machine without a network is a warning', () =>
    expect(assessAddresses(config(), { lo })).toMatchObject({
      status: 'warning',
      detail: 'this machine has no network: only its own browsers can connect',
    }))

  test('a machine with a link-local address only is a warning that names the direct cable', () =>
    expect(assessAddresses(config(), { lo, eth0: address('169.254.7.7') })).toMatchObject({
      status: 'warning',
      detail: expect.stringContaining('link-local addresses only (169.254.7.7)') as string,
    }))

  test('an outdated pi-ip is a warning', () =>
    expect(
      assessAddresses(config({ piIp: '192.168.1.99' }), { lo, eth0: address('192.168.1.20') }),
    ).toMatchObject({
      status: 'warning',
      detail: 'pi-ip is 192.168.1.99, which is not an address of this machine (192.168.1.20)',
    }))

  test('a server on loopback needs no network', () =>
    expect(assessAddresses(config({ bindIp: '127.0.0.1' }), { lo })).toMatchObject({ status: 'ok' }))
})

describe('announced names', () => {
  const announce = ['203.0.113.7', 'home.example.org', 'home.example.org'].map((host) => ({
    host,
    port: undefined,
  }))
  const checks = async (addresses: string[]) => {
    const about = { resolveName: async () => await Promise.resolve(addresses) }
    const { webrtc, ...rest } = config()
    const found = await checkNetwork({ ...rest, webrtc: { ...webrtc, announce } }, exampleSystem({ about }))
    return found.filter(({ id }) => id === 'announce')
  }

  test('are reported with their addresses, each once', async () =>
    expect(await checks(['203.0.113.8', '2001:db8::8'])).toEqual([
      expect.objectContaining({
        status: 'ok',
        title: 'home.example.org',
        detail: '203.0.113.8, 2001:db8::8',
      }),
    ]))

  test('without an address are a warning', async () =>
    expect(await checks([])).toMatchObject([
      { status: 'warning', detail: expect.stringContaining('DNS has no address') as string },
    ]))
})

describe('Wi-Fi', () => {
  const wifi = async (facts: SystemFacts) => {
    const checks = await checkNetwork(
      config(),
      exampleSystem({
        folders: { '/sys/class/net': ['eth0', 'lo', 'wlan0'] },
        links: { '/sys/class/net/wlan0/phy80211': '/sys/devices/platform/soc/x/ieee80211/phy0' },
        ...facts,
      }),
    )
    return checks.filter(({ id }) => id.startsWith('wifi'))
  }

  test('with power saving is a warning with the temporary and the permanent command', async () => {
    const commands = {
      'iw dev wlan0 get power_save': 'Power save: on\n',
      'nmcli --version': 'nmcli tool, version 1.42.4\n',
    }
    expect(await wifi({ commands })).toEqual([
      {
        id: 'wifi-power-save',
        status: 'warning',
        title: 'wlan0',
        detail: 'Wi-Fi with power saving: video stutters and is delayed',
        hint: 'sudo iw dev wlan0 set power_save off; permanently: sudo nmcli connection modify "$(nmcli -g GENERAL.CONNECTION device show wlan0)" 802-11-wireless.powersave 2',
      },
    ])
  })

  test('without NetworkManager the command lasts until the next restart', async () => {
    const [check] = await wifi({ commands: { 'iw dev wlan0 get power_save': 'Power save: on\n' } })
    expect(check?.hint).toBe('sudo iw dev wlan0 set power_save off, which lasts until the next restart')
  })

  test('without power saving is ok', async () =>
    expect(await wifi({ commands: { 'iw dev wlan0 get power_save': 'Power save: off\n' } })).toMatchObject([
      { status: 'ok' },
    ]))

  test('whose power saving is unknown is not ok', async () => {
    expect(await wifi({})).toMatchObject([
      { status: 'warning', hint: 'sudo apt install iw, then run this again' },
    ])
    const commands = {
      'iw dev wlan0 get power_save': fails('command failed: Operation not supported (-95)', 161),
    }
    expect(await wifi({ commands })).toMatchObject([{ status: 'warning' }])
  })

  test('with a weak signal is a warning', async () => {
    const files = {
      '/proc/net/wireless':
        'Inter-| sta-|   Quality        |   Discarded packets               | Missed | WE\n' +
        ' face | tus | link level noise |  nwid  crypt   frag  retry   misc | beacon | 22\n' +
        ' wlan0: 0000   28.  -82.  -256        0      0      0      0      4        0\n',
    }
    const commands = { 'iw dev wlan0 get power_save': 'Power save: off\n' }
    expect(await wifi({ files, commands })).toMatchObject([
      { status: 'ok' },
      { id: 'wifi-signal', detail: 'the Wi-Fi signal is weak (-82 dBm)' },
    ])
    expect(parseWireless(files['/proc/net/wireless']).get('wlan0')).toBe(-82)
  })

  test('that does not exist is not reported', async () =>
    expect(await wifi({ links: {}, folders: { '/sys/class/net': ['eth0'] } })).toEqual([]))
})

describe('STUN', () => {
  test.each([
    [{ kind: 'unknown-name' }, 'this host name does not exist'],
    [{ kind: 'no-dns' }, 'its name cannot be resolved: no DNS server responds'],
    [{ kind: 'unreachable' }, 'is unreachable: no route to the host, or the port is closed'],
    [{ kind: 'silent' }, 'does not respond'],
  ] as const)('%j is a warning with a hint', (answer, detail) =>
    expect(assessStun('stun:a.example:3478', answer)).toMatchObject({
      status: 'warning',
      title: 'stun:a.example:3478',
      detail,
      hint: expect.stringContaining('stun-server = ""') as string,
    }),
  )

  test('a server that responds is reported with the public address', () =>
    expect(assessStun('stun:a.example:3478', { kind: 'answered', address: '203.0.113.7' }).detail).toBe(
      'responds; public address 203.0.113.7',
    ))

  test('is queried only if it is configured', async () => {
    const asked: string[] = []
    const about = {
      askStun: async (server: string) => {
        asked.push(server)
        return await Promise.resolve({ kind: 'silent' } as const)
      },
    }
    await checkNetwork(config(), exampleSystem({ about }))
    expect(asked).toEqual([])
    const checks = await checkNetwork(config({ stunServer: 'stun:a.example:3478' }), exampleSystem({ about }))
    expect(asked).toEqual(['stun:a.example:3478'])
    expect(checks.at(-1)).toMatchObject({ id: 'stun', status: 'warning' })
  })
})
